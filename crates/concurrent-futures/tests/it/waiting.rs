//! Waiting on a worker for tasks of its own pool: it runs what it waits for, and never waits in vain.

mod circles;
mod compensation;
mod deep;
mod in_place;
mod scopes;
mod several;
