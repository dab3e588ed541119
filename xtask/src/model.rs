//! Checks that explore more than one run: the model checker and the interpreter.

use std::path::PathBuf;

use crate::args::Args;
use crate::cargo::{Cargo, Failure, Outcome};
use crate::toolchain::Toolchain;

pub(crate) fn loom(mut args: Args) -> Outcome {
    let preemptions = args.option("--preemptions")?.unwrap_or(3);
    args.finish()?;
    loom_models(preemptions)
}

pub(crate) fn loom_models(preemptions: u8) -> Outcome {
    models("loom", "--cfg loom")
        .args(["loom_models"])
        .env("LOOM_MAX_PREEMPTIONS", preemptions.to_string())
        .run_tests()
}

/// Whole pools under random schedules.
pub(crate) fn shuttle(mut args: Args) -> Outcome {
    let schedules: u64 = args.option("--schedules")?.unwrap_or(100_000);
    args.finish()?;
    models("shuttle", "--cfg loom --cfg shuttle")
        .args(["storms"])
        .env("SHUTTLE_SCHEDULES", schedules.to_string())
        .run_tests()
}

/// The models are unit tests in the module `loom_models`, so that they reach private parts.
fn models(checker: &str, flags: &str) -> Cargo {
    Cargo::new(["test", "--release", "-p", "concurrent-futures", "--lib"])
        .flags("RUSTFLAGS", flags)
        .target_dir(checker)
}

/// The program with loom's models, built.
pub(crate) fn program() -> Result<PathBuf, Failure> {
    let models = models("loom", "--cfg loom");
    let told = models
        .args(["--no-run", "--message-format=json"])
        .output()?;
    let (_, after) = told
        .rsplit_once("\"executable\":\"")
        .ok_or_else(|| Failure::Failed("cargo names no program".to_owned()))?;
    Ok(PathBuf::from(after.split('"').next().unwrap_or(after)))
}

/// Modules of integration tests that Miri gets through. Others repeat a race so often that their
/// watchdogs take Miri's pace for a hang.
const UNDER_MIRI: [&str; 6] = [
    "awaiting::",
    "map::",
    "result::",
    "scope::",
    "shared::",
    "states::",
];

/// A repeated race within these modules.
const NOT_UNDER_MIRI: &str = "moved_between_threads_and_wakers";

pub(crate) fn miri(args: Args) -> Outcome {
    args.finish()?;
    let nightly = Toolchain::nightly()
        .filter(|nightly| nightly.has_subcommand("miri") && nightly.has_rust_src())
        .ok_or_else(|| Failure::Missing {
            what: "Miri with the sources of the standard library",
            install: "rustup toolchain install nightly --component miri,rust-src".to_owned(),
        })?;
    let tests = |target: &[&str]| {
        Cargo::new(["miri", "test", "-p", "concurrent-futures"])
            .args(target.iter().copied())
            .toolchain(&nightly)
            // The tests read the clock, which Miri's isolation would forbid.
            .flags(
                "MIRIFLAGS",
                "-Zmiri-disable-isolation -Zmiri-strict-provenance",
            )
            .target_dir("miri")
    };
    tests(&["--lib"]).run_tests()?;
    tests(&["--test", "it", "--"])
        .args(UNDER_MIRI)
        .args(["--skip", NOT_UNDER_MIRI])
        .run_tests()
}
