//! A profile of what no pool of the crate runs.

use super::{Profile, ProfileOptions, Recorder};
use crate::{EnqueuedTask, FinishedTask, Observer, StartedTask};
use std::fmt;

/// An observer that writes calls down, as a pool with a [profile](crate::Builder::profile) writes down its tasks.
///
/// Of calls, run times are those that the workers have measured; how much of them was processor time is not known, and
/// all of it counts as such.
///
/// ```
/// use concurrent_futures::remote::{Audience, Outcome, Recording, Run};
/// use std::{panic::Location, sync::Arc, time::Duration};
///
/// let recording = Arc::new(Recording::new());
/// let audience = Audience::new(Arc::clone(&recording));
/// let run = Run::new("host-1", Duration::from_millis(2), Duration::from_millis(30));
/// let observed = audience.enqueued("thumbnail@1", Location::caller());
/// observed.ended(&Outcome::Returned(Vec::new()), Some(&run));
/// assert_eq!(recording.profile("thumbnails", 8).counts().completed, 1);
/// ```
pub struct Recording(Recorder);

impl Recording {
    /// Of no calls yet.
    pub fn new() -> Self {
        Self(Recorder::new(ProfileOptions::new()))
    }

    /// All of it until now, as that of one pool with so many workers.
    pub fn profile(&self, name: &str, slots: usize) -> Profile {
        Profile::of(&self.0, name.into(), slots)
    }

    /// The same where a host lets one thread compute at a time. What tasks have waited for each other's
    /// turn is then reckoned, and counts as waiting for a processor.
    #[cfg(feature = "rim")]
    #[doc(hidden)]
    pub fn profile_in_turns(&self, name: &str, max_workers: usize) -> Profile {
        Profile::on(&self.0, name.into(), max_workers, super::Computing::InTurns)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::Audience;
    use std::{panic::Location, sync::Arc};

    #[test]
    fn a_call_that_has_not_begun_is_queued() {
        let recording = Arc::new(Recording::new());
        let audience = Audience::new(Arc::clone(&recording));
        let _observed = audience.enqueued("thumbnail@1", Location::caller());
        let counts = recording.profile("thumbnails", 8).counts();
        assert_eq!((counts.submitted, counts.queued), (1, 1));
    }
}
