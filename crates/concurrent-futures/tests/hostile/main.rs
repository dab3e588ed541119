//! What breaks other pools: code that panics where nobody expects it, calls back from everywhere, asks for the
//! extremes, and leaves at the wrong moment. `docs/hostile-inputs.md` says what becomes of each.
//!
//! What could end the process, or change it for others, runs in a process of its own: this program again, with the
//! name of one test.

#[path = "../it/support/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "the other program uses more of it"
)]
mod support;

mod bomb;
mod panicking_drops;
mod panics;

mod arguments;
mod crowds;
mod limits;
mod sizes;

mod meetings;
mod parking;
mod places;
mod process_end;
mod reentry;

#[cfg(unix)]
mod forks;
