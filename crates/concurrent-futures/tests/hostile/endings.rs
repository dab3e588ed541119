//! What does end the process, in Rust, whosever code it is: no pool can come between.

use std::{
    alloc::{Layout, alloc, handle_alloc_error},
    cell::RefCell,
    hint::black_box,
    os::unix::process::ExitStatusExt,
    panic,
    process::{self, ExitStatus},
};

use nix::sys::{
    resource::{Resource, setrlimit},
    signal::{Signal, raise},
};

use crate::support::{end_of, hold, pool, watchdog};

/// Runs `task` on a pool that has other tasks. It ends this process.
fn run(task: impl FnOnce() + Send + 'static) {
    setrlimit(Resource::RLIMIT_CORE, 0, 0).expect("less is allowed");
    watchdog(|| {
        let pool = pool(2);
        let _held = hold(&pool, 1);
        let ends = pool.submit(task);
        drop(ends.result());
        unreachable!("the process goes on");
    });
}

type Ended = Option<(ExitStatus, String)>;

fn ended_by(signal: Signal, ended: &Ended, says: &str) {
    if let Some((end, written)) = ended {
        assert_eq!(end.signal(), Some(signal as i32), "{end}\n{written}");
        assert!(written.contains(says), "{written}");
    }
}

struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("a second panic");
    }
}

#[test]
fn a_second_panic_that_leaves_a_drop() {
    let ended = end_of(&[], || {
        run(|| {
            let _second = PanicsOnDrop;
            panic!("a first panic");
        });
    });
    ended_by(
        Signal::SIGABRT,
        &ended,
        "panic in a destructor during cleanup",
    );
}

#[test]
fn a_panic_in_the_destructor_of_a_workers_thread_local() {
    thread_local!(static LOCAL: RefCell<Option<PanicsOnDrop>> = const { RefCell::new(None) });
    let ended = end_of(&[], || {
        setrlimit(Resource::RLIMIT_CORE, 0, 0).expect("less is allowed");
        watchdog(|| {
            let pool = pool(1);
            let task = pool.submit(|| LOCAL.set(Some(PanicsOnDrop)));
            task.result().unwrap();
            // Its worker ends here, and with it the thread-locals.
            pool.shutdown();
            unreachable!("the process goes on");
        });
    });
    ended_by(Signal::SIGABRT, &ended, "panicked on drop");
}

#[test]
fn a_panic_in_the_panic_hook() {
    let ended = end_of(&[], || {
        run(|| {
            panic::set_hook(Box::new(|_| panic!("the hook")));
            panic!("a task");
        });
    });
    ended_by(Signal::SIGABRT, &ended, "");
}

#[test]
fn a_recursion_without_an_end() {
    fn endless(depth: u64) -> u64 {
        let frame = black_box([depth; 64]);
        if frame[0] == u64::MAX {
            return 0;
        }
        frame[0] + endless(depth + 1)
    }
    let ended = end_of(&[], || {
        run(|| {
            black_box(endless(0));
        });
    });
    ended_by(Signal::SIGABRT, &ended, "has overflowed its stack");
}

#[test]
fn memory_that_is_not_to_be_had() {
    let ended = end_of(&[], || {
        run(|| {
            let layout = Layout::from_size_align(isize::MAX as usize - 4096, 1).unwrap();
            // SAFETY: the size is not zero.
            assert!(unsafe { alloc(layout) }.is_null());
            handle_alloc_error(layout);
        });
    });
    ended_by(Signal::SIGABRT, &ended, "memory allocation of");
}

#[test]
fn a_call_of_exit() {
    let ended = end_of(&[], || run(|| process::exit(41)));
    if let Some((end, written)) = ended {
        assert_eq!(end.code(), Some(41), "{written}");
    }
}

#[test]
fn a_request_to_terminate() {
    let ended = end_of(&[], || run(|| raise(Signal::SIGTERM).unwrap()));
    ended_by(Signal::SIGTERM, &ended, "");
}

#[test]
fn an_interrupt() {
    let ended = end_of(&[], || run(|| raise(Signal::SIGINT).unwrap()));
    ended_by(Signal::SIGINT, &ended, "");
}
