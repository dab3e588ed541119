//! Small changes to the library that its tests have to notice.

use crate::args::Args;
use crate::cargo::{self, Cargo, Failure, Outcome};
use crate::toolchain::Toolchain;

/// A test that a mutant makes hang is ended after so many seconds instead of 20.
const WATCHDOG_SECONDS: &str = "10";

/// `cargo xtask mutants [--shard K/N] [--file F]`: of all mutants, or of those in one file, each
/// N-th from the K-th on. All of them are more than a machine does in a day.
pub(crate) fn mutants(mut args: Args) -> Outcome {
    let shard: Option<String> = args.option("--shard")?;
    let file: Option<String> = args.option("--file")?;
    args.finish()?;
    if !Toolchain::Current.has_subcommand("mutants") {
        return Err(Failure::Missing {
            what: "cargo-mutants",
            install: "cargo install --locked cargo-mutants".to_owned(),
        });
    }
    let mut cargo = Cargo::new(["mutants", "--package", "concurrent-futures", "--jobs", "1"])
        .args(["--output", &cargo::target().display().to_string()])
        .env("WATCHDOG_SECONDS", WATCHDOG_SECONDS);
    if let Some(shard) = shard {
        cargo = cargo.args(["--shard", &shard, "--sharding", "round-robin"]);
    }
    if let Some(file) = file {
        cargo = cargo.args(["--file", &file]);
    }
    cargo.run()
}
