//! What a host's tasks are written down in.

use crate::{
    EnqueuedTask, FinishedTask, Observer, Profile, ProfileOptions, StartedTask,
    profile::{Computing, Recorder},
};
use std::fmt;

/// An observer that writes down the tasks of one [pool](super::Pool) or of several.
pub struct Recording(Recorder);

impl Recording {
    /// Of no tasks yet.
    pub fn new() -> Self {
        Self(Recorder::new(ProfileOptions::new()))
    }

    /// All of it until now, as that of one pool with so many workers.
    pub fn profile(&self, name: &str, max_workers: usize) -> Profile {
        Profile::of(&self.0, name.into(), max_workers)
    }

    /// The same where the host lets one thread compute at a time. What tasks have waited for each other's
    /// turn is then reckoned, and counts as waiting for a processor.
    pub fn profile_in_turns(&self, name: &str, max_workers: usize) -> Profile {
        Profile::on(&self.0, name.into(), max_workers, Computing::InTurns)
    }
}

impl Default for Recording {
    fn default() -> Self {
        Self::new()
    }
}

impl Observer for Recording {
    fn enqueued(&self, task: &EnqueuedTask) {
        self.0.enqueued(task);
    }

    fn started(&self, task: &StartedTask<'_>) {
        self.0.started(task);
    }

    fn finished(&self, task: &FinishedTask<'_>) {
        self.0.finished(task);
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::Recording;
    use crate::{
        TaskOutcome,
        rim::{
            Pool,
            facts_tests::{Silent, settings},
        },
    };
    use std::sync::Arc;

    #[test]
    fn it_has_the_tasks_of_all_its_pools() {
        let recording = Arc::new(Recording::new());
        let pools = ["one", "two"].map(|prefix| {
            Pool::observed(settings(prefix), Arc::new(Silent), Arc::clone(&recording))
        });
        for pool in &pools {
            let ran = pool.observe(Some("ran".into())).expect("an observer");
            let run = ran.start();
            ran.finish(run, TaskOutcome::Completed);
            drop(pool.observe(None));
        }
        let profile = recording.profile("both", 2);
        let counts = profile.counts();
        assert_eq!((counts.completed, counts.cancelled), (2, 2));
        assert_eq!((profile.pool_name(), profile.max_workers()), ("both", 2));
        assert_eq!(recording.profile_in_turns("both", 2).processors(), 1);
    }
}
