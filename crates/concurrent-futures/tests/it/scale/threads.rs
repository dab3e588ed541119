//! Thousands of workers.

use std::{
    collections::HashSet,
    io::{self, Write},
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

use concurrent_futures::ThreadPoolExecutor;

use crate::support::{Gate, alone, watchdog_for};

const WORKERS: usize = 4096;
const STACK: usize = 64 * 1024;
const SKIPPED: &str = "skipped, this system does not give";
const PATIENCE: Duration = Duration::from_secs(300);

/// Whether the system gives this process so many threads more.
fn threads_to_be_had(count: usize) -> io::Result<()> {
    let gate = Gate::new();
    let threads: Result<Vec<_>, _> = (0..count)
        .map(|_| {
            let gate = gate.clone();
            thread::Builder::new()
                .stack_size(STACK)
                .spawn(move || gate.wait())
        })
        .collect();
    gate.open();
    for thread in threads? {
        thread.join().expect("it only waits");
    }
    Ok(())
}

#[test]
fn thousands_of_workers_run_at_once_and_are_joined() {
    // In a process of its own: the threads of other tests count as well.
    let written = alone(&[], || {
        watchdog_for(PATIENCE, || {
            if let Err(refusal) = threads_to_be_had(WORKERS + 8) {
                println!("{SKIPPED} {WORKERS} threads: {refusal}");
                return;
            }
            let pool = ThreadPoolExecutor::builder()
                .max_workers(WORKERS)
                .stack_size(STACK)
                .build()
                .unwrap();
            let meeting = Arc::new(Barrier::new(WORKERS));
            let tasks: Vec<_> = (0..WORKERS)
                .map(|_| {
                    let meeting = Arc::clone(&meeting);
                    pool.submit(move || {
                        meeting.wait();
                        thread::current().id()
                    })
                })
                .collect();
            let tasks = tasks.into_iter().map(|task| task.result().unwrap());
            assert_eq!(tasks.collect::<HashSet<_>>().len(), WORKERS);
            assert_eq!(pool.worker_count(), WORKERS);

            let meeting = Barrier::new(WORKERS);
            let items = pool.map(0..WORKERS, move |_| meeting.wait().is_leader());
            assert_eq!(items.map(Result::unwrap).count(), WORKERS);
            pool.shutdown();
            assert_eq!(pool.worker_count(), 0);
        });
    });
    let written = written.unwrap_or_default();
    if let Some(reason) = written.lines().find(|line| line.contains(SKIPPED)) {
        // Written past the harness, which shows nothing of a test that passes.
        let _ = writeln!(io::stderr(), "\n{reason}");
    }
}
