//! The Python package: built into an environment of its own, tested, measured.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::args::Args;
use crate::cargo::{self, Failure, Outcome, Ran};

/// What the checks of the package need besides it.
const TOOLS: [&str; 8] = [
    "maturin>=1.9,<2",
    "mypy>=1.15",
    "pytest>=8",
    // Libraries that tests use.
    "opentelemetry-api>=1.20",
    "tqdm>=4.60",
    // Clusters on this machine, by those who have wheels of them.
    "distributed>=2024.8",
    "mpi4py>=4; sys_platform == 'linux'",
    "mpich>=4; sys_platform == 'linux'",
];

/// The exit code of the conformance runner for an interpreter that has no such tests.
const NO_TESTS: i32 = 3;

/// Where to look for an interpreter that brings its test package.
const OTHERS: [&str; 5] = [
    "python3.15",
    "python3.14",
    "python3.13",
    "python3.12",
    "python3.11",
];

/// `cargo xtask python`.
pub(crate) fn check(args: Args) -> Outcome {
    args.finish()?;
    suite()
}

/// Everything about the package with the `python3` at hand.
pub(crate) fn suite() -> Outcome {
    let environment = Environment::of("python3")?;
    let mypy = ["-m", "mypy", "--strict"];
    environment.run(&[&mypy[..], &["-p", "concurrent_futures"]].concat())?;
    environment.run(&[&mypy[..], &["tests/typing_check.py"]].concat())?;
    environment.run(&[
        "-m",
        "mypy.stubtest",
        "concurrent_futures",
        "--allowlist",
        "tests/stubtest_allowlist.txt",
    ])?;
    let output = environment.output(&["-m", "pytest", "tests", "--color=no", "-o", "addopts="])?;
    Ok(Ran {
        tests: Some(count_passed(&output)?),
    })
}

/// Whether there is an interpreter to build against.
pub(crate) fn need_python() -> Result<(), Failure> {
    version("python3").map(|_| ())
}

/// `cargo xtask conformance [--python PATH]`.
pub(crate) fn conformance(mut args: Args) -> Outcome {
    let python: Option<String> = args.option("--python")?;
    args.finish()?;
    match python {
        Some(python) => conformance_with(&python),
        None => conformance_at_hand(),
    }
}

/// With the first interpreter that has the tests.
pub(crate) fn conformance_at_hand() -> Outcome {
    let mut names = vec!["python3".to_owned()];
    names.extend(OTHERS.map(str::to_owned));
    names.extend(pyenv_pythons());
    if let Some(name) = names.iter().find(|name| has_tests(name)) {
        return conformance_with(name);
    }
    Err(Failure::Missing {
        what: "a Python with its package of tests",
        install: "a python.org installation or a pyenv build of 3.11 or later".to_owned(),
    })
}

fn conformance_with(python: &str) -> Outcome {
    let environment = Environment::of(python)?;
    let status = environment.status(&["tests/conformance/run.py"])?;
    match status {
        0 => Ok(Ran::default()),
        NO_TESTS => Err(Failure::Failed(format!("{python} has no package of tests"))),
        code => Err(Failure::Failed(format!("conformance: exit code {code}"))),
    }
}

/// Interpreters that pyenv has built; they are on the path only when chosen.
fn pyenv_pythons() -> Vec<String> {
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".pyenv"));
    let Some(versions) = root.or_else(home).map(|root| root.join("versions")) else {
        return Vec::new();
    };
    let folders = std::fs::read_dir(versions).into_iter().flatten().flatten();
    let mut pythons: Vec<_> = folders
        .map(|folder| folder.path().join("bin/python").display().to_string())
        .collect();
    pythons.sort();
    pythons.reverse();
    pythons
}

