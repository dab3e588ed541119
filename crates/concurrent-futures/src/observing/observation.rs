//! The facts of one task.

use super::{Audience, Moment, moment::nanos_of, registry, running};
use crate::{
    error::TaskError,
    observer::{EnqueuedTask, FinishedTask, Observer, StartedTask, TaskOutcome, TaskRun},
    task::{Ending, post::ThreadName, slot::Outcome},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Told as enqueued. It is told as finished once, at the latest when it is dropped. Those who are told are
/// given by who has them at hand.
pub(crate) struct Observation {
    whose: Whose,
    task: EnqueuedTask,
}

/// Who is told.
enum Whose {
    /// Those with this number.
    Numbered(u64),
    /// They themselves, since the task may outlive its pool.
    Own(Arc<Audience>),
    /// Nobody: all were told of the end.
    Nobody,
}

/// What is known of the task while it runs.
#[must_use]
pub(crate) struct Run {
    worker: ThreadName,
    started: Instant,
}

/// How long a task was queued and ran that did so elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct RunTimes {
    pub(crate) queue_wait: Duration,
    pub(crate) run: Duration,
}

impl Observation {
    /// Of a task that was told as enqueued.
    #[inline]
    pub(super) fn told(audience: &Audience, task: EnqueuedTask) -> Self {
        Self {
            whose: Whose::Numbered(audience.number),
            task,
        }
    }

    /// The same for a follow-up, which may be due when its pool is gone.
    pub(super) fn told_last(audience: &Arc<Audience>, task: EnqueuedTask) -> Self {
        Self {
            whose: Whose::Own(Arc::clone(audience)),
            task,
        }
    }

    pub(crate) fn enqueued(&self) -> Instant {
        self.task.enqueued
    }

    /// The calling thread is about to run the task.
    pub(crate) fn start(&self, audience: Option<&Audience>) -> Run {
        let worker = ThreadName::of_this();
        let Moment { at: started, nanos } = Moment::now();
        running::begin(self.task.id, nanos);
        let fact = StartedTask {
            task: &self.task,
            worker: worker.get(),
            started,
            started_nanos: nanos,
        };
        self.tell(audience, |observer| observer.started(&fact));
        Run { worker, started }
    }

    /// It has run.
    pub(crate) fn finish(&mut self, run: &Run, outcome: TaskOutcome, audience: Option<&Audience>) {
        let Moment {
            at: finished,
            nanos,
        } = Moment::now();
        let spent = running::end(nanos);
        self.tell_finished(
            finished,
            outcome,
            Some(TaskRun {
                worker: run.worker.get(),
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
        let EnqueuedTask {
            enqueued,
            enqueued_nanos,
            ..
        } = self.task;
        let started = enqueued.checked_add(times.queue_wait).unwrap_or(enqueued);
        let finished = started.checked_add(times.run).unwrap_or(started);
        let fact = StartedTask {
            task: &self.task,
            worker,
            started,
            started_nanos: enqueued_nanos.saturating_add(nanos_of(times.queue_wait)),
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
        self.tell_finished(finished, outcome, Some(run), None);
    }

    /// It will not run.
    pub(crate) fn end(&mut self, outcome: TaskOutcome) {
        self.tell_finished(Instant::now(), outcome, None, None);
    }

    fn tell_finished(
        &mut self,
        finished: Instant,
        outcome: TaskOutcome,
        run: Option<TaskRun<'_>>,
        audience: Option<&Audience>,
    ) {
        let fact = FinishedTask {
            task: &self.task,
            outcome,
            finished,
            run,
        };
        self.tell(audience, |observer| observer.finished(&fact));
        self.whose = Whose::Nobody;
    }

    fn tell(&self, audience: Option<&Audience>, what: impl Fn(&dyn Observer)) {
        match (audience, &self.whose) {
            (_, Whose::Nobody) => {}
            (Some(audience), _) => audience.tell(what),
            (None, Whose::Own(audience)) => audience.tell(what),
            (None, Whose::Numbered(number)) => {
                if let Some(audience) = registry::find(*number) {
                    audience.tell(what);
                }
            }
        }
    }
}

/// By whatever way the task goes.
impl Drop for Observation {
    fn drop(&mut self) {
        if !matches!(self.whose, Whose::Nobody) {
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
            Ending::Shutdown | Ending::QueueFull | Ending::Forked => Self::Rejected,
            Ending::Discarded => Self::Discarded,
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::{error::BrokenThreadPool, unwind::Contained};
    use std::io;

    #[test]
    fn a_task_that_did_not_run_ends_alike_by_its_ending_and_by_its_outcome() {
        let error = Contained::new("an error", io::Error::other("no threads"));
        let broken = BrokenThreadPool::new("worker".to_owned(), "no".into());
        for (ending, outcome) in [
            (Ending::Cancelled, TaskOutcome::Cancelled),
            (Ending::DeadlineExceeded, TaskOutcome::DeadlineExceeded),
            (Ending::Broken(broken), TaskOutcome::Broken),
            (Ending::NoThread(Arc::new(error)), TaskOutcome::Broken),
            (Ending::Shutdown, TaskOutcome::Rejected),
            (Ending::QueueFull, TaskOutcome::Rejected),
            (Ending::Forked, TaskOutcome::Rejected),
            (Ending::Discarded, TaskOutcome::Discarded),
        ] {
            assert_eq!(TaskOutcome::from(&ending), outcome);
            let error: TaskError<()> = ending.error().unwrap_or(TaskError::Cancelled);
            assert_eq!(TaskOutcome::of(&Err::<(), _>(error)), outcome);
        }
    }

    #[test]
    fn a_task_that_ran_ends_as_it_returned() {
        assert_eq!(
            TaskOutcome::of(&Ok::<_, TaskError<()>>(())),
            TaskOutcome::Completed
        );
        let failed = Err::<(), _>(TaskError::Failed(()));
        assert_eq!(TaskOutcome::of(&failed), TaskOutcome::Failed);
    }
}
