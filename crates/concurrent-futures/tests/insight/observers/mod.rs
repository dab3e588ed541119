//! The law of observers: who is told what of which task, and when.

mod facts;
mod law;
mod panics;
mod places;
mod unrun;
mod ways;
