//! Which Rust runs a check: the one this program was started with, another one that rustup
//! knows, or one at a given path.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::cargo::Failure;

#[derive(Clone)]
pub(crate) enum Toolchain {
    Current,
    Rustup(String),
    At { cargo: PathBuf, rustc: PathBuf },
}

impl Toolchain {
    /// The nightly of rustup, if it is installed.
    pub(crate) fn nightly() -> Option<Self> {
        let nightly = Toolchain::Rustup("nightly".to_owned());
        nightly.rustc_version().is_ok().then_some(nightly)
    }

    pub(crate) fn cargo(&self) -> Command {
        match self {
            // Cargo names itself to the programs it runs.
            Toolchain::Current => {
                Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            }
            Toolchain::Rustup(name) => rustup_run(name, "cargo"),
            Toolchain::At { cargo, rustc } => {
                let mut command = Command::new(cargo);
                command.env("RUSTC", rustc);
                command
            }
        }
    }

    pub(crate) fn rustc(&self) -> Command {
        match self {
            Toolchain::Current => Command::new("rustc"),
            Toolchain::Rustup(name) => rustup_run(name, "rustc"),
            Toolchain::At { rustc, .. } => Command::new(rustc),
        }
    }

    /// The words that would start this cargo in a shell.
    pub(crate) fn spelled(&self) -> String {
        match self {
            Toolchain::Current => "cargo".to_owned(),
            Toolchain::Rustup(name) => format!("cargo +{name}"),
            Toolchain::At { cargo, rustc } => {
                format!("RUSTC={} {}", rustc.display(), cargo.display())
            }
        }
    }

    /// Whether `cargo <subcommand>` is there, asked for by its version.
    pub(crate) fn has_subcommand(&self, subcommand: &str) -> bool {
        answer(self.cargo().args([subcommand, "--version"])).is_ok()
    }

    /// The sources of the standard library, needed to build it with other flags.
    pub(crate) fn has_rust_src(&self) -> bool {
        answer(self.rustc().args(["--print", "sysroot"])).is_ok_and(|sysroot| {
            PathBuf::from(sysroot.trim())
                .join("lib/rustlib/src/rust/library/Cargo.toml")
                .exists()
        })
    }

    /// The release, as in `1.85.0`.
    pub(crate) fn rustc_version(&self) -> Result<String, Failure> {
        self.rustc_says("release: ")
    }

    /// The target triple this compiler runs on.
    pub(crate) fn host(&self) -> Result<String, Failure> {
        self.rustc_says("host: ")
    }

    fn rustc_says(&self, field: &str) -> Result<String, Failure> {
        let text = answer(self.rustc().arg("-vV"))?;
        text.lines()
            .find_map(|line| line.strip_prefix(field))
            .map(str::to_owned)
            .ok_or_else(|| Failure::Failed(format!("rustc -vV prints no `{field}`")))
    }
}

/// Names of the toolchains that rustup has installed; none if there is no rustup.
pub(crate) fn rustup_toolchains() -> Vec<String> {
    answer(Command::new("rustup").args(["toolchain", "list"]))
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

fn rustup_run(toolchain: &str, program: &str) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", toolchain, program]);
    command
}

/// What a command prints, if it succeeds.
pub(crate) fn answer(command: &mut Command) -> Result<String, Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::Failed(format!("cannot run {program}: {error}")))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Failure::Failed(format!("{program}: {}", output.status)))
    }
}
