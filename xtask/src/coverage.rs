//! Which lines of the library its tests reach, room by room.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::args::Args;
use crate::cargo::{self, Cargo, Failure, Outcome, Ran};
use crate::features;
use crate::rooms;
use crate::toolchain::Toolchain;

/// Of all lines, in percent.
const BAR: f64 = 95.0;

/// Of random programs; more of them reach the same lines.
const TORTURE_SECONDS: &str = "5";

/// Counting makes the slowest tests several times slower.
const WATCHDOG_SECONDS: &str = "120";

/// Below the sources, which the report names by their whole path.
const SOURCES: &str = "crates/concurrent-futures/src/";

/// `cargo xtask coverage [--uncovered]`.
pub(crate) fn coverage(mut args: Args) -> Outcome {
    let show_uncovered = args.flag("--uncovered");
    args.finish()?;
    let folder = cargo::target().join("coverage");
    std::fs::create_dir_all(&folder).map_err(|error| rooms::unreadable(&folder, &error))?;
    let report = folder.join("lcov.info");
    let Ran { tests } = measured(&report.display().to_string())?;
    let text =
        std::fs::read_to_string(&report).map_err(|error| rooms::unreadable(&report, &error))?;
    let files = read_report(&text);
    println!("\n{}", table(&files));
    if show_uncovered {
        print!("{}", uncovered(&files));
    }
    let all = files.values().fold(Lines::default(), Lines::with);
    if all.percent() < BAR {
        return Err(Failure::Failed(format!("less than {BAR} % of all lines")));
    }
    Ok(Ran { tests })
}

fn measured(report: &str) -> Outcome {
    let has = |subcommand| Toolchain::Current.has_subcommand(subcommand);
    let cargo = if has("llvm-cov") {
        Cargo::new(["llvm-cov", "--lcov", "--output-path", report])
    } else if has("tarpaulin") {
        let folder = report.rsplit_once('/').map_or(".", |(folder, _)| folder);
        Cargo::new(["tarpaulin", "--engine", "llvm", "--out", "lcov"])
            .args(["--output-dir", folder])
            .target_dir("tarpaulin")
    } else {
        return Err(Failure::Missing {
            what: "cargo-llvm-cov",
            install: "rustup component add llvm-tools && cargo install --locked cargo-llvm-cov"
                .to_owned(),
        });
    };
    cargo
        .args(["-p", "concurrent-futures", "--features", features::ALL])
        .args(["--lib", "--test", "*"])
        .env("TORTURE_SECONDS", TORTURE_SECONDS)
        .env("WATCHDOG_SECONDS", WATCHDOG_SECONDS)
        .run_tests()
}

/// Of one file, or of several together.
#[derive(Clone, Debug, Default, PartialEq)]
struct Lines {
    all: usize,
    missed: Vec<usize>,
}

impl Lines {
    fn with(mut self, other: &Self) -> Self {
        self.all += other.all;
        self.missed.extend(&other.missed);
        self
    }

    #[expect(clippy::cast_precision_loss, reason = "no file has 2^52 lines")]
    fn percent(&self) -> f64 {
        100.0 * (self.all - self.missed.len()) as f64 / self.all.max(1) as f64
    }
}

/// By the path below the sources. Tests among the sources are left out.
fn read_report(text: &str) -> BTreeMap<String, Lines> {
    let mut files = BTreeMap::new();
    for section in text.split("end_of_record") {
        let Some(path) = section.lines().find_map(|line| line.strip_prefix("SF:")) else {
            continue;
        };
        let Some((_, file)) = path.split_once(SOURCES) else {
            continue;
        };
        if rooms::holds_tests_only(file) {
            continue;
        }
        let tests = std::fs::read_to_string(path)
            .map(|source| rooms::test_lines(&source))
            .unwrap_or_default();
        let mut lines = Lines::default();
        let counts = section.lines().filter_map(|line| line.strip_prefix("DA:"));
        for (number, count) in counts.filter_map(|entry| entry.split_once(',')) {
            let Ok(number) = number.parse() else { continue };
            if tests.iter().any(|range| range.contains(&number)) {
                continue;
            }
            lines.all += 1;
            if count == "0" {
                lines.missed.push(number);
            }
        }
        files.insert(file.to_owned(), lines);
    }
    files
}

/// `task/slot.rs` belongs to `task`, `queue.rs` and `queue/lane.rs` to `queue`.
fn room(file: &str) -> &str {
    let first = file.split('/').next().unwrap_or(file);
    first.strip_suffix(".rs").unwrap_or(first)
}

fn table(files: &BTreeMap<String, Lines>) -> String {
    let mut rooms: BTreeMap<&str, Lines> = BTreeMap::new();
    for (file, lines) in files {
        let sum = rooms.entry(room(file)).or_default();
        *sum = std::mem::take(sum).with(lines);
    }
    let all = files.values().fold(Lines::default(), Lines::with);
    let mut text = format!(
        "{:<12}  {:>6}  {:>6}  {:>7}\n",
        "room", "lines", "missed", "reached"
    );
    for (room, lines) in rooms.into_iter().chain([("all", all)]) {
        let (count, missed) = (lines.all, lines.missed.len());
        let percent = lines.percent();
        writeln!(
            text,
            "{room:<12}  {count:>6}  {missed:>6}  {percent:>5.1} %"
        )
        .expect("a string takes all");
    }
    text
}

fn uncovered(files: &BTreeMap<String, Lines>) -> String {
    let mut text = String::new();
    for (file, lines) in files.iter().filter(|(_, lines)| !lines.missed.is_empty()) {
        let numbers: Vec<_> = lines.missed.iter().map(ToString::to_string).collect();
        writeln!(text, "{file}: {}", numbers.join(" ")).expect("a string takes all");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_library_are_counted_and_no_others() {
        let report = "SF:/x/crates/concurrent-futures/src/task/state.rs\n\
                      DA:1,4\nDA:2,0\nDA:3,1\nend_of_record\n\
                      SF:/x/crates/concurrent-futures/src/rim/tests.rs\nDA:1,0\nend_of_record\n\
                      SF:/x/crates/concurrent-futures/tests/it/main.rs\nDA:1,0\nend_of_record\n";
        let files = read_report(report);
        let lines = Lines {
            all: 3,
            missed: vec![2],
        };
        assert_eq!(files, BTreeMap::from([("task/state.rs".to_owned(), lines)]));
        assert_eq!(uncovered(&files), "task/state.rs: 2\n");
        assert!(table(&files).contains("task               3       1   66.7 %"));
    }

    #[test]
    fn a_file_belongs_to_the_room_of_its_name() {
        assert_eq!(room("queue.rs"), room("queue/lane.rs"));
    }
}
