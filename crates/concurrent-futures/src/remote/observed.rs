//! What observers are told of calls. A backend knows of the run of a call only when it has ended, so it is told as
//! started and finished together, with the times that the worker has measured.

use super::{CallError, Outcome, Run};
use crate::{
    Observer,
    observer::TaskOutcome,
    observing::{Audience as All, Observation, Observers, RunTimes},
};
use std::{fmt, panic::Location, sync::Arc};

/// Who is told what becomes of calls, as [`Builder::observer`](crate::Builder::observer) has it told of the tasks
/// of a pool.
///
/// ```
/// use concurrent_futures::{FinishedTask, Observer, remote::{Audience, Outcome, Run}};
/// use std::{panic::Location, time::Duration};
///
/// struct Print;
///
/// impl Observer for Print {
///     fn finished(&self, fact: &FinishedTask<'_>) {
///         println!("{:?} {} on {:?}", fact.task.name, fact.outcome, fact.run.map(|run| run.worker));
///     }
/// }
///
/// let observed = Audience::new(Print).enqueued("thumbnail@1", Location::caller());
/// let run = Run::new("host-1", Duration::from_millis(2), Duration::from_millis(30));
/// observed.ended(&Outcome::Returned(Vec::new()), Some(&run));
/// ```
#[derive(Clone)]
pub struct Audience(Arc<All>);

/// A call that was told as enqueued. Dropped, it is told as cancelled.
#[must_use]
pub struct Observed(Observation);

impl Audience {
    /// One observer.
    pub fn new(observer: impl Observer) -> Self {
        let mut observers = Observers::default();
        observers.add(observer);
        Self(All::new(observers))
    }

    /// Tells that a call of this task has been started, there.
    pub fn enqueued(&self, task: &str, location: &'static Location<'static>) -> Observed {
        Observed(self.0.observe_remote(task.into(), location))
    }
}

impl Observed {
    /// Tells that it has ended; to be called before its outcome can be seen.
    pub fn ended(mut self, outcome: &Outcome, run: Option<&Run>) {
        let kind = match outcome {
            Outcome::Returned(_) => TaskOutcome::Completed,
            Outcome::Panicked(_) => TaskOutcome::Panicked,
            Outcome::Cancelled => TaskOutcome::Cancelled,
            Outcome::Refused(error) => match error {
                CallError::Task(_) | CallError::UnknownTask(_) | CallError::Codec(_) => {
                    TaskOutcome::Failed
                }
                CallError::BrokenWorker { .. } | CallError::Lost => TaskOutcome::Broken,
                _ => TaskOutcome::Rejected,
            },
        };
        match run {
            Some(run) => {
                let times = RunTimes {
                    queue_wait: run.queue_wait,
                    run: run.time,
                };
                self.0.finish_remote(&run.worker, times, kind);
            }
            None => self.0.end(kind),
        }
    }
}

impl fmt::Debug for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audience").finish_non_exhaustive()
    }
}

impl fmt::Debug for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observed").finish_non_exhaustive()
    }
}
