//! A great many of a thing at once: threads, producers, tasks.

mod producers;
mod threads;
