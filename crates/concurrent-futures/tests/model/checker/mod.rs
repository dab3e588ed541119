//! Runs a program on a pool and on the reference, one operation at a time, and compares all that can be seen after
//! each.
//!
//! Every task stops at its start until the program lets it go on, so what runs and what waits is known at each
//! moment; and only one thread at a time does anything that matters: the program's, or that of the task that it has
//! let go on.

mod command;
mod compare;
pub(crate) mod program;
mod real;
mod reference;
mod run;

pub(crate) use run::run;
