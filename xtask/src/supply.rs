//! What the project depends on: licences, origins, known holes, and how little it is.

use std::path::PathBuf;

use crate::args::Args;
use crate::cargo::{self, Cargo, Failure, Outcome, Ran};
use crate::toolchain::{self, Toolchain};

/// What users get, held to `deny.toml`.
const SHIPPED: [&str; 3] = [
    "crates/concurrent-futures/Cargo.toml",
    "crates/concurrent-futures-remote/Cargo.toml",
    "python/Cargo.toml",
];

/// What builds, tests and measures it, held to a wider list.
const DEVELOPMENT: [&str; 3] = ["Cargo.toml", "python/Cargo.toml", "bench/Cargo.toml"];

const WIDER: &str = "xtask/deny-development.toml";

/// All that the library needs unless a feature is asked for.
const DEFAULT_TREE: [&str; 2] = ["concurrent-futures", "log"];

/// `cargo xtask deny [--fetch]`: with `--fetch`, the advisories are brought up to date before.
pub(crate) fn deny(mut args: Args) -> Outcome {
    let fetch = args.flag("--fetch");
    args.finish()?;
    default_tree()?;
    licences_and_sources()?;
    if fetch {
        need_deny()?;
        Cargo::new(["deny", "fetch", "db"]).run()?;
    }
    match advisories() {
        Err(missing @ Failure::Missing { .. }) => {
            eprintln!("\n*** NOT CHECKED: known holes. {missing}");
            Ok(Ran::default())
        }
        outcome => outcome,
    }
}

/// The tree of the default build.
pub(crate) fn default_tree() -> Outcome {
    let words = [
        "tree",
        "-p",
        "concurrent-futures",
        "-e",
        "normal,build",
        "--prefix",
        "none",
    ];
    let text = toolchain::answer(
        Toolchain::Current
            .cargo()
            .args(words)
            .current_dir(cargo::root()),
    )?;
    let found = names(&text);
    if found == DEFAULT_TREE {
        return Ok(Ran::default());
    }
    let (found, allowed) = (found.join(", "), DEFAULT_TREE.join(", "));
    Err(Failure::Failed(format!(
        "the default build needs {found}; only {allowed} are allowed"
    )))
}

/// Needs nothing from the network that building has not fetched.
pub(crate) fn licences_and_sources() -> Outcome {
    need_deny()?;
    let check = |config: &str, manifest: &str| {
        Cargo::new(["deny", "--config", config, "--manifest-path", manifest])
            .args(["check", "licenses", "bans", "sources"])
            .run()
    };
    let shipped = SHIPPED.map(|manifest| ("deny.toml", manifest));
    let development = DEVELOPMENT.map(|manifest| (WIDER, manifest));
    shipped
        .into_iter()
        .chain(development)
        .try_fold(Ran::default(), |_, (config, manifest)| {
            check(config, manifest)
        })
}

/// By the database at hand, which is of the day when it was fetched.
pub(crate) fn advisories() -> Outcome {
    need_deny()?;
    if !has_database() {
        return Err(Failure::Missing {
            what: "the database of advisories",
            install: "cargo xtask deny --fetch".to_owned(),
        });
    }
    DEVELOPMENT
        .into_iter()
        .try_fold(Ran::default(), |_, manifest| {
            Cargo::new(["deny", "--offline", "--config", WIDER])
                .args(["--manifest-path", manifest, "check", "advisories"])
                .run()
        })
}

fn need_deny() -> Result<(), Failure> {
    if Toolchain::Current.has_subcommand("deny") {
        return Ok(());
    }
    Err(Failure::Missing {
        what: "cargo-deny",
        install: "cargo install --locked cargo-deny".to_owned(),
    })
}

/// Whether cargo-deny has once fetched it to its usual place.
fn has_database() -> bool {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let usual = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    let Some(folder) = home.or_else(usual).map(|home| home.join("advisory-dbs")) else {
        return false;
    };
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| entry.path().join("crates").is_dir())
}

/// Of the packages in a tree without lines, each once, in order of the alphabet.
fn names(tree: &str) -> Vec<&str> {
    let mut names: Vec<_> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_counts_once() {
        let tree = "concurrent-futures v0.1.0 (/somewhere)\nlog v0.4.1\n\nlog v0.4.1 (*)\n";
        assert_eq!(names(tree), DEFAULT_TREE);
    }
}
