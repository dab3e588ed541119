use crate::watchdog;
use concurrent_futures::{Promise, ReturnWhen, ThreadPoolExecutor, Waitable, as_completed, wait};
use std::sync::mpsc::channel;

#[test]
fn wait_takes_both_kinds() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::new();
        let (promise, remote) = Promise::<&str, String>::new();
        let (open, gate) = channel::<()>();
        let local = pool.submit(move || gate.recv().is_err());
        let keeper = std::thread::spawn(move || promise.set_result("far"));
        let both = [&local as &dyn Waitable, &remote];
        let (done, not_done) = wait(both, ReturnWhen::FirstCompleted);
        assert_eq!((done.len(), not_done.len()), (1, 1));
        assert!(remote.done() && !local.done());
        keeper.join().unwrap().unwrap();
        drop(open);
        wait([&local as &dyn Waitable, &remote], ReturnWhen::AllCompleted);
        assert!(local.done() && remote.done());
    });
}

#[test]
fn as_completed_takes_both_kinds() {
    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .build()
            .unwrap();
        let mut futures = Vec::new();
        let mut promises = Vec::new();
        for n in 0..200 {
            if n % 2 == 0 {
                futures.push(pool.submit(move || n));
            } else {
                let (promise, future) = Promise::<i32>::new();
                promises.push((n, promise));
                futures.push(future);
            }
        }
        let keeper = std::thread::spawn(move || {
            for (n, promise) in promises.into_iter().rev() {
                promise.set_result(n).unwrap();
            }
        });
        let mut seen: Vec<_> = as_completed(futures)
            .map(|future| future.result().unwrap())
            .collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..200).collect::<Vec<_>>());
        keeper.join().unwrap();
    });
}
