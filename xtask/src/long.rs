//! What takes its time: torture, measuring, coverage.

use crate::args::Args;
use crate::cargo::{Cargo, Failure, Outcome};
use crate::toolchain::Toolchain;

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

pub(crate) fn coverage(args: Args) -> Outcome {
    args.finish()?;
    let tests = ["-p", "concurrent-futures", "--lib", "--test", "*"];
    let has = |subcommand| Toolchain::Current.has_subcommand(subcommand);
    if has("llvm-cov") {
        Cargo::new(["llvm-cov"]).args(tests).run_tests()
    } else if has("tarpaulin") {
        Cargo::new(["tarpaulin", "--engine", "llvm"])
            .args(tests)
            .target_dir("coverage")
            .run_tests()
    } else {
        Err(Failure::Missing {
            what: "cargo-llvm-cov",
            install: "rustup component add llvm-tools && cargo install --locked cargo-llvm-cov"
                .to_owned(),
        })
    }
}
