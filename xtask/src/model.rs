//! Checks that explore more than one run: the model checker and the interpreter.

use crate::args::Args;
use crate::cargo::{Cargo, Failure, Outcome};
use crate::toolchain::Toolchain;

pub(crate) fn loom(mut args: Args) -> Outcome {
    let preemptions = args.option("--preemptions")?.unwrap_or(3);
    args.finish()?;
    loom_models(preemptions)
}

/// The models are unit tests in the module `loom_models`, so that they reach private parts.
pub(crate) fn loom_models(preemptions: u8) -> Outcome {
    Cargo::new([
        "test",
        "--release",
        "-p",
        "concurrent-futures",
        "--lib",
        "loom_models",
    ])
    .flags("RUSTFLAGS", "--cfg loom")
    .env("LOOM_MAX_PREEMPTIONS", preemptions.to_string())
    .target_dir("loom")
    .run_tests()
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
