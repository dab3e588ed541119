//! What breaks other pools: code that panics where nobody expects it, calls back from everywhere, asks for the
//! extremes, and leaves at the wrong moment.

mod arguments;
mod bomb;
mod crowds;
mod limits;
mod meetings;
mod panicking_drops;
mod panics;
mod parking;
mod places;
mod process_end;
mod reentry;
mod sizes;
