//! The crate's promises, one test each: modules are features, tests are behaviours.

mod support;

mod construct;
mod default_size;
mod initializer;
mod adaptive;
mod sizing;
mod stats;
mod workers;

mod fifo;
mod nested;
mod submit;
mod waiting;

mod callbacks;
mod cancel;
mod cancel_storm;
mod debug;
mod result;
mod shared;
mod states;
mod then;

mod bounded;

mod as_completed;
mod awaiting;
mod map;
mod map_buffered;
mod map_growth;
mod map_scheduling;
mod map_stress;
mod map_unordered;
mod wait;

mod groups;
mod stopping;

mod drop;
mod scope;
mod shutdown;
mod shutdown_inside;

mod auto_traits;
mod errors;
mod references;
mod thread_start;

mod scale;
mod seeds;
