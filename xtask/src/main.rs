//! The checks of this project, one verb each: `cargo xtask help` lists them.
//!
//! It uses nothing but the standard library, so that the first check on a fresh machine starts
//! after a second of compiling and cannot be broken by somebody else's release.

#![forbid(unsafe_code)]

mod args;
mod browser;
mod cargo;
mod coverage;
mod features;
mod fuzz;
mod inventory;
mod lint;
mod long;
mod memcheck;
mod model;
mod msrv;
mod mutants;
mod orderings;
mod python;
mod reach;
mod remote;
mod report;
mod rooms;
mod sanitize;
mod semver;
mod suite;
mod supply;
mod toolchain;

use std::fmt::Write as _;
use std::process::ExitCode;

use args::Args;
use cargo::{Failure, Outcome};

struct Verb {
    name: &'static str,
    options: &'static str,
    purpose: &'static str,
    run: fn(Args) -> Outcome,
}

const fn verb(
    name: &'static str,
    options: &'static str,
    purpose: &'static str,
    run: fn(Args) -> Outcome,
) -> Verb {
    Verb {
        name,
        options,
        purpose,
        run,
    }
}

#[rustfmt::skip]
const VERBS: &[Verb] = &[
    verb("test", "", "every check that needs nothing but Rust; ends with a table", suite::test),
    verb("ci", "", "the same, under the name a build server expects", suite::test),
    verb("fmt", "", "format all code", lint::fmt),
    verb("clippy", "", "lints, warnings are errors", lint::clippy),
    verb("doc", "", "API documentation, warnings are errors", lint::doc),
    verb("rooms", "", "where unsafe, files and dependencies may be, and the inventory", suite::rooms),
    verb("deny", "[--fetch]", "licences, sources and advisories of the dependencies", supply::deny),
    verb("semver", "[--baseline TREE]", "the public interface against the last tag", semver::semver),
    verb("loom", "[--preemptions N]", "the lock-free parts in all interleavings (N = 3)", model::loom),
    verb("shuttle", "[--schedules N]", "whole pools under N random schedules for each storm (100000)", model::shuttle),
    verb("orderings", "[--file F] [--longest S] [--preemptions N]", "less of each access to memory in turn: does a model notice?", orderings::orderings),
    verb("miri", "", "unit tests and the small integration tests under Miri", model::miri),
    verb("tsan", "", "all tests, random programs too, under ThreadSanitizer", sanitize::thread),
    verb("asan", "", "all tests, random programs too, under AddressSanitizer", sanitize::address),
    verb("valgrind", "", "uninitialised reads in optimised code, and the Python module, under memcheck", memcheck::valgrind),
    verb("coverage", "[--uncovered]", "lines reached by the tests, room by room; at least 95 %", coverage::coverage),
    verb("msrv", "", "build and test with the oldest supported Rust", msrv::msrv),
    verb("mutants", "[--shard K/N] [--file F]", "changes that the tests must notice: all, or each N-th from the K-th on", mutants::mutants),
    verb("torture", "[--seconds N] [--tasks N] [--seed S]", "random programs for N seconds (60) or N tasks, with exact accounts", long::torture),
    verb("fuzz", "[--seconds N] [TARGET]", "inputs of a fuzzer for N seconds (60) on each target, or on one", fuzz::fuzz),
    verb("remote", "[--kills N]", "kill N workers of remote tasks (1000), and count the calls (needs nats-server)", remote::kills),
    verb("bench", "[--quick] ...", "compare with other pools; options go to the program", long::bench),
    verb("python", "", "the Python package: built, its types checked, tested", python::check),
    verb("storm", "[--seconds N] [--seed S] ...", "random programs, garbage, signals, forks and exits on the Python package", python::storm),
    verb("browser", "", "the page of a profile in Chromium", browser::check),
    verb("conformance", "[--python PATH]", "CPython's own tests of thread pools on the Python package", python::conformance),
    verb("bench-python", "[--rounds N] ...", "the Python package against the original; options go to the program", python::bench),
    verb("help", "", "this table", help),
];

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_else(|| "help".to_owned());
    let Some(verb) = VERBS.iter().find(|verb| verb.name == name) else {
        eprintln!("xtask: there is no verb `{name}`\n\n{}", help_table());
        return ExitCode::from(2);
    };
    match (verb.run)(Args::new(words)) {
        Ok(_) => ExitCode::SUCCESS,
        Err(Failure::Reported) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("xtask {name}: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn help(args: Args) -> Outcome {
    args.finish()?;
    print!("{}", help_table());
    Ok(cargo::Ran::default())
}

fn help_table() -> String {
    let calls = || {
        VERBS
            .iter()
            .map(|verb| format!("{} {}", verb.name, verb.options))
    };
    let width = calls().map(|call| call.len()).max().unwrap_or(0);
    let mut table = String::from("cargo xtask <verb>\n\n");
    for (verb, call) in VERBS.iter().zip(calls()) {
        writeln!(table, "  {call:<width$}  {}", verb.purpose).expect("a string takes all");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contributing_names_every_verb() {
        let text = std::fs::read_to_string(cargo::root().join("CONTRIBUTING.md")).unwrap();
        for verb in VERBS {
            let call = format!("| `{}` |", format!("{} {}", verb.name, verb.options).trim());
            assert!(
                text.contains(&call),
                "CONTRIBUTING.md has no table row for {call}"
            );
        }
    }

    #[test]
    fn help_has_one_line_per_verb() {
        let table = help_table();
        for verb in VERBS {
            let lines = table
                .lines()
                .filter(|line| line.ends_with(verb.purpose))
                .count();
            assert_eq!(lines, 1, "{}", verb.name);
        }
    }
}
