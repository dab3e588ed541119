//! Valgrind, for what the sanitizers do not reach: reads of memory that was never written, in
//! optimised code, and the Python package inside an interpreter that is built without them.

use std::process::{Command, Stdio};

use crate::args::Args;
use crate::cargo::{self, Cargo, Failure, Outcome, Ran};
use crate::toolchain::{self, Toolchain};
use crate::{features, python};

const OPTIONS: &str = "--quiet --error-exitcode=9 --num-callers=40 --leak-check=full \
                       --show-leak-kinds=definite --errors-for-leak-kinds=definite";

/// Modules of integration tests that are quick enough: valgrind runs one thread at a time.
const MODULES: [&str; 6] = [
    "awaiting::",
    "as_completed::",
    "map::",
    "result::",
    "scope::",
    "shared::",
];

/// For a test that takes two seconds otherwise.
const WATCHDOG_SECONDS: &str = "300";

/// Part of the file name of the native module, and of the names of its functions.
const NATIVE: [&str; 2] = ["_native", "concurrent_futures"];

/// `cargo xtask valgrind`.
pub(crate) fn valgrind(args: Args) -> Outcome {
    args.finish()?;
    if toolchain::answer(Command::new("valgrind").arg("--version")).is_err() {
        return Err(Failure::Missing {
            what: "valgrind",
            install: "apt-get install valgrind, or as the system has it".to_owned(),
        });
    }
    let unit = tests(&["--lib"])?;
    let some = tests(&[&["--test", "it", "--"], &MODULES[..]].concat())?;
    in_python()?;
    Ok(Ran {
        tests: unit.tests.zip(some.tests).map(|(unit, some)| unit + some),
    })
}

fn tests(target: &[&str]) -> Outcome {
    let host = Toolchain::Current.host()?;
    let runner = format!("target.{host}.runner='valgrind {OPTIONS}'");
    Cargo::new(["test", "--release", "--config", &runner])
        .args(["-p", "concurrent-futures", "--features", features::ALL])
        .args(target.iter().copied())
        .env("WATCHDOG_SECONDS", WATCHDOG_SECONDS)
        .run_tests()
}

/// The interpreter has reports of its own, so only those count in which the module appears.
fn in_python() -> Outcome {
    let log = cargo::target().join("valgrind-python.log");
    let mut words: Vec<_> = OPTIONS.split(' ').map(str::to_owned).collect();
    words.retain(|word| !word.starts_with("--error-exitcode"));
    words.push(format!("--log-file={}", log.display()));
    let mut command = python::under("valgrind", &words, "tests/memcheck.py")?;
    let status = command
        // Its own allocator would hide from valgrind what is freed.
        .env("PYTHONMALLOC", "malloc")
        .stdin(Stdio::null())
        .status();
    if !status.is_ok_and(|status| status.success()) {
        return Err(Failure::Failed("tests/memcheck.py failed".to_owned()));
    }
    let text = std::fs::read_to_string(&log)
        .map_err(|error| Failure::Failed(format!("{}: {error}", log.display())))?;
    let ours = reports_on_us(&text);
    for report in &ours {
        println!("{report}\n");
    }
    match ours.len() {
        0 => Ok(Ran::default()),
        count => Err(Failure::Failed(format!("{count} reports on the module"))),
    }
}

/// Reports are parted by lines with nothing but the number of the process.
fn reports_on_us(log: &str) -> Vec<String> {
    let lines: Vec<_> = log
        .lines()
        .map(|line| line.rsplit_once("== ").map_or("", |(_, text)| text))
        .collect();
    lines
        .split(|line| line.trim().is_empty())
        .map(|report| report.join("\n"))
        .filter(|report| NATIVE.iter().any(|name| report.contains(name)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_of_the_interpreter_are_left_aside() {
        let log = "==7== Use of uninitialised value of size 8\n\
                   ==7==    at 0x1: Py_INCREF (object.h:502)\n\
                   ==7== \n\
                   ==7== Invalid read of size 8\n\
                   ==7==    at 0x2: f (in /x/_native.abi3.so)\n\
                   ==7== \n";
        let report = "Invalid read of size 8\n   at 0x2: f (in /x/_native.abi3.so)";
        assert_eq!(reports_on_us(log), [report]);
    }
}
