//! What a pool tells the [`metrics`] facade; see [`Builder::metrics`](crate::Builder::metrics).
//!
//! All of it is told when it happens, and nothing is ever read from the pool: so it is exact whenever
//! an exporter looks, no thread has to look after it, and pools of the same name add up.

use crate::observer::{EnqueuedTask, FinishedTask, Observer, StartedTask, TaskOutcome};
use metrics::{
    Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram,
    gauge, histogram,
};
use std::sync::Arc;

const WORKERS: &str = "concurrent_futures_workers";
const IDLE: &str = "concurrent_futures_workers_idle";
const QUEUED: &str = "concurrent_futures_tasks_queued";
const RUNNING: &str = "concurrent_futures_tasks_running";
const SUBMITTED: &str = "concurrent_futures_tasks_submitted_total";
const COMPLETED: &str = "concurrent_futures_tasks_completed_total";
const FAILED: &str = "concurrent_futures_tasks_failed_total";
const CANCELLED: &str = "concurrent_futures_tasks_cancelled_total";
const REJECTED: &str = "concurrent_futures_tasks_rejected_total";
const WAIT: &str = "concurrent_futures_task_queue_wait_seconds";
const RUN: &str = "concurrent_futures_task_run_seconds";
const CPU: &str = "concurrent_futures_task_cpu_seconds";

/// The metrics of one pool.
pub(crate) struct Meters {
    pub(crate) workers: Gauge,
    pub(crate) idle: Gauge,
    queued: Gauge,
    running: Gauge,
    submitted: Counter,
    completed: Counter,
    failed: Counter,
    cancelled: Counter,
    rejected: Counter,
    wait: Histogram,
    run: Histogram,
    cpu: Histogram,
}

impl Meters {
    /// Of the recorder that is installed.
    pub(crate) fn of(pool: &str) -> Arc<Self> {
        describe();
        let gauge = |name| gauge!(name, "pool" => pool.to_owned());
        let counter = |name| counter!(name, "pool" => pool.to_owned());
        let histogram = |name| histogram!(name, "pool" => pool.to_owned());
        let meters = Self {
            workers: gauge(WORKERS),
            idle: gauge(IDLE),
            queued: gauge(QUEUED),
            running: gauge(RUNNING),
            submitted: counter(SUBMITTED),
            completed: counter(COMPLETED),
            failed: counter(FAILED),
            cancelled: counter(CANCELLED),
            rejected: counter(REJECTED),
            wait: histogram(WAIT),
            run: histogram(RUN),
            cpu: histogram(CPU),
        };
        meters.show();
        Arc::new(meters)
    }

    /// Lets an exporter see them before anything has happened.
    fn show(&self) {
        for gauge in [&self.workers, &self.idle, &self.queued, &self.running] {
            gauge.increment(0.0);
        }
        let counters = [
            &self.submitted,
            &self.completed,
            &self.failed,
            &self.cancelled,
            &self.rejected,
        ];
        for counter in counters {
            counter.increment(0);
        }
    }

    fn ended(&self, outcome: TaskOutcome) -> &Counter {
        match outcome {
            TaskOutcome::Completed => &self.completed,
            TaskOutcome::Cancelled => &self.cancelled,
            TaskOutcome::Rejected => &self.rejected,
            TaskOutcome::Failed
            | TaskOutcome::Panicked
            | TaskOutcome::DeadlineExceeded
            | TaskOutcome::Discarded
            | TaskOutcome::Broken => &self.failed,
        }
    }
}

impl Observer for Meters {
    fn enqueued(&self, _: &EnqueuedTask) {
        self.submitted.increment(1);
        self.queued.increment(1.0);
    }

    fn started(&self, task: &StartedTask<'_>) {
        self.queued.decrement(1.0);
        self.running.increment(1.0);
        self.wait.record(task.queue_wait());
    }

    fn finished(&self, task: &FinishedTask<'_>) {
        match &task.run {
            Some(run) => {
                self.running.decrement(1.0);
                self.run.record(run.time);
                self.cpu.record(run.cpu);
            }
            None => self.queued.decrement(1.0),
        }
        self.ended(task.outcome).increment(1);
    }
}

fn describe() {
    describe_gauge!(WORKERS, Unit::Count, "Worker threads of the pool.");
    describe_gauge!(
        IDLE,
        Unit::Count,
        "Workers that sleep because there is no task."
    );
    describe_gauge!(QUEUED, Unit::Count, "Tasks that have not started.");
    describe_gauge!(RUNNING, Unit::Count, "Tasks that run.");
    describe_counter!(
        SUBMITTED,
        Unit::Count,
        "Tasks that came, whatever became of them."
    );
    describe_counter!(COMPLETED, Unit::Count, "Tasks that ended with a value.");
    describe_counter!(
        FAILED,
        Unit::Count,
        "Tasks that ended with an error or a panic, or could not run."
    );
    describe_counter!(
        CANCELLED,
        Unit::Count,
        "Tasks that were cancelled before they ran."
    );
    describe_counter!(
        REJECTED,
        Unit::Count,
        "Tasks that were not taken: shut down, or queue full."
    );
    describe_histogram!(
        WAIT,
        Unit::Seconds,
        "From the submit of a task to its start."
    );
    describe_histogram!(RUN, Unit::Seconds, "From the start of a task to its end.");
    describe_histogram!(
        CPU,
        Unit::Seconds,
        "For how long of that it used a processor."
    );
}
