//! How long something may take.

use std::time::Duration;
use tokio::time::Instant;

/// So far away that nobody will see it, where the sum would be too large.
const NEVER: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 30);

/// So long from now on.
pub(crate) fn deadline(time: Duration) -> Instant {
    after(Instant::now(), time)
}

/// So long after that.
pub(crate) fn after(begin: Instant, time: Duration) -> Instant {
    begin + time.min(NEVER)
}
