use std::sync::mpsc;

use concurrent_futures::{Future, ThreadPoolExecutor};

use super::Gate;

/// Workers kept busy until released or dropped.
#[derive(Debug)]
pub(crate) struct Held {
    gate: Gate,
    tasks: Vec<Future<()>>,
}

/// Keeps `workers` workers busy; on return their tasks are running.
pub(crate) fn hold(pool: &ThreadPoolExecutor, workers: usize) -> Held {
    let gate = Gate::new();
    let (started, starts) = mpsc::channel();
    let tasks = (0..workers)
        .map(|_| {
            let (gate, started) = (gate.clone(), started.clone());
            pool.submit(move || {
                started.send(()).expect("the test waits for all starts");
                gate.wait();
            })
        })
        .collect();
    for _ in 0..workers {
        starts.recv().expect("a worker for each task");
    }
    Held { gate, tasks }
}

impl Held {
    /// Lets the tasks end.
    pub(crate) fn release(&self) {
        self.gate.open();
    }

    pub(crate) fn tasks(&self) -> &[Future<()>] {
        &self.tasks
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.release();
    }
}
