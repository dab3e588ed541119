//! How long a queue may be.

use super::facts::{Facts, as_f64};
use std::time::Duration;

/// Standard deviations that 99 of 100 stay within.
const NINETY_NINE: f64 = 2.326;

/// A task that finds `q` others in the queue waits until so many have been taken. Busy workers take one
/// every `mean run ÷ workers`; over `q` of them, this varies by `variation × √q` such steps. So 99 of 100
/// wait within the wish if
///
/// ```text
/// q + 2.326 × variation × √q ≤ wish × workers ÷ mean run
/// ```
pub(in crate::profile) fn bound_for(facts: &Facts, wish: Duration) -> usize {
    let steps = steps(facts, wish);
    let half = NINETY_NINE * facts.variation / 2.0;
    let root = (half * half + steps).sqrt() - half;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // cut at the ends
    let bound = (root * root) as usize;
    bound
}

/// How many tasks busy workers take in that time.
pub(super) fn steps(facts: &Facts, wish: Duration) -> f64 {
    let mean_run = facts.mean_run.as_secs_f64().max(1e-9);
    wish.as_secs_f64() * as_f64(facts.workers as u64) / mean_run
}
