//! The local executor: the same registry and the same codec as elsewhere.

#[path = "../../concurrent-futures/tests/it/support/watchdog.rs"]
mod watchdog;

use concurrent_futures::{
    Future, Promise, TaskError, ThreadPoolExecutor,
    remote::{Backend, Call, CallError, Outcome, Reply},
};
use concurrent_futures_remote::{Executor, Registry, Task};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering::SeqCst},
    mpsc::{Receiver, channel},
};
use watchdog::watchdog;

static DOUBLE: Task<u64, u64> = Task::new("double@1");
static BYTES: Task<usize, Vec<u8>> = Task::new("bytes@1");
static SIZE: Task<Vec<u8>, usize> = Task::new("size@1");
static PANIC: Task<String, ()> = Task::new("panic@1");
static GATE: Task<u64, u64> = Task::new("gate@1");
static MISTYPED: Task<String, u64> = Task::new("double@1");

fn registry() -> Registry {
    Registry::new()
        .add(&DOUBLE, |n| 2 * n)
        .add(&BYTES, |size| vec![0; size])
        .add(&SIZE, |bytes| bytes.len())
        .add(&PANIC, |text| panic!("{text}"))
}

/// Runs `GATE` only when told to, and counts it.
fn gated(slots: usize) -> (Executor, std::sync::mpsc::Sender<()>, Arc<AtomicUsize>) {
    let (open, gate) = channel();
    let (gate, ran) = (Mutex::new(gate), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&ran);
    let wait = move |gate: &Mutex<Receiver<()>>| {
        let _ = gate.lock().unwrap().recv();
    };
    let registry = registry().add(&GATE, move |n| {
        count.fetch_add(1, SeqCst);
        wait(&gate);
        n
    });
    (Executor::local_with(slots, registry), open, ran)
}

fn failure<T: std::fmt::Debug>(future: Future<T, CallError>) -> CallError {
    match future.result() {
        Err(TaskError::Failed(error)) => error,
        other => panic!("no failure: {other:?}"),
    }
}

#[test]
fn what_cannot_travel_fails_here_too() {
    let executor = Executor::local_with(1, registry());
    let too_large = |size| CallError::TooLarge {
        size,
        limit: 1 << 20,
    };
    assert!(matches!(
        failure(executor.submit(&SIZE, vec![0; 2 << 20])),
        CallError::TooLarge { .. }
    ));
    assert_eq!(
        failure(executor.submit(&BYTES, 1 << 20)),
        too_large((1 << 20) + 5)
    );
    assert!(matches!(
        failure(executor.submit(&MISTYPED, "x".into())),
        CallError::Codec(_)
    ));
    assert_eq!(
        failure(executor.submit(&GATE, 1)),
        CallError::UnknownTask("gate@1".into())
    );
}

#[test]
fn what_cannot_be_written_is_an_error_of_the_codec() {
    struct Unwritable;
    impl serde::Serialize for Unwritable {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("it does not want to"))
        }
    }
    static STUBBORN: Task<Unwritable, ()> = Task::new("stubborn@1");
    let error = failure(Executor::local_with(1, registry()).submit(&STUBBORN, Unwritable));
    let text = "the arguments of stubborn@1 cannot be written: it does not want to";
    assert_eq!(error, CallError::Codec(text.to_owned()));
}

#[test]
fn a_panic_is_a_result() {
    let future = Executor::local_with(1, registry()).submit(&PANIC, "disk on fire".into());
    match future.result() {
        Err(TaskError::Panicked(panic)) => assert_eq!(panic.message(), "disk on fire"),
        other => panic!("no panic: {other:?}"),
    }
}

