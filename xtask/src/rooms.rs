//! Where `unsafe` may live.

use std::path::{Path, PathBuf};

use crate::cargo::{self, Failure, Outcome, Ran};

/// Below the source directory of the executor. A task that lives in one allocation with its
/// outcome, the queue's linked blocks, the cells of a map and the borrowed lifetimes of a scope
/// cannot be written without `unsafe`, and the models spoil freed memory on purpose; all else can
/// do without, and a reviewer shall know where to look.
const ROOMS: [&str; 5] = [
    "task",
    "queue.rs",
    "map/cells.rs",
    "scope.rs",
    "loom_models",
];

const SOURCES: &str = "crates/concurrent-futures/src";

/// Of the Python package: a cell under the interpreter's lock, and calls to the interpreter that
/// `PyO3` does not wrap.
const PYTHON_ROOMS: [&str; 3] = ["guarded.rs", "raw.rs", "signal.rs"];

const PYTHON_SOURCES: &str = "python/src";

pub(crate) fn unsafe_rooms() -> Outcome {
    only_in(SOURCES, &ROOMS)
}

pub(crate) fn unsafe_rooms_python() -> Outcome {
    only_in(PYTHON_SOURCES, &PYTHON_ROOMS)
}

fn only_in(folder: &str, rooms: &[&str]) -> Outcome {
    let root = cargo::root().join(folder);
    let mut outside = Vec::new();
    for file in sources(folder)? {
        let name = file.strip_prefix(&root).unwrap_or(&file);
        if rooms.iter().any(|room| name.starts_with(room)) {
            continue;
        }
        let text = std::fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
        let lines = unsafe_lines(&text);
        outside.extend(lines.map(|line| format!("{folder}/{}:{line}", name.display())));
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

/// The files with Rust code in a folder of the workspace, and below.
pub(crate) fn sources(folder: &str) -> Result<Vec<PathBuf>, Failure> {
    let root = cargo::root().join(folder);
    rust_files(&root).map_err(|error| unreadable(&root, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
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
    fn the_keyword_is_found_and_nothing_else() {
        let text = "unsafe impl Send for X {}\n\
                    // nothing unsafe here\n\
                    #![deny(unsafe_op_in_unsafe_fn)]\n\
                    let x = unsafe{ y.get() }; // SAFETY: ours\n";
        assert_eq!(unsafe_lines(text).collect::<Vec<_>>(), [1, 4]);
    }
}
