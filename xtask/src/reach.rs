//! What of the system the library touches: no network, no other process, and files only in the
//! rooms that `SECURITY.md` names.

use crate::cargo::{Failure, Outcome, Ran};
use crate::rooms;

const SOURCES: &str = "crates/concurrent-futures/src";

/// Words by which code reaches a file, the network, another process or the environment.
const WORDS: [&str; 12] = [
    "fs",
    "net",
    "process",
    "env",
    "File",
    "OpenOptions",
    "TcpStream",
    "UdpSocket",
    "Command",
    "libc",
    "dlopen",
    "asm",
];

/// The rooms that may, and what for.
const ROOMS: [(&str, &[&str]); 10] = [
    // Reads what Linux says of the threads of this process, below `/proc`.
    ("schedstat.rs", &["fs"]),
    // Reads how many threads and mappings Linux lets a process have, below `/proc`.
    ("pool/crowd.rs", &["fs", "process"]),
    // Say it in words only.
    ("error/deadlock.rs", &["process"]),
    ("error/pool.rs", &["process"]),
    // Writes a profile to the path that its user names.
    ("profile/mod.rs", &["File", "fs"]),
    ("profile/page/mod.rs", &["fs"]),
    // Reads the stack pointer.
    ("task/stack.rs", &["asm"]),
    // Only compiled for models: which access is another one is read from the environment, and written down.
    ("sync/modelled/atomics.rs", &["env"]),
    ("sync/modelled/mutant.rs", &["env", "fs", "File", "process"]),
    // Models for tests start themselves anew.
    ("loom_models/rig.rs", &["process", "env", "Command"]),
];

pub(crate) fn stays_inside() -> Outcome {
    let mut outside = Vec::new();
    for (name, text) in rooms::sources(SOURCES)? {
        let allowed = ROOMS.iter().find(|(room, _)| *room == name);
        let allowed = allowed.map_or(&[][..], |(_, words)| words);
        for (line, word) in words_in(&text) {
            if !allowed.contains(&word) {
                outside.push(format!("{SOURCES}/{name}:{line}: {word}"));
            }
        }
    }
    if outside.is_empty() {
        return Ok(Ran::default());
    }
    Err(Failure::Failed(outside.join("; ")))
}

/// With their lines; comments, which hold the examples, and modules of tests left aside.
fn words_in(text: &str) -> Vec<(usize, &'static str)> {
    let tests = rooms::test_lines(text);
    let mut found = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        if tests.iter().any(|range| range.contains(&number)) {
            continue;
        }
        let code = line.split("//").next().unwrap_or("");
        let words = code.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '\''));
        found.extend(words.filter_map(|word| {
            let word = WORDS.iter().find(|known| **known == word)?;
            Some((number, *word))
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_code_are_found() {
        let text = "use std::{fs, thread};\n\
                    // std::net is not used\n\
                    fn offset<'env>(unprocessed: &'env str) {}\n\
                    mod tests {\n    use std::env;\n}\n";
        assert_eq!(words_in(text), [(1, "fs")]);
    }
}
