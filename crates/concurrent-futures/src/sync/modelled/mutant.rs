//! One access to memory that does something else than the code says, to see that a model notices.
//!
//! A test asks for it by [`set`]. `cargo xtask orderings` asks by two variables:
//!
//! - `LOOM_MUTANT="src/queue.rs:275:14 0 Acquire"`: the first ordering that is named at this place is
//!   this one instead. With `torn`, a read-modify-write is a load and a store; with `skipped`,
//!   nothing is written.
//! - `LOOM_SITES=file`: each place that a model comes to is written there, one a line.

use std::{
    collections::BTreeSet,
    env,
    fs::File,
    io::Write,
    panic::Location,
    sync::{
        LazyLock, Mutex, OnceLock,
        atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release},
    },
};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Twist {
    /// That one of the orderings of the access is this one.
    Ordering(usize, Ordering),
    Torn,
    Skipped,
}

struct Mutant {
    place: String,
    twist: Twist,
}

impl Mutant {
    fn parse(text: &str) -> Option<Self> {
        let words: Vec<_> = text.split(' ').collect();
        let [place, index, what] = words.as_slice() else {
            return None;
        };
        let ordering = |ordering| Some(Twist::Ordering(index.parse().ok()?, ordering));
        let twist = match *what {
            "Relaxed" => ordering(Relaxed)?,
            "Acquire" => ordering(Acquire)?,
            "Release" => ordering(Release)?,
            "AcqRel" => ordering(AcqRel)?,
            "torn" => Twist::Torn,
            "skipped" => Twist::Skipped,
            _ => return None,
        };
        let place = (*place).to_owned();
        Some(Self { place, twist })
    }
}

static MUTANT: OnceLock<Option<Mutant>> = OnceLock::new();

fn mutant() -> Option<&'static Mutant> {
    let asked = || {
        let text = env::var("LOOM_MUTANT").ok()?;
        let mutant = Mutant::parse(&text);
        assert!(mutant.is_some(), "LOOM_MUTANT={text}: not understood");
        mutant
    };
    MUTANT.get_or_init(asked).as_ref()
}

/// An access of the code: the first call of `method` in `function`, in that file of the sources.
#[derive(Clone, Copy)]
pub(crate) struct Access {
    file: &'static str,
    function: &'static str,
    method: &'static str,
}

impl Access {
    pub(crate) const fn new(
        file: &'static str,
        function: &'static str,
        method: &'static str,
    ) -> Self {
        Self {
            file,
            function,
            method,
        }
    }
}

/// From now on this access is another one.
pub(crate) fn set(access: Access, twist: Twist) {
    let path = format!("{}/src/{}", env!("CARGO_MANIFEST_DIR"), access.file);
    let text = std::fs::read_to_string(&path).expect("a file of the sources");
    let function = format!("fn {}", access.function);
    let start = text.find(&function).expect("the function is there");
    let call = format!(".{}(", access.method);
    let at = start + text[start..].find(&call).expect("and calls the method") + 1;
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[..at].matches('\n').count() + 1;
    let place = format!("{}:{line}:{}", named(&path), at - line_start + 1);
    let mutant = MUTANT.set(Some(Mutant { place, twist }));
    assert!(mutant.is_ok(), "one mutant in a process");
}

/// As the compiler names it.
fn named(path: &str) -> &str {
    let here = Location::caller().file();
    let above = here.find("src/sync/").expect("this very file");
    let sources = path.rfind("/src/").expect("below the sources") + 1;
    &path[sources - above..]
}

struct Sites {
    seen: BTreeSet<(u32, u32, &'static str)>,
    file: File,
}

static SITES: LazyLock<Option<Mutex<Sites>>> = LazyLock::new(|| {
    let path = env::var_os("LOOM_SITES")?;
    let file = File::options().append(true).create(true).open(path);
    Some(Mutex::new(Sites {
        seen: BTreeSet::new(),
        file: file.expect("LOOM_SITES can be written"),
    }))
});

fn place(at: &Location<'_>) -> String {
    format!("{}:{}:{}", at.file(), at.line(), at.column())
}

/// What is other than the code says, at this place in this run.
pub(super) fn twist(at: &'static Location<'static>) -> Option<Twist> {
    if let Some(sites) = &*SITES {
        let mut sites = sites.lock().expect("no panic while it is held");
        if sites.seen.insert((at.line(), at.column(), at.file())) {
            writeln!(sites.file, "{}", place(at)).expect("LOOM_SITES can be written");
        }
    }
    let mutant = mutant()?;
    // The line first, since most accesses are in others.
    let same = mutant
        .place
        .ends_with(&format!(":{}:{}", at.line(), at.column()))
        && mutant.place == place(at);
    same.then_some(mutant.twist)
}
