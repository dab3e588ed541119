//! Where the sources name the ordering of an access to memory, and what would be less.

/// A place that names one ordering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Site {
    /// Of the name of the method, as the compiler tells a caller's location.
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) function: String,
    /// Which of the orderings that its function names, from 1.
    pub(super) number: usize,
    /// Which of the orderings of its access, from 0.
    pub(super) index: usize,
    pub(super) access: Access,
    pub(super) ordering: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
    Both,
}

impl Site {
    /// What is one step less: a weaker ordering, a read-modify-write in two steps, a write left out.
    pub(super) fn less(&self) -> Vec<&'static str> {
        let weaker: &[_] = match (self.ordering.as_str(), self.access) {
            ("SeqCst", Access::Read) => &["Acquire"],
            ("SeqCst", Access::Write) => &["Release"],
            ("SeqCst", Access::Both) => &["AcqRel"],
            ("AcqRel", _) => &["Acquire", "Release"],
            ("Acquire" | "Release", _) => &["Relaxed"],
            _ => &[],
        };
        let steps: &[_] = match self.access {
            Access::Read => &[],
            Access::Write => &["skipped"],
            Access::Both => &["torn", "skipped"],
        };
        [weaker, steps].concat()
    }
}

const ORDERINGS: [&str; 5] = ["Relaxed", "Acquire", "Release", "AcqRel", "SeqCst"];

/// The accesses, and what each of their orderings is for.
const METHODS: [(&str, &[Access]); 11] = [
    ("load", &[Access::Read]),
    ("store", &[Access::Write]),
    ("swap", &[Access::Both]),
    ("fetch_add", &[Access::Both]),
    ("fetch_sub", &[Access::Both]),
    ("fetch_or", &[Access::Both]),
    ("fetch_and", &[Access::Both]),
    ("fetch_max", &[Access::Both]),
    ("fetch_min", &[Access::Both]),
    ("compare_exchange", &[Access::Both, Access::Read]),
    ("compare_exchange_weak", &[Access::Both, Access::Read]),
];

/// All of a source, tests at its end left aside.
pub(super) fn sites(text: &str) -> Vec<Site> {
    let text = without_comments(text);
    let text = text.split("#[cfg(all(test").next().unwrap_or("");
    let text = text.split("#[cfg(test)]").next().unwrap_or("");
    let (mut sites, mut function, mut number) = (Vec::new(), "", 0);
    for (at, word) in words(text) {
        let before = text[..at].trim_end();
        if before.ends_with("fn") {
            (function, number) = (word, 0);
        }
        let Some((_, accesses)) = METHODS.iter().find(|(name, _)| *name == word) else {
            continue;
        };
        let Some(arguments) = text[at + word.len()..].strip_prefix('(') else {
            continue;
        };
        if !before.ends_with('.') {
            continue;
        }
        let named = arguments_of(arguments)
            .into_iter()
            .filter(|argument| ORDERINGS.contains(argument));
        for ((index, ordering), access) in named.enumerate().zip(*accesses) {
            number += 1;
            let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
            sites.push(Site {
                line: text[..at].matches('\n').count() + 1,
                column: text[line_start..at].chars().count() + 1,
                function: function.to_owned(),
                number,
                index,
                access: *access,
                ordering: ordering.to_owned(),
            });
        }
    }
    sites
}

/// As many bytes as before, so that columns stay what they are.
fn without_comments(text: &str) -> String {
    let blank = |line: &str| match line.find("//") {
        Some(at) => format!("{}{}", &line[..at], " ".repeat(line.len() - at)),
        None => line.to_owned(),
    };
    text.lines().map(blank).collect::<Vec<_>>().join("\n")
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.split(move |c| !is_word(c))
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr().addr() - text.as_ptr().addr(), word))
}

/// What stands between the commas of a call, whose opening parenthesis has been passed. Paths are cut
/// to their last name.
fn arguments_of(call: &str) -> Vec<&str> {
    let (mut arguments, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in call.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth > 0 => depth -= 1,
            ')' | ',' if depth == 0 => {
                let argument = call[start..at].trim();
                arguments.push(argument.rsplit("::").next().unwrap_or(argument));
                start = at + 1;
                if c == ')' {
                    break;
                }
            }
            _ => {}
        }
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_named_ordering_is_found_once() {
        let text = "use sync::{Acquire, Relaxed};\n\
                    fn first() {\n\
                    \x20   a.load(Acquire); // b.load(SeqCst)\n\
                    }\n\
                    fn second(order: Ordering) {\n\
                    \x20   a.load(order);\n\
                    \x20   let _ = a\n\
                    \x20       .compare_exchange_weak(f(1, 2), 3, AcqRel, Ordering::Relaxed);\n\
                    \x20   load(Acquire);\n\
                    }\n\
                    #[cfg(test)]\n\
                    mod tests { fn third() { a.load(SeqCst); } }\n";
        let found = sites(text);
        let told: Vec<_> = found
            .iter()
            .map(|site| {
                let Site { line, column, .. } = *site;
                let of = (site.function.as_str(), site.number, site.index);
                (line, column, of, site.ordering.as_str(), site.access)
            })
            .collect();
        let expected = [
            (3, 7, ("first", 1, 0), "Acquire", Access::Read),
            (8, 10, ("second", 1, 0), "AcqRel", Access::Both),
            (8, 10, ("second", 2, 1), "Relaxed", Access::Read),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_less_depends_on_the_access() {
        let text =
            "fn f() { a.store(1, SeqCst); a.swap(1, AcqRel); a.load(Acquire); a.load(Relaxed) }";
        let less: Vec<_> = sites(text).iter().map(Site::less).collect();
        let expected = [
            vec!["Release", "skipped"],
            vec!["Acquire", "Release", "torn", "skipped"],
            vec!["Relaxed"],
            vec![],
        ];
        assert_eq!(less, expected);
    }
}
