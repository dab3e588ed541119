use crate::watchdog;
use concurrent_futures::{
    Future, Promise, TaskError, ThreadPoolExecutor, as_completed,
    remote::{Backend, Call, CallError, Outcome, Reply},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// Keeps its calls until it is told what becomes of them.
#[derive(Default)]
struct Desk(Mutex<HashMap<String, (Call, Reply)>>);

impl Desk {
    fn take(&self, id: &str) -> Option<(Call, Reply)> {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.remove(id)
    }
}

impl Backend for Desk {
    fn start(&self, call: Call, reply: Reply) {
        self.0
            .lock()
            .unwrap()
            .insert(call.id.clone(), (call, reply));
    }

    fn revoke(&self, id: &str) {
        if let Some((_, reply)) = self.take(id) {
            reply.send(Outcome::Cancelled);
        }
    }

    fn close(&self) {
        let calls: Vec<_> = self.0.lock().unwrap().drain().collect();
        for (_, (_, reply)) in calls {
            reply.send(Outcome::Refused(CallError::Closed));
        }
    }
}

fn call(desk: &Arc<Desk>, id: usize) -> Future<Vec<u8>, CallError> {
    let backend: Arc<dyn Backend> = Arc::clone(desk) as _;
    let (id, revoked) = (id.to_string(), id.to_string());
    let asked = Arc::clone(&backend);
    let promise = Promise::builder().revoke(move || asked.revoke(&revoked));
    let (reply, future) = Reply::decoded_by(promise, Ok);
    backend.start(Call::new(id, "task", b"bytes".to_vec()), reply);
    future
}

#[test]
fn a_backend_completes_cancels_and_closes() {
    let desk = Arc::new(Desk::default());
    let futures: Vec<_> = (0..4).map(|id| call(&desk, id)).collect();
    let (_, reply) = desk.take("0").unwrap();
    reply.send(Outcome::Returned(b"done".to_vec()));
    assert!(!futures[0].cancel() && futures[1].cancel());
    let (_, taken) = desk.take("2").unwrap();
    assert!(!futures[2].cancel() && !futures[2].done());
    drop(taken);
    desk.close();
    let ends: Vec<_> = futures.into_iter().map(Future::result).collect();
    assert!(matches!(&ends[0], Ok(bytes) if bytes == b"done"));
    assert!(matches!(&ends[1], Err(TaskError::Cancelled)));
    assert!(matches!(&ends[2], Err(TaskError::Failed(CallError::Lost))));
    assert!(matches!(
        &ends[3],
        Err(TaskError::Failed(CallError::Closed))
    ));
}

#[test]
fn each_kind_of_outcome_has_its_error() {
    let (reply, future) = Reply::new();
    reply.send(Outcome::Panicked("disk on fire".to_owned()));
    assert!(
        matches!(future.result(), Err(TaskError::Panicked(p)) if p.message() == "disk on fire")
    );
    let (reply, future) = Reply::new();
    reply.send(Outcome::Refused(CallError::BrokenWorker { deaths: 3 }));
    let error = future.result().unwrap_err();
    assert_eq!(
        error.to_string(),
        "3 workers died of the call, or were silent for longer than its lease"
    );
}

#[test]
fn what_cannot_be_decoded_is_an_error_of_the_codec() {
    let decode = |bytes: Vec<u8>| -> Result<u8, CallError> {
        match bytes[..] {
            [byte] => Ok(byte),
            [] => panic!("nothing there"),
            _ => Err(CallError::Codec("too much".to_owned())),
        }
    };
    let ends = [vec![], vec![1], vec![1, 2]].map(|bytes| {
        let (reply, future) = Reply::decoded_by(Promise::builder(), decode);
        reply.send(Outcome::Returned(bytes));
        future.result().map_err(TaskError::into_failure)
    });
    let error = |text: &str| Err(Some(CallError::Codec(text.to_owned())));
    assert_eq!(ends, [error("nothing there"), Ok(1), error("too much")]);
}

#[test]
fn remote_and_local_futures_complete_together() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::new();
        let desk = Arc::new(Desk::default());
        let mut futures: Vec<_> = (0..100).map(|id| call(&desk, id)).collect();
        futures.extend((0..100u8).map(|n| pool.try_submit(move || Ok(vec![n]))));
        let clerk = thread::spawn(move || {
            for id in 0..100 {
                let (call, reply) = desk.take(&id.to_string()).unwrap();
                reply.send(Outcome::Returned(call.arguments));
            }
        });
        assert_eq!(
            as_completed(futures)
                .filter_map(|future| future.result().ok())
                .count(),
            200
        );
        clerk.join().unwrap();
    });
}
