//! The inventory of `unsafe` in `docs/unsafe.md`: it names every file that has some, with the right
//! numbers, and every block says why it is sound.

use std::collections::BTreeMap;

use crate::cargo::{self, Failure, Outcome, Ran};
use crate::rooms;

const INVENTORY: &str = "docs/unsafe.md";

/// Where the files lie, and how the inventory names them.
const FOLDERS: [(&str, &str); 2] = [
    ("crates/concurrent-futures/src", ""),
    ("python/src", "python/src/"),
];

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Uses {
    blocks: usize,
    functions: usize,
    impls: usize,
    /// Comments that begin with the word.
    reasons: usize,
}

impl Uses {
    fn of(text: &str) -> Self {
        let mut uses = Uses::default();
        for line in text.lines() {
            uses.reasons += line.matches("// SAFETY:").count();
            let code = line.split("//").next().unwrap_or("");
            for (at, keyword) in code.match_indices("unsafe") {
                let before = code[..at].chars().next_back();
                let next = code[at + keyword.len()..].trim_start();
                if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                    continue;
                }
                match next {
                    _ if next.starts_with('{') => uses.blocks += 1,
                    _ if next.starts_with("impl") => uses.impls += 1,
                    _ if next.starts_with("fn") || next.starts_with("extern") => {
                        uses.functions += 1;
                    }
                    _ => {}
                }
            }
        }
        uses
    }

    fn is_none(self) -> bool {
        (self.blocks, self.functions, self.impls) == (0, 0, 0)
    }
}

pub(crate) fn is_complete() -> Outcome {
    let path = cargo::root().join(INVENTORY);
    let page = std::fs::read_to_string(&path).map_err(|error| rooms::unreadable(&path, &error))?;
    let mut wrong = Vec::new();
    let mut rows = rows(&page);
    for (name, uses) in by_file()? {
        let row = rows.remove(&name);
        if row != Some((uses.blocks, uses.functions, uses.impls)) {
            let (blocks, functions, impls) = (uses.blocks, uses.functions, uses.impls);
            wrong.push(format!(
                "{name}: {INVENTORY} should say | {blocks} | {functions} | {impls} |"
            ));
        }
        if uses.reasons < uses.blocks + uses.impls {
            wrong.push(format!("{name}: a SAFETY comment is missing"));
        }
    }
    wrong.extend(
        rows.into_keys()
            .map(|name| format!("{name}: in {INVENTORY}, and has no unsafe code")),
    );
    if wrong.is_empty() {
        return Ok(Ran::default());
    }
    Err(Failure::Failed(wrong.join("; ")))
}

/// By name in the inventory.
fn by_file() -> Result<BTreeMap<String, Uses>, Failure> {
    let mut files = BTreeMap::new();
    for (folder, prefix) in FOLDERS {
        for (name, text) in rooms::sources(folder)? {
            let uses = Uses::of(&text);
            if !uses.is_none() {
                files.insert(format!("{prefix}{name}"), uses);
            }
        }
    }
    Ok(files)
}

/// The numbers of blocks, functions and impls in rows that begin with the name of a file.
fn rows(page: &str) -> BTreeMap<String, (usize, usize, usize)> {
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
        let name = cells.next()?.strip_suffix('`')?.to_owned();
        let mut number = || cells.next()?.parse().ok();
        Some((name, (number()?, number()?, number()?)))
    };
    page.lines().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_use_is_counted_by_its_kind() {
        let text = "unsafe impl Send for X {}\n\
                    // SAFETY: unsafe { it } is ours\n\
                    let x = unsafe { y.get() };\n\
                    unsafe fn f(g: unsafe fn()) {}\n\
                    #![deny(unsafe_op_in_unsafe_fn)]\n\
                    unsafe extern \"C\" {}\n";
        let uses = Uses {
            blocks: 1,
            functions: 3,
            impls: 1,
            reasons: 1,
        };
        assert_eq!(Uses::of(text), uses);
    }

    #[test]
    fn a_row_begins_with_its_file() {
        let page = "| file | blocks |\n|---|---|\n| `a/b.rs` | 1 | 2 | 3 | why | test |\n";
        assert_eq!(
            rows(page),
            BTreeMap::from([("a/b.rs".to_owned(), (1, 2, 3))])
        );
    }
}
