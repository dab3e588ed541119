//! Thread factories that do not run what they are given.

use std::sync::{Arc, Mutex};

use concurrent_futures::{TaskError, ThreadPoolExecutor, WorkerThread};

use crate::support::watchdog;

#[test]
fn a_worker_that_is_dropped_at_once_was_not_started() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .thread_factory(|worker| {
                drop(worker);
                std::thread::Builder::new().spawn(|| ())
            })
            .build()
            .unwrap();
        let Err(TaskError::Rejected(error)) = pool.submit(|| ()).result() else {
            panic!("nobody can run it");
        };
        assert!(error.is_thread_start());
        assert!(
            error.to_string().contains("did not run the worker"),
            "{error}"
        );
    });
}

#[test]
fn a_worker_that_is_dropped_later_fails_what_counts_on_it() {
    watchdog(|| {
        let kept = Arc::new(Mutex::new(Vec::<WorkerThread>::new()));
        let keep = Arc::clone(&kept);
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .thread_name_prefix("kept")
            .thread_factory(move |worker| {
                keep.lock().unwrap().push(worker);
                std::thread::Builder::new().spawn(|| ())
            })
            .build()
            .unwrap();
        let future = pool.submit(|| ());
        let workers = std::mem::take(&mut *kept.lock().unwrap());
        assert_eq!(workers.len(), 1);
        let shown = format!("{:?}", workers[0]);
        assert!(
            shown.starts_with("WorkerThread { name: \"kept_0\""),
            "{shown}"
        );
        assert!(!future.done());
        drop(workers);
        let Err(TaskError::Rejected(error)) = future.result() else {
            panic!("nobody can run it");
        };
        assert!(error.is_thread_start());
        assert!(error.to_string().contains("dropped a worker"), "{error}");
    });
}
