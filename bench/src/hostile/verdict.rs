use serde::{Deserialize, Serialize};
use std::fmt;

/// What a pool did in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Word {
    Right,
    /// A task, or the word of its end, or a worker is gone.
    Lost,
    /// Something is never dropped, or a thread stays.
    Leak,
    NotApplicable,
    /// It had to be ended at the time limit.
    Hang,
    /// The process ended in another way than by itself.
    Abort,
    /// The pool panicked where its user stands.
    Panic,
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Right => "right",
            Self::Lost => "lost",
            Self::Leak => "leak",
            Self::NotApplicable => "n/a",
            Self::Hang => "hang",
            Self::Abort => "abort",
            Self::Panic => "panic",
        })
    }
}

/// A line of JSON on the way from the child to its parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Verdict {
    pub(super) word: Word,
    /// What was lost; or of what is right, how much it took.
    pub(super) why: String,
}

impl Verdict {
    pub(super) fn new(word: Word, why: impl Into<String>) -> Self {
        let why = why.into();
        Self { word, why }
    }

    pub(super) fn right() -> Self {
        Self::new(Word::Right, "")
    }

    /// Right, and those whose tasks did not run were told, if there are such.
    pub(super) fn right_told(told: bool) -> Self {
        Self::new(Word::Right, if told { "told" } else { "" })
    }

    pub(super) fn told_at_the_start() -> Self {
        Self::new(Word::Right, "told at the start")
    }

    pub(super) fn lost(why: impl Into<String>) -> Self {
        Self::new(Word::Lost, why)
    }

    pub(super) fn leak(why: impl Into<String>) -> Self {
        Self::new(Word::Leak, why)
    }

    pub(super) fn not_applicable(why: impl Into<String>) -> Self {
        Self::new(Word::NotApplicable, why)
    }

    pub(super) fn right_if(right: bool, else_lost: &str) -> Self {
        if right {
            Self::right()
        } else {
            Self::lost(else_lost)
        }
    }
}
