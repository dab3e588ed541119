//! The documents that the server serves: two dozen short texts, and four that go wrong on purpose.

use std::time::Duration;

/// A text, how long the server thinks about it, and what it then does.
#[derive(Debug)]
pub struct Document {
    /// The last part of its address.
    pub name: &'static str,
    /// What is sent.
    pub text: &'static str,
    /// Time between the request and the first byte of the answer.
    pub latency: Duration,
    /// How the server answers.
    pub answer: Answer,
}

/// How the server answers a request for a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// With the whole text.
    Complete,
    /// With this status and no text.
    Status(u16),
    /// With half of the announced text; then the connection breaks.
    BreakOff,
    /// Not at all: the connection stays open, and nothing comes.
    Never,
}

impl Document {
    /// Whether a download of this document cannot succeed.
    pub const fn fails(&self) -> bool {
        !matches!(self.answer, Answer::Complete)
    }
}

/// What the server serves, in the order in which the demonstration asks for it.
pub static ALL: [Document; 28] = [
    complete("thread.txt", 120, include_str!("../documents/thread.txt")),
    complete("worker.txt", 90, include_str!("../documents/worker.txt")),
    complete("pool.txt", 160, include_str!("../documents/pool.txt")),
    failing("missing.txt", 60, Answer::Status(404)),
    complete("task.txt", 110, include_str!("../documents/task.txt")),
    complete("queue.txt", 140, include_str!("../documents/queue.txt")),
    complete("future.txt", 80, include_str!("../documents/future.txt")),
    complete("result.txt", 170, include_str!("../documents/result.txt")),
    complete(
        "exception.txt",
        130,
        include_str!("../documents/exception.txt"),
    ),
    failing("late.txt", 0, Answer::Never),
    complete(
        "callback.txt",
        100,
        include_str!("../documents/callback.txt"),
    ),
    complete("cancel.txt", 150, include_str!("../documents/cancel.txt")),
    complete(
        "shutdown.txt",
        90,
        include_str!("../documents/shutdown.txt"),
    ),
    complete("order.txt", 180, include_str!("../documents/order.txt")),
    failing("torn.txt", 80, Answer::BreakOff),
    complete("map.txt", 120, include_str!("../documents/map.txt")),
    complete("wait.txt", 140, include_str!("../documents/wait.txt")),
    complete(
        "deadline.txt",
        110,
        include_str!("../documents/deadline.txt"),
    ),
    complete(
        "deadlock.txt",
        160,
        include_str!("../documents/deadlock.txt"),
    ),
    complete(
        "progress.txt",
        80,
        include_str!("../documents/progress.txt"),
    ),
    failing("failing.txt", 70, Answer::Status(500)),
    complete("retry.txt", 130, include_str!("../documents/retry.txt")),
    complete(
        "pipeline.txt",
        170,
        include_str!("../documents/pipeline.txt"),
    ),
    complete(
        "connection.txt",
        100,
        include_str!("../documents/connection.txt"),
    ),
    complete("speed.txt", 150, include_str!("../documents/speed.txt")),
    complete("memory.txt", 120, include_str!("../documents/memory.txt")),
    complete("lock.txt", 90, include_str!("../documents/lock.txt")),
    complete("await.txt", 140, include_str!("../documents/await.txt")),
];

const fn complete(name: &'static str, latency: u64, text: &'static str) -> Document {
    Document {
        name,
        text,
        latency: Duration::from_millis(latency),
        answer: Answer::Complete,
    }
}

const fn failing(name: &'static str, latency: u64, answer: Answer) -> Document {
    let text = include_str!("../documents/queue.txt");
    Document {
        name,
        text,
        latency: Duration::from_millis(latency),
        answer,
    }
}
