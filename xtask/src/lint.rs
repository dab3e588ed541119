//! Checks that read the code: form, lints, documentation.

use crate::args::Args;
use crate::cargo::{Cargo, Failure, Outcome};
use crate::features;
use crate::toolchain::Toolchain;

pub(crate) fn fmt(args: Args) -> Outcome {
    args.finish()?;
    format(&[])
}

pub(crate) fn fmt_check() -> Outcome {
    format(&["--", "--check"])
}

fn format(options: &[&str]) -> Outcome {
    need_component("fmt", "rustfmt")?;
    let own = Cargo::new(["fmt", "--all"]).args(options.iter().copied());
    // The comparison and the Python package are workspaces of their own.
    let others = ["bench", "python"].map(|folder| {
        Cargo::new(["fmt", "--all"])
            .args(options.iter().copied())
            .dir(folder)
    });
    others
        .into_iter()
        .fold(own.run(), |before, other| before.and(other.run()))
}

pub(crate) fn clippy(args: Args) -> Outcome {
    args.finish()?;
    clippy_check()
}

pub(crate) fn clippy_check() -> Outcome {
    need_component("clippy", "clippy")?;
    Cargo::new(["clippy", "--workspace", "--all-targets"])
        .args(["--features", features::ALL, "--", "-D", "warnings"])
        .run()
}

/// The Python package; it needs an interpreter to be built against.
pub(crate) fn clippy_check_python() -> Outcome {
    need_component("clippy", "clippy")?;
    crate::python::need_python()?;
    Cargo::new(["clippy", "--all-targets", "--", "-D", "warnings"])
        .dir("python")
        .run()
}

pub(crate) fn doc(args: Args) -> Outcome {
    args.finish()?;
    doc_check()
}

pub(crate) fn doc_check() -> Outcome {
    Cargo::new(["doc", "--workspace", "--no-deps"])
        .args(["--features", features::ALL])
        .flags("RUSTDOCFLAGS", "-D warnings")
        .run()
}

fn need_component(subcommand: &str, component: &'static str) -> Result<(), Failure> {
    if Toolchain::Current.has_subcommand(subcommand) {
        return Ok(());
    }
    Err(Failure::Missing {
        what: component,
        install: format!("rustup component add {component}"),
    })
}
