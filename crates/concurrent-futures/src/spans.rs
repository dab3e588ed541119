//! A [`tracing`] span for each task; see [`Builder::tracing`](crate::Builder::tracing).

use crate::submission::Capture;
use std::{sync::Arc, thread};
use tracing::{Dispatch, Level, Span, dispatcher, subscriber::NoSubscriber};

/// Takes the current span of the thread that submits.
pub(crate) fn capture() -> Capture {
    Capture::of_named(|name| {
        let origin = Origin::here(name.cloned());
        move |task: &mut dyn FnMut()| origin.run(task)
    })
}

/// Where a task was submitted.
struct Origin {
    /// Who listens there; a span means nothing to anybody else. `None` if nobody does.
    dispatch: Option<Dispatch>,
    parent: Span,
    name: Option<Arc<str>>,
}

impl Origin {
    fn here(name: Option<Arc<str>>) -> Self {
        Self {
            dispatch: dispatcher::get_default(|dispatch| {
                (!dispatch.is::<NoSubscriber>()).then(|| dispatch.clone())
            }),
            parent: Span::current(),
            name,
        }
    }

    fn run(&self, task: &mut dyn FnMut()) {
        match &self.dispatch {
            Some(dispatch) => dispatcher::with_default(dispatch, || self.span().in_scope(task)),
            None => task(),
        }
    }

    fn span(&self) -> Span {
        tracing::span!(
            target: "concurrent_futures",
            parent: &self.parent,
            Level::INFO,
            "task",
            task.name = self.name.as_deref(),
            worker = thread::current().name(),
        )
    }
}
