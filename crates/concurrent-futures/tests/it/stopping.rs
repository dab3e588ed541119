//! Asking work to stop: tokens, requests to running tasks, deadlines, names, the context.

mod ambient;
mod requests;
mod tree;
