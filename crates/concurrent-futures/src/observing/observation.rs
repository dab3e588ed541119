//! The facts of one task.

use super::{Audience, registry, running::Running};
use crate::{
    error::TaskError,
    observer::{EnqueuedTask, FinishedTask, Observer, StartedTask, TaskOutcome, TaskRun},
    task::{Ending, post::thread_name, slot::Outcome},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Told as enqueued. It is told as finished once, at the latest when it is dropped. Those who are told are
/// given by who has them at hand.
pub(crate) struct Observation {
    /// The number of those who are told.
    audience: u64,
    /// They themselves, if the task may outlive its pool.
    own: Option<Arc<Audience>>,
    task: EnqueuedTask,
    finished: bool,
}

/// What is known of the task while it runs.
#[must_use]
pub(crate) struct Run {
    worker: Arc<str>,
    started: Instant,
    running: Running,
}

/// How long a task was queued and ran that did so elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct RunTimes {
    pub(crate) queue_wait: Duration,
    pub(crate) run: Duration,
}

impl Observation {
    /// Of a task that was told as enqueued.
    pub(super) fn told(audience: &Audience, task: EnqueuedTask) -> Self {
        Self {
            audience: audience.number,
            own: None,
            task,
            finished: false,
        }
    }

    /// The same for a follow-up, which may be due when its pool is gone.
    pub(super) fn told_last(audience: &Arc<Audience>, task: EnqueuedTask) -> Self {
        let mut told = Self::told(audience, task);
        told.own = Some(Arc::clone(audience));
        told
    }

    /// The calling thread is about to run the task.
    pub(crate) fn start(&self, audience: Option<&Audience>) -> Run {
        let worker = thread_name();
        let started = Instant::now();
        let running = Running::begin(self.task.id, started);
        let fact = StartedTask {
            task: &self.task,
            worker: &worker,
            started,
        };
        self.tell(audience, |observer| observer.started(&fact));
        Run {
            worker,
            started,
            running,
        }
    }

    /// It has run.
    pub(crate) fn finish(mut self, run: Run, outcome: TaskOutcome, audience: Option<&Audience>) {
        let finished = Instant::now();
        let spent = run.running.end(finished);
        self.tell_finished(
            finished,
            outcome,
            Some(TaskRun {
                worker: &run.worker,
                started: run.started,
                time: spent.time,
                nested: spent.nested,
                cpu: spent.cpu,
                contended: spent.contended,
            }),
            audience,
        );
    }

    /// It has run elsewhere, where it was measured.
    pub(crate) fn finish_remote(
        mut self,
        worker: &Arc<str>,
        times: RunTimes,
        outcome: TaskOutcome,
    ) {
        let started = self.task.enqueued + times.queue_wait;
        let fact = StartedTask {
            task: &self.task,
            worker,
            started,
        };
        self.tell(None, |observer| observer.started(&fact));
        let run = TaskRun {
            worker,
            started,
            time: times.run,
            nested: Duration::ZERO,
            cpu: times.run,
            contended: Duration::ZERO,
        };
        self.tell_finished(started + times.run, outcome, Some(run), None);
    }

    /// It will not run.
    pub(crate) fn end(mut self, outcome: TaskOutcome) {
        self.tell_finished(Instant::now(), outcome, None, None);
    }

    fn tell_finished(
        &mut self,
        finished: Instant,
        outcome: TaskOutcome,
        run: Option<TaskRun<'_>>,
        audience: Option<&Audience>,
    ) {
        self.finished = true;
        let fact = FinishedTask {
            task: &self.task,
            outcome,
            finished,
            run,
        };
        self.tell(audience, |observer| observer.finished(&fact));
    }

    fn tell(&self, audience: Option<&Audience>, what: impl Fn(&dyn Observer)) {
        match audience.or(self.own.as_deref()) {
            Some(audience) => audience.tell(what),
            None => {
                if let Some(audience) = registry::find(self.audience) {
                    audience.tell(what);
                }
            }
        }
    }
}

/// By whatever way the task goes.
impl Drop for Observation {
    fn drop(&mut self) {
        if !self.finished {
            self.tell_finished(Instant::now(), TaskOutcome::Cancelled, None, None);
        }
    }
}

impl TaskOutcome {
    pub(crate) fn of<T, E>(outcome: &Outcome<T, E>) -> Self {
        match outcome {
            Ok(_) => Self::Completed,
            Err(TaskError::Failed(_) | TaskError::Deadlock(_)) => Self::Failed,
            Err(TaskError::Panicked(_)) => Self::Panicked,
            Err(TaskError::Cancelled) => Self::Cancelled,
            Err(TaskError::DeadlineExceeded) => Self::DeadlineExceeded,
            Err(TaskError::Broken(_)) => Self::Broken,
            Err(TaskError::Rejected(reason)) if reason.is_discarded() => Self::Discarded,
            Err(TaskError::Rejected(reason)) if reason.is_thread_start() => Self::Broken,
            Err(TaskError::Rejected(_)) => Self::Rejected,
        }
    }
}

impl From<&Ending> for TaskOutcome {
    fn from(ending: &Ending) -> Self {
        match ending {
            Ending::Cancelled => Self::Cancelled,
            Ending::DeadlineExceeded => Self::DeadlineExceeded,
            Ending::Broken(_) | Ending::NoThread(_) => Self::Broken,
            Ending::Shutdown | Ending::QueueFull => Self::Rejected,
            Ending::Discarded => Self::Discarded,
        }
    }
}
