//! Whether the public interface changed no more than the version says.

use std::path::Path;

use crate::args::Args;
use crate::cargo::{self, Cargo, Failure, Outcome};
use crate::features;
use crate::toolchain::{self, Toolchain};

/// `cargo xtask semver [--baseline TREE]`: compared with the last tag, or with another tree or
/// revision.
pub(crate) fn semver(mut args: Args) -> Outcome {
    let baseline: Option<String> = args.option("--baseline")?;
    args.finish()?;
    if !Toolchain::Current.has_subcommand("semver-checks") {
        return Err(Failure::Missing {
            what: "cargo-semver-checks",
            install: "cargo install --locked cargo-semver-checks".to_owned(),
        });
    }
    let baseline = baseline.map_or_else(last_tag, Ok)?;
    let from = if Path::new(&baseline).is_dir() {
        "--baseline-root"
    } else {
        "--baseline-rev"
    };
    let features = features::ALL
        .split(',')
        .filter_map(|feature| Some(feature.split_once('/')?.1))
        // The hidden door for other runtimes may change in any release.
        .filter(|feature| *feature != "rim")
        .flat_map(|feature| ["--features", feature]);
    Cargo::new([
        "semver-checks",
        "--package",
        "concurrent-futures",
        from,
        &baseline,
    ])
    .args(["--only-explicit-features"])
    .args(features)
    .run()
}

fn last_tag() -> Result<String, Failure> {
    let mut git = std::process::Command::new("git");
    git.args(["describe", "--tags", "--abbrev=0"])
        .current_dir(cargo::root());
    match toolchain::answer(&mut git) {
        Ok(tag) => Ok(tag.trim().to_owned()),
        Err(_) => Err(Failure::Failed(
            "there is no tag to compare with yet; name a tree or a revision: --baseline TREE"
                .to_owned(),
        )),
    }
}
