//! Programs from the bytes of a fuzzer.

use crate::args::Args;
use crate::cargo::{Cargo, Failure, Outcome, Ran};
use crate::toolchain::Toolchain;

/// The targets in `fuzz/`, with the longest inputs that are of use: some tens of operations, hundreds of them.
const TARGETS: [(&str, usize); 2] = [("pool", 400), ("queue", 1000)];

/// Each target for so many seconds, or the named one.
pub(crate) fn fuzz(mut args: Args) -> Outcome {
    let seconds: u64 = args.option("--seconds")?.unwrap_or(60);
    let wanted = args.rest();
    let is_known = |name: &String| TARGETS.iter().any(|(target, _)| target == name);
    if let Some(unknown) = wanted.iter().find(|name| !is_known(name)) {
        let why = format!("`{unknown}` is no target; there are pool and queue");
        return Err(Failure::Failed(why));
    }
    let nightly = Toolchain::nightly().ok_or_else(|| Failure::Missing {
        what: "a nightly compiler",
        install: "rustup toolchain install nightly".to_owned(),
    })?;
    if !nightly.has_subcommand("fuzz") {
        return Err(Failure::Missing {
            what: "cargo-fuzz",
            install: "cargo install --locked cargo-fuzz".to_owned(),
        });
    }
    for (target, longest) in TARGETS {
        if !wanted.is_empty() && !wanted.iter().any(|name| name == target) {
            continue;
        }
        Cargo::new(["fuzz", "run", target, "--"])
            .args([
                format!("-max_total_time={seconds}"),
                format!("-max_len={longest}"),
                // A thread of a pool that was dropped may be on its way out, with its locals.
                "-detect_leaks=0".to_owned(),
            ])
            .toolchain(&nightly)
            .target_dir("fuzz")
            .run()?;
    }
    Ok(Ran::default())
}
