//! Remote tasks, which are a crate of their own and need a server to be tested.

use crate::args::Args;
use crate::cargo::{Cargo, Outcome};

const PACKAGE: &str = "concurrent-futures-remote";

/// What needs the server says so itself where there is none, and fails if it is required.
pub(crate) fn suite() -> Outcome {
    Cargo::new(["clippy", "-p", PACKAGE, "--lib", "--no-default-features"])
        .args(["--", "-D", "warnings"])
        .run()?;
    Cargo::new(["test", "-p", PACKAGE]).run_tests()
}

/// Workers are killed again and again, while calls are counted.
pub(crate) fn kills(mut args: Args) -> Outcome {
    let kills: u32 = args.option("--kills")?.unwrap_or(1000);
    args.finish()?;
    Cargo::new(["test", "--release", "-p", PACKAGE, "--test", "nats"])
        .args(["nothing_is_lost_whoever_is_killed", "--", "--nocapture"])
        .env("REMOTE_KILLS", kills.to_string())
        .env("REQUIRE_NATS", "1".to_owned())
        .run_tests()
}
