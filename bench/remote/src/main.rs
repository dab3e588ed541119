//! How long a call takes there and back, and how many empty calls a second go through, with everything on
//! one machine and all that is queued in files.
//!
//! ```text
//! cargo run --release -- ours      # NATS JetStream, one worker process
//! cargo run --release -- apalis    # Redis, one worker in the same process
//! python3 dask_peer.py             # Dask, one worker process
//! ```

mod apalis_peer;
mod ours;
mod sample;
mod server;

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    // A worker of ours is this program, run again.
    concurrent_futures_remote::worker_main(ours::registry());
    match env::args().nth(1).as_deref() {
        Some("ours") => ours::measure(),
        Some("apalis") => apalis_peer::measure(),
        _ => {
            eprintln!("which one: ours, apalis?");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
