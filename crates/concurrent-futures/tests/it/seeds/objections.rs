//! "Those are no real threads", and a reader's question about endless input.

use std::collections::BTreeSet;
use std::sync::{Barrier, mpsc};
use std::thread;

use concurrent_futures::as_completed;

use super::stand_ins::work;
use crate::support::{pool, watchdog};

#[test]
fn workers_are_threads_of_their_own_and_run_at_the_same_time() {
    watchdog(|| {
        let meeting = Barrier::new(4);
        let ids: Vec<_> = pool(4)
            .map(0..4, move |_| {
                meeting.wait();
                format!("{:?}", thread::current().id())
            })
            .map(Result::unwrap)
            .collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 4);
    });
}

#[test]
fn endless_input_is_read_only_as_fast_as_it_is_used() {
    const AT_MOST: usize = 8;
    watchdog(|| {
        let mut pulled = 0;
        let mut lines = (0..200).map(|number| format!("line {number}"));
        let pool = pool(4);
        let (results, consumer) = mpsc::channel();
        let consumer = thread::spawn(move || consumer.iter().collect::<BTreeSet<String>>());

        let mut pending = as_completed([]);
        loop {
            while pending.len() < AT_MOST {
                let Some(line) = lines.next() else { break };
                pulled += 1;
                pending.push(pool.submit(move || {
                    work(u64::from(line.ends_with('7')));
                    format!("{line} sent")
                }));
            }
            assert!(pending.len() <= AT_MOST);
            let Some(future) = pending.next() else { break };
            results.send(future.result().unwrap()).unwrap();
        }
        drop(results);
        let handled = consumer.join().unwrap();
        assert_eq!(pulled, 200);
        assert_eq!(
            handled,
            (0..200)
                .map(|number| format!("line {number} sent"))
                .collect()
        );
    });
}