#[test]
fn cancel_is_true_of_what_is_queued_and_false_of_what_runs() {
    watchdog(|| {
        let (executor, open, ran) = gated(1);
        let running = executor.submit(&GATE, 1);
        let queued = executor.submit(&GATE, 2);
        while ran.load(SeqCst) == 0 {
            std::thread::yield_now();
        }
        assert!(!running.cancel() && queued.cancel() && queued.cancelled());
        drop(open);
        assert_eq!(running.result().unwrap(), 1);
        assert_eq!(ran.load(SeqCst), 1);
        assert_eq!(executor.stats().cancelled, 1);
    });
}

#[test]
fn calls_of_one_key_run_once() {
    watchdog(|| {
        let (executor, open, ran) = gated(4);
        let futures: Vec<_> = (0..5)
            .map(|n| executor.call(&GATE, n).key("k").submit())
            .collect();
        drop(open);
        let results: Vec<_> = futures.into_iter().map(|f| f.result().unwrap()).collect();
        assert!(results.iter().all(|n| *n == results[0]));
        assert_eq!(
            executor.call(&GATE, 9).key("k").submit().result().unwrap(),
            results[0]
        );
        assert_eq!(
            executor
                .attach(&GATE, executor.call(&GATE, 0).key("k").id())
                .result()
                .unwrap(),
            results[0]
        );
        assert_eq!(ran.load(SeqCst), 1);
    });
}

#[test]
fn a_key_has_a_length() {
    let executor = Executor::local_with(1, registry());
    for key in [String::new(), "x".repeat(257)] {
        let error = failure(executor.call(&DOUBLE, 1).key(key).submit());
        assert!(matches!(error, CallError::Refused(_)), "{error}");
    }
    let longest = executor.call(&DOUBLE, 1).key("x".repeat(256)).submit();
    assert_eq!(longest.result().unwrap(), 2);
}

#[test]
fn a_closed_executor_says_so() {
    watchdog(|| {
        let (executor, open, _) = gated(1);
        let pending = executor.submit(&GATE, 1);
        executor.close();
        assert_eq!(failure(pending), CallError::Closed);
        assert_eq!(failure(executor.submit(&DOUBLE, 1)), CallError::Closed);
        drop(open);
    });
}

#[test]
fn futures_outlive_their_executor() {
    watchdog(|| {
        let futures: Vec<_> = (0..100)
            .map(|n| Executor::local_with(2, registry()).submit(&DOUBLE, n))
            .collect();
        for (n, future) in futures.into_iter().enumerate() {
            assert_eq!(future.result().unwrap(), 2 * n as u64);
        }
    });
}

#[test]
fn a_map_reads_no_more_than_it_may() {
    watchdog(|| {
        let executor = Executor::local_with(2, registry());
        let read = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&read);
        let inputs = (0..100).inspect(move |_| drop(count.fetch_add(1, SeqCst).to_string()));
        let mut map = executor.map(&DOUBLE, inputs).buffer_size(5);
        assert_eq!(read.load(SeqCst), 0);
        for n in 0..10 {
            assert_eq!(map.next().unwrap().unwrap(), 2 * n);
            assert!(read.load(SeqCst) <= 5 + usize::try_from(n).unwrap());
        }
    });
}

/// A backend of somebody else's.
struct Forgetful;

impl Backend for Forgetful {
    fn start(&self, call: Call, reply: Reply) {
        if call.task == "double@1" {
            reply.send(Outcome::Returned(vec![7]));
        }
    }

    fn revoke(&self, _: &str) {}

    fn close(&self) {}
}

#[test]
fn other_backends_may_be_used() {
    let executor = Executor::on(Arc::new(Forgetful), ThreadPoolExecutor::new());
    assert_eq!(executor.submit(&DOUBLE, 1).result().unwrap(), 7);
    assert_eq!(failure(executor.submit(&SIZE, vec![])), CallError::Lost);
    assert!(matches!(
        failure(executor.attach(&DOUBLE, "a.1")),
        CallError::UnknownCall(_)
    ));
    let (promise, future) = Promise::<u64, CallError>::new();
    promise.set_result(1).unwrap();
    assert_eq!(future.result().unwrap(), 1);
}
