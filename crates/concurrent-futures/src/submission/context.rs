//! What a pool takes from the thread that submits, and puts around the task; see
//! [`Builder::context`](crate::Builder::context).

use crate::{
    error::Panic,
    unwind::{Contained, catch, report},
};
use std::sync::Arc;

type Enter = dyn Fn(&mut dyn FnMut()) + Send + Sync;
type Entrance = Arc<Contained<Box<Enter>>>;
type Name<'a> = Option<&'a Arc<str>>;

/// Takes the context of the thread that submits, for a task of that name.
pub(crate) struct Capture(Box<dyn Fn(Name<'_>) -> Entrance + Send + Sync>);

impl Capture {
    pub(crate) fn new<F, C>(capture: F) -> Self
    where
        F: Fn() -> C + Send + Sync + 'static,
        C: Fn(&mut dyn FnMut()) + Send + Sync + 'static,
    {
        Self::of_named(move |_| capture())
    }

    pub(crate) fn of_named<F, C>(capture: F) -> Self
    where
        F: Fn(Name<'_>) -> C + Send + Sync + 'static,
        C: Fn(&mut dyn FnMut()) + Send + Sync + 'static,
    {
        let capture = Contained::new("the context hook of a pool", capture);
        Self(Box::new(move |name| {
            let enter: Box<Enter> = Box::new(capture(name));
            Arc::new(Contained::new("the context of a task", enter))
        }))
    }

    /// The context of the calling thread. None if the hook panics, which is no matter of the task.
    pub(super) fn capture(&self, name: Name<'_>) -> Option<Context> {
        match catch(|| (self.0)(name)) {
            Ok(context) => Some(Context(context)),
            Err(panic) => {
                report(
                    log::Level::Error,
                    format_args!("the context hook of a pool panicked: {panic}"),
                );
                None
            }
        }
    }
}

/// A context that was taken.
pub(super) struct Context(Entrance);

/// Runs `task` in these contexts, the first outermost, if they do so. A panic is a context's own.
pub(super) fn enter(contexts: &[Context], task: &mut dyn FnMut()) -> Result<(), Panic> {
    let Some((Context(outer), inner)) = contexts.split_first() else {
        task();
        return Ok(());
    };
    let mut entered = Ok(());
    catch(|| {
        outer(&mut || {
            if entered.is_ok() {
                entered = enter(inner, task);
            }
        });
    })?;
    entered
}
