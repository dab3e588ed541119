//! A pool with nothing to do does nothing.

use std::{fs, thread, time::Duration};

use concurrent_futures::ThreadPoolExecutor;

use crate::support::{alone, hold, watchdog_for};

const IDLE: Duration = Duration::from_secs(10);

/// How often the threads named so have gone to sleep or been interrupted, and how long they have worked, in ticks.
fn efforts(prefix: &str) -> (usize, Vec<u64>) {
    let mut efforts = Vec::new();
    let mut threads = 0;
    for task in fs::read_dir("/proc/self/task").unwrap() {
        let task = task.unwrap().path();
        let name = fs::read_to_string(task.join("comm")).unwrap();
        if !name.starts_with(prefix) {
            continue;
        }
        threads += 1;
        let status = fs::read_to_string(task.join("status")).unwrap();
        let switches = status.lines().filter(|line| line.contains("ctxt_switches"));
        let number = |line: &str| {
            line.split_whitespace()
                .nth(1)
                .and_then(|n| n.parse::<u64>().ok())
        };
        efforts.extend(switches.filter_map(number));
        let stat = fs::read_to_string(task.join("stat")).unwrap();
        let after_name = stat.rsplit(')').next().unwrap();
        let ticks = after_name.split_whitespace().skip(11).take(2);
        efforts.extend(ticks.filter_map(|n| n.parse::<u64>().ok()));
    }
    (threads, efforts)
}

/// Once there are so many threads at least, and half a second has changed nothing.
fn settled(prefix: &str, threads: usize) -> (usize, Vec<u64>) {
    let mut last = efforts(prefix);
    loop {
        thread::sleep(Duration::from_millis(500));
        let now = efforts(prefix);
        if now == last && now.0 >= threads {
            return now;
        }
        last = now;
    }
}

#[test]
fn ten_seconds_without_a_wake_up() {
    alone(&[], || {
        watchdog_for(3 * IDLE, || {
            let kinds = [
                ThreadPoolExecutor::builder(),
                ThreadPoolExecutor::builder().keep_alive(Duration::MAX),
                ThreadPoolExecutor::builder().queue_capacity(10),
                ThreadPoolExecutor::builder().adaptive(),
            ];
            let pools = kinds.map(|builder| {
                let builder = builder.max_workers(4).thread_name_prefix("idler");
                builder.build().unwrap()
            });
            for pool in &pools {
                pool.prestart(4);
                hold(pool, 1).release();
            }
            // The adaptive one may see no use for all of its own.
            let before = settled("idler", 4 * (pools.len() - 1));
            // It stands for having nothing to do.
            thread::sleep(IDLE);
            assert_eq!(efforts("idler"), before);
        });
    });
}
