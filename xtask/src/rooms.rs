//! Where `unsafe` may live.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use crate::cargo::{self, Failure, Outcome, Ran};

/// Below the source directory of the executor. A task that lives in one allocation with its
/// outcome, the queue's linked blocks, the cells of a map and the borrowed lifetimes of a scope
/// cannot be written without `unsafe`, nor can the one call that asks the system to be told of forks; and the models spoil freed memory on purpose; all else can
/// do without, and a reviewer shall know where to look.
const ROOMS: [&str; 6] = [
    "task",
    "queue.rs",
    "map/cells.rs",
    "scope.rs",
    "fork.rs",
    "loom_models",
];

const SOURCES: &str = "crates/concurrent-futures/src";

/// Of the Python package: a cell under the interpreter's lock, calls to the interpreter that `PyO3`
/// does not wrap, and threads that the interpreter ends.
const PYTHON_ROOMS: [&str; 4] = ["doomed.rs", "guarded.rs", "raw.rs", "signal.rs"];

const PYTHON_SOURCES: &str = "python/src";

pub(crate) fn unsafe_rooms() -> Outcome {
    only_in(SOURCES, &ROOMS)
}

pub(crate) fn unsafe_rooms_python() -> Outcome {
    only_in(PYTHON_SOURCES, &PYTHON_ROOMS)
}

fn only_in(folder: &str, rooms: &[&str]) -> Outcome {
    let mut outside = Vec::new();
    for (name, text) in sources(folder)? {
        if rooms.iter().any(|room| Path::new(&name).starts_with(room)) {
            continue;
        }
        outside.extend(unsafe_lines(&text).map(|line| format!("{folder}/{name}:{line}")));
    }
    if outside.is_empty() {
        return Ok(Ran::default());
    }
    for place in &outside {
        eprintln!("{place}");
    }
    let count = outside.len();
    Err(Failure::Failed(format!(
        "{count} uses of unsafe outside {}",
        rooms.join(", ")
    )))
}

/// The Rust files below a folder, by their path from there, with their text.
pub(crate) fn sources(folder: &str) -> Result<Vec<(String, String)>, Failure> {
    let folder = cargo::root().join(folder);
    let files = rust_files(&folder).map_err(|error| unreadable(&folder, &error))?;
    let named = files.into_iter().map(|file| {
        let text = std::fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
        let name = file.strip_prefix(&folder).unwrap_or(&file);
        Ok((name.display().to_string(), text))
    });
    named.collect()
}

pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Failed(format!("{}: {error}", path.display()))
}

fn rust_files(dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Whether a file below the sources is compiled for tests only.
pub(crate) fn holds_tests_only(file: &str) -> bool {
    file.starts_with("loom_models/") || file.ends_with("/tests.rs") || file.ends_with("_tests.rs")
}

/// The lines of the modules of tests at the end of a source.
pub(crate) fn test_lines(text: &str) -> Vec<RangeInclusive<usize>> {
    let mut ranges = Vec::new();
    let mut begun = None;
    for (line, number) in text.lines().zip(1..) {
        match begun {
            None if line.starts_with("mod ") && line.ends_with("tests {") => begun = Some(number),
            Some(first) if line == "}" => {
                ranges.push(first..=number);
                begun = None;
            }
            _ => {}
        }
    }
    ranges
}

/// Numbers of the lines with the keyword, comments left aside.
fn unsafe_lines(text: &str) -> impl Iterator<Item = usize> {
    let has_keyword = |line: &str| {
        let code = line.split("//").next().unwrap_or("");
        code.split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == "unsafe")
    };
    text.lines()
        .zip(1..)
        .filter_map(move |(line, number)| has_keyword(line).then_some(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_end_with_their_module() {
        let text = "fn f() {\n}\nmod tests {\n    fn g() {\n    }\n}\nfn h() {}\n";
        assert_eq!(test_lines(text), [3..=6]);
    }

    #[test]
    fn the_keyword_is_found_and_nothing_else() {
        let text = "unsafe impl Send for X {}\n\
                    // nothing unsafe here\n\
                    #![deny(unsafe_op_in_unsafe_fn)]\n\
                    let x = unsafe{ y.get() }; // SAFETY: ours\n";
        assert_eq!(unsafe_lines(text).collect::<Vec<_>>(), [1, 4]);
    }
}
