//! What takes its time: torture and measuring.

use crate::args::Args;
use crate::cargo::{Cargo, Outcome};

/// Random programs over the whole public interface, with exact accounts; for so long, or until so many
/// tasks are accounted for.
pub(crate) fn torture(mut args: Args) -> Outcome {
    let seconds: u64 = args.option("--seconds")?.unwrap_or(60);
    let tasks: Option<u64> = args.option("--tasks")?;
    let seed: Option<u64> = args.option("--seed")?;
    args.finish()?;
    let mut cargo = Cargo::new(["test", "--release", "-p", "concurrent-futures"])
        .args(["--test", "torture", "--", "--nocapture"])
        .env("TORTURE_SECONDS", seconds.to_string());
    if let Some(tasks) = tasks {
        cargo = cargo.env("TORTURE_TASKS", tasks.to_string());
    }
    if let Some(seed) = seed {
        cargo = cargo.env("TORTURE_SEED", seed.to_string());
    }
    cargo.run_tests()
}

/// The program writes the figures into the pages itself. It runs where its user is at home, so that
/// files of rows are named from there.
pub(crate) fn bench(args: Args) -> Outcome {
    Cargo::new(["run", "--release", "--manifest-path", "bench/Cargo.toml"])
        .args(["--"])
        .args(args.rest())
        .run()
}
