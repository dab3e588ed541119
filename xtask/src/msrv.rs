//! The oldest Rust that `Cargo.toml` promises must really do.

use std::path::PathBuf;

use crate::args::Args;
use crate::cargo::{self, Cargo, Failure, Outcome};
use crate::features;
use crate::toolchain::{self, Toolchain};

pub(crate) fn msrv(args: Args) -> Outcome {
    args.finish()?;
    let promised = promised()?;
    let toolchain = find(&promised)?;
    let found = toolchain.rustc_version()?;
    if !is_release_of(&found, &promised) {
        return Err(Failure::Failed(format!(
            "Rust {promised} was promised, this is {found}"
        )));
    }
    eprintln!("Rust {found}");
    // Only the library is promised; the examples and this program may ask for more one day.
    Cargo::new(["test", "-p", "concurrent-futures", "--lib", "--test", "*"])
        .args(["--features", features::ALL])
        .toolchain(&toolchain)
        .target_dir("msrv")
        .run_tests()
}

fn find(promised: &str) -> Result<Toolchain, Failure> {
    let installed = toolchain::rustup_toolchains();
    if let Some(name) = installed
        .into_iter()
        .find(|name| is_release_of(name, promised))
    {
        return Ok(Toolchain::Rustup(name));
    }
    let path = |name| std::env::var_os(name).map(PathBuf::from);
    match (path("MSRV_CARGO"), path("MSRV_RUSTC")) {
        (Some(cargo), Some(rustc)) => Ok(Toolchain::At { cargo, rustc }),
        _ => Err(Failure::Missing {
            what: "the oldest supported Rust",
            install: format!(
                "rustup toolchain install {promised} --profile minimal \
                 (or name another one by its paths in MSRV_CARGO and MSRV_RUSTC)"
            ),
        }),
    }
}

fn promised() -> Result<String, Failure> {
    let manifest = cargo::root().join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest)
        .map_err(|error| Failure::Failed(format!("{}: {error}", manifest.display())))?;
    rust_version(&text)
        .map(str::to_owned)
        .ok_or_else(|| Failure::Failed("Cargo.toml names no rust-version".to_owned()))
}

fn rust_version(manifest: &str) -> Option<&str> {
    manifest.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "rust-version").then(|| value.trim().trim_matches('"'))
    })
}

/// `1.85` is meant by `1.85`, `1.85.1` and `1.85-x86_64-unknown-linux-gnu`, not by `1.850`.
fn is_release_of(name: &str, promised: &str) -> bool {
    name.strip_prefix(promised)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_promise_is_read_from_the_manifest() {
        assert_eq!(
            rust_version("edition = \"2024\"\nrust-version = \"1.85\"\n"),
            Some("1.85")
        );
        assert_eq!(rust_version("rust-version.workspace = true\n"), None);
        promised().unwrap();
    }

    #[test]
    fn releases_are_told_apart() {
        assert!(is_release_of("1.85.1", "1.85"));
        assert!(is_release_of("1.85-aarch64-apple-darwin", "1.85"));
        assert!(!is_release_of("1.850.0", "1.85"));
        assert!(!is_release_of("stable", "1.85"));
    }
}
