//! Which item of a `map` runs when, beside which others, and what is left of it: the law that holds however the items
//! are handed to the workers.
//!
//! Many tests put an item that waits behind a long row of items that do next to nothing: what runs fast must not be
//! bundled in a way that shows.

mod among_others;
mod ending;
mod journal;
mod lifetimes;
mod line;
mod meetings;
mod order;
mod random;
mod reading;
mod shapes;
mod shutdown;

/// Enough fast items to make any measure of their speed settle.
const MANY: usize = 10_000;
