//! The stack has an end, waiting has none.

use std::{cell::Cell, sync::mpsc, thread, time::Duration};

use concurrent_futures::{Shutdown, TaskError, ThreadPoolExecutor};

use crate::support::{Gate, pool, watchdog};

fn depth(pool: &ThreadPoolExecutor, below: usize) -> usize {
    if below == 0 {
        return 1;
    }
    let own = pool.clone();
    1 + pool
        .submit(move || depth(&own, below - 1))
        .result()
        .unwrap()
}

#[test]
fn ten_thousand_waits_above_each_other_on_one_worker() {
    watchdog(|| {
        let pool = pool(1);
        let own = pool.clone();
        let root = pool.submit(move || depth(&own, 9_999));
        assert_eq!(root.result().unwrap(), 10_000);
        assert_eq!(pool.worker_count(), 1);
    });
}

#[test]
fn a_long_chain_of_follow_ups_is_awaited_on_one_worker() {
    watchdog(|| {
        let pool = pool(1);
        let own = pool.clone();
        let root = pool.submit(move || {
            let first = own.submit(|| 0);
            let chain = (0..10_000).fold(first, |before, _| before.then(|n| n + 1));
            chain.result().unwrap()
        });
        assert_eq!(root.result().unwrap(), 10_000);
    });
}

#[test]
fn a_task_in_the_waiters_stead_runs_on_a_worker_that_is_initialised() {
    thread_local!(static READY: Cell<bool> = const { Cell::new(false) });

    fn all_ready(pool: &ThreadPoolExecutor, below: usize) -> bool {
        let name = thread::current().name().unwrap_or_default().to_owned();
        let here = READY.get() && name.starts_with("deep_");
        if below == 0 {
            return here;
        }
        let own = pool.clone();
        here & pool
            .submit(move || all_ready(&own, below - 1))
            .result()
            .unwrap()
    }

    watchdog(|| {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(1)
            .thread_name_prefix("deep")
            .initializer(|| READY.set(true))
            .build()
            .unwrap();
        let own = pool.clone();
        let root = pool.submit(move || all_ready(&own, 2_000));
        assert!(root.result().unwrap());
    });
}

#[test]
fn a_shutdown_waits_for_those_who_stand_in() {
    watchdog(|| {
        fn dive(pool: &ThreadPoolExecutor, below: usize, bottom: Box<dyn FnOnce() + Send>) {
            if below == 0 {
                return bottom();
            }
            let own = pool.clone();
            let next = pool.submit(move || dive(&own, below - 1, bottom));
            next.result().unwrap();
        }

        let pool = pool(1);
        let gate = Gate::new();
        let (reach, reached) = mpsc::channel();
        let (own, inside) = (pool.clone(), gate.clone());
        let root = pool.submit(move || {
            let bottom = move || {
                reach.send(()).unwrap();
                inside.wait();
            };
            dive(&own, 2_000, Box::new(bottom));
        });
        reached.recv().unwrap();
        let hasty = pool.shutdown_with(Shutdown::new().timeout(Duration::from_millis(1)));
        assert!(hasty.unwrap_err().running().len() > 1);
        gate.open();
        pool.shutdown();
        assert!(root.done());
    });
}

#[test]
fn an_error_comes_up_from_the_depth() {
    fn fail(pool: &ThreadPoolExecutor, below: usize) -> Result<(), usize> {
        if below == 0 {
            return Err(7);
        }
        let own = pool.clone();
        match pool.try_submit(move || fail(&own, below - 1)).result() {
            Err(TaskError::Failed(error)) => Err(error + 1),
            other => panic!("not failed: {other:?}"),
        }
    }
    watchdog(|| {
        let pool = pool(1);
        let own = pool.clone();
        let root = pool.try_submit(move || fail(&own, 2_000));
        assert!(matches!(root.result(), Err(TaskError::Failed(2_007))));
    });
}