fn has_tests(python: &str) -> bool {
    let code = "import sys, importlib.util as u; \
                sys.exit(sys.version_info < (3, 11) or not u.find_spec('test') \
                or not u.find_spec('test.test_concurrent_futures'))";
    Command::new(python)
        .args(["-c", code])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// `cargo xtask storm [--python PATH]`: options go to the program.
pub(crate) fn storm(mut args: Args) -> Outcome {
    let python: Option<String> = args.option("--python")?;
    let environment = Environment::of(python.as_deref().unwrap_or("python3"))?;
    let mut words = vec!["-X".to_owned(), "faulthandler".to_owned()];
    words.extend(["-m".to_owned(), "storms".to_owned()]);
    words.extend(args.rest());
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    environment.run(&words)
}

/// `cargo xtask bench-python`: options go to the program.
pub(crate) fn bench(args: Args) -> Outcome {
    let environment = Environment::of("python3")?;
    let mut words = vec!["bench/run.py".to_owned()];
    words.extend(args.rest());
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    environment.run(&words)
}

/// A program that runs a script with the package: it gets the interpreter and the script as its last
/// words.
pub(crate) fn under(program: &str, options: &[String], script: &str) -> Result<Command, Failure> {
    let environment = Environment::of("python3")?;
    let mut command = Command::new(program);
    let inner = environment.command(&[script]);
    command
        .args(options)
        .arg(inner.get_program())
        .args(inner.get_args())
        .envs(
            inner
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(cargo::root().join("python"));
    announce(&command);
    Ok(command)
}

/// A virtual environment with the package, built for release.
struct Environment {
    python: PathBuf,
}

impl Environment {
    fn of(python: &str) -> Result<Self, Failure> {
        let version = version(python)?;
        let folder = cargo::root().join(format!("target/venv-{version}"));
        let inside = folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
        let environment = Self {
            python: inside.join("python"),
        };
        if !environment.python.exists() {
            let folder = folder.display().to_string();
            run(Command::new(python).args(["-m", "venv", &folder]))?;
        }
        environment.install_tools(&folder)?;
        // As a user gets it: a wheel, not a link to the sources.
        let wheels = cargo::root().join(format!("target/wheels-{version}"));
        let wheels = wheels.display().to_string();
        let _ = std::fs::remove_dir_all(&wheels);
        let interpreter = environment.python.display().to_string();
        environment.run(&[
            "-m",
            "maturin",
            "build",
            "--release",
            "--quiet",
            "--out",
            &wheels,
            "--interpreter",
            &interpreter,
        ])?;
        let wheel = only_file(Path::new(&wheels))?;
        environment.run(&[
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--force-reinstall",
            &wheel,
        ])?;
        Ok(environment)
    }

    /// What is in the list, unless it was there before.
    fn install_tools(&self, folder: &Path) -> Result<(), Failure> {
        let noted = folder.join("tools.txt");
        let wanted = TOOLS.join("\n");
        if std::fs::read_to_string(&noted).is_ok_and(|text| text == wanted) {
            return Ok(());
        }
        let mut install = vec!["-m", "pip", "install", "--quiet"];
        install.push("--disable-pip-version-check");
        install.extend(TOOLS);
        self.run(&install)?;
        std::fs::write(&noted, wanted)
            .map_err(|error| Failure::Failed(format!("{}: {error}", noted.display())))
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.python);
        command
            .args(words)
            .current_dir(cargo::root().join("python"))
            // The folder has the sources, and the wheel is to be tested.
            .env("PYTHONSAFEPATH", "1")
            .env("PYTHONPATH", cargo::root().join("python").join("tests"))
            // They are installed: their tests may not be skipped.
            .env("REQUIRE_DASK", "1")
            .env(
                "REQUIRE_MPI",
                if cfg!(target_os = "linux") { "1" } else { "" },
            )
            .stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> Outcome {
        run(&mut self.command(words)).map(|()| Ran::default())
    }

    fn status(&self, words: &[&str]) -> Result<i32, Failure> {
        let mut command = self.command(words);
        announce(&command);
        let status = command.status().map_err(|error| cannot(&command, &error))?;
        Ok(status.code().unwrap_or(-1))
    }

    fn output(&self, words: &[&str]) -> Result<String, Failure> {
        let mut command = self.command(words);
        announce(&command);
        let output = command
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| cannot(&command, &error))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        print!("{text}");
        if output.status.success() {
            Ok(text)
        } else {
            Err(Failure::Failed(format!(
                "{}: {}",
                words.join(" "),
                output.status
            )))
        }
    }
}

fn version(python: &str) -> Result<String, Failure> {
    let code = "import sys; print('%d.%d' % sys.version_info[:2] + getattr(sys, 'abiflags', ''))";
    let missing = || Failure::Missing {
        what: "Python 3.11 or later",
        install: "from python.org or the system's packages".to_owned(),
    };
    let output = Command::new(python)
        .args(["-c", code])
        .output()
        .map_err(|_| missing())?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let minor = text
        .strip_prefix("3.")
        .map(|rest| rest.trim_end_matches(char::is_alphabetic));
    match minor.and_then(|minor| minor.parse::<u32>().ok()) {
        Some(minor) if minor >= 11 => Ok(text),
        _ => Err(missing()),
    }
}

fn only_file(folder: &Path) -> Result<String, Failure> {
    let mut files = std::fs::read_dir(folder)
        .map_err(|error| Failure::Failed(format!("{}: {error}", folder.display())))?
        .flatten();
    match files.next() {
        Some(file) => Ok(file.path().display().to_string()),
        None => Err(Failure::Failed("maturin made no wheel".to_owned())),
    }
}

fn run(command: &mut Command) -> Result<(), Failure> {
    announce(command);
    let status = command.status().map_err(|error| cannot(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        let program = command.get_program().to_string_lossy();
        Err(Failure::Failed(format!("{program}: {status}")))
    }
}

fn announce(command: &Command) {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    eprintln!("$ {}", words.join(" "));
}

fn cannot(command: &Command, error: &std::io::Error) -> Failure {
    let program = command.get_program().to_string_lossy();
    Failure::Failed(format!("cannot run {program}: {error}"))
}

/// The count in pytest's last line.
fn count_passed(output: &str) -> Result<u64, Failure> {
    let last = output.trim_end().lines().last().unwrap_or_default();
    let mut words = last.split_whitespace();
    let mut before = None;
    words
        .find_map(|word| {
            let count = (word.trim_end_matches(',') == "passed").then_some(before);
            before = word.parse().ok();
            count
        })
        .flatten()
        .filter(|count| *count > 0)
        .ok_or_else(|| Failure::Failed("no test ran".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_pytest_is_counted() {
        let line = "...\n==== 12 passed, 3 skipped in 1.02s ====\n";
        assert_eq!(count_passed(line).unwrap(), 12);
        assert!(count_passed("no tests ran in 0.1s").is_err());
    }
}
