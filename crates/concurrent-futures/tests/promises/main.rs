//! Futures that are completed from outside, and the seam of remote tasks.

#[path = "../it/support/watchdog.rs"]
mod watchdog;

mod cancelling;
mod completing;
mod mixing;
mod remote;
mod storm;

use watchdog::watchdog;
