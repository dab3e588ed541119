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
mod limits_elsewhere;
mod sizes;

mod meetings;
mod parking;
mod places;
mod process_end;
mod reentry;

// What happens to a process as a whole.
#[cfg(target_os = "linux")]
mod clock;
#[cfg(unix)]
mod endings;
#[cfg(unix)]
mod forks;
#[cfg(target_os = "linux")]
mod idle;
#[cfg(unix)]
mod manners;
#[cfg(target_os = "linux")]
mod refused;
#[cfg(unix)]
mod signals;
