//! `cargo xtask test`: the whole of what must hold before a change is taken.

use crate::args::Args;
use crate::cargo::{Cargo, Outcome};
use crate::report::{self, MissingTool, Step};
use crate::{browser, features, inventory, lint, model, python, reach, remote, rooms, supply};

/// What can be seen by reading the sources, without building anything.
pub(crate) fn rooms(args: Args) -> Outcome {
    args.finish()?;
    report::run_all(&[
        step("unsafe only in its rooms", rooms::unsafe_rooms),
        step("the same, Python", rooms::unsafe_rooms_python),
        step("inventory of unsafe code", inventory::is_complete),
        step("no network, no files", reach::stays_inside),
        step("no dependency but log", supply::default_tree),
    ])
}

pub(crate) fn test(args: Args) -> Outcome {
    args.finish()?;
    report::run_all(&[
        step("format", lint::fmt_check),
        step("unsafe only in its rooms", rooms::unsafe_rooms),
        step("inventory of unsafe code", inventory::is_complete),
        step("no network, no files", reach::stays_inside),
        step("no dependency but log", supply::default_tree),
        step("clippy", lint::clippy_check),
        step("features, each by itself", features::check_each),
        step("unit tests", unit_tests),
        step("integration tests", integration_tests),
        step("doc tests", doc_tests),
        step("examples", examples),
        step("remote tasks", remote::suite),
        step("documentation", lint::doc_check),
        step("loom models", quick_loom),
        step(
            "unsafe only in its rooms, Python",
            rooms::unsafe_rooms_python,
        ),
        Step {
            missing_tool: MissingTool::Skips,
            ..step("clippy, Python", lint::clippy_check_python)
        },
        Step {
            missing_tool: MissingTool::Skips,
            ..step("Python package", python::suite)
        },
        Step {
            missing_tool: MissingTool::Skips,
            ..step("CPython's own tests", python::conformance_at_hand)
        },
        Step {
            missing_tool: MissingTool::Skips,
            ..step("pages in a browser", browser::suite)
        },
        Step {
            missing_tool: MissingTool::Skips,
            ..step("licences and origins", supply::licences_and_sources)
        },
        Step {
            missing_tool: MissingTool::Skips,
            ..step("known holes in dependencies", supply::advisories)
        },
    ])
}

fn step(name: &'static str, run: fn() -> Outcome) -> Step {
    Step {
        name,
        run,
        missing_tool: MissingTool::FailsInCi,
    }
}

fn unit_tests() -> Outcome {
    Cargo::new([
        "test",
        "-p",
        "concurrent-futures",
        "-p",
        "xtask",
        "--features",
        features::ALL,
        "--lib",
        "--bins",
    ])
    .run_tests()
}

fn integration_tests() -> Outcome {
    Cargo::new(["test", "-p", "concurrent-futures", "--test", "*"])
        .args(["--features", features::ALL])
        .run_tests()
}

fn doc_tests() -> Outcome {
    Cargo::new(["test", "-p", "concurrent-futures", "--doc"])
        .args(["--features", features::ALL])
        .run_tests()
}

/// Naming no target builds every example as the program a reader would start.
fn examples() -> Outcome {
    Cargo::new(["test", "-p", "concurrent-futures-examples"]).run_tests()
}

/// Two pre-emptions find nearly every bug that three find, in a tenth of the time.
fn quick_loom() -> Outcome {
    model::loom_models(2)
}
