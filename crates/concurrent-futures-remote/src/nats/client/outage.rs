//! Since when the server does not answer. All calls that it does not take fail a while after that, however many
//! they are: not each of them a while after the one before.

use crate::nats::deadline::after;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

#[derive(Default)]
pub(super) struct Outage(Mutex<Option<Instant>>);

impl Outage {
    fn since(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was asked for then was not answered.
    pub(super) fn goes_on(&self, asked: Instant) {
        self.since().get_or_insert(asked);
    }

    pub(super) fn is_over(&self) {
        *self.since() = None;
    }

    /// Until when a call of that time is to be handed over. As long as the server answers, a call has all the time
    /// from its turn on.
    pub(super) fn deadline(&self, submitted: Instant, timeout: Duration) -> Instant {
        let begin = self.since().unwrap_or_else(Instant::now);
        after(begin.max(submitted), timeout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_calls_fail_a_while_after_the_first_answer_that_did_not_come() {
        let (outage, timeout) = (Outage::default(), Duration::from_secs(10));
        let begin = Instant::now();
        let long_ago = begin.checked_sub(Duration::from_secs(1)).unwrap_or(begin);
        assert!(outage.deadline(long_ago, timeout) >= begin + timeout);
        outage.goes_on(begin);
        outage.goes_on(begin + timeout);
        assert_eq!(outage.deadline(long_ago, timeout), begin + timeout);
        let later = begin + Duration::from_secs(7);
        assert_eq!(outage.deadline(later, timeout), later + timeout);
        outage.is_over();
        assert!(outage.deadline(long_ago, timeout) >= begin + timeout);
        // For ever.
        assert!(outage.deadline(begin, Duration::MAX) > begin);
    }
}
