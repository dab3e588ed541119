//! Asking work to stop: tokens, requests to running tasks, deadlines, names, the context.

mod ambient;
mod context;
mod given;
mod names;
mod requests;
mod shutdown;
mod tree;
