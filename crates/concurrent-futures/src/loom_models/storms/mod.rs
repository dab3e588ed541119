//! Whole pools under random schedules, by their public interface: more threads than loom can go
//! through. shuttle knows one order of all accesses, so weak orderings are loom's to check.
//!
//! ```text
//! RUSTFLAGS="--cfg loom --cfg shuttle" cargo test --release -p concurrent-futures --lib storms
//! ```
//!
//! `SHUTTLE_SCHEDULES` says how many schedules each storm goes through; without it there are 1000. Each
//! storm has a mutant that it catches: one access of the real code that does something else.

mod doors;
mod ends;
mod house;
mod sizes;
