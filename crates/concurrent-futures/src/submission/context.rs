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
    fn capture(&self, name: Name<'_>) -> Option<Entrance> {
        match catch(|| (self.0)(name)) {
            Ok(context) => Some(context),
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

/// The contexts that were taken, the first outermost.
pub(super) struct Contexts(Box<[Entrance]>);

impl Contexts {
    /// Those of the calling thread. None if there are no hooks.
    pub(super) fn capture(hooks: &[Capture], name: Name<'_>) -> Option<Self> {
        if hooks.is_empty() {
            return None;
        }
        let mut contexts = Vec::with_capacity(hooks.len());
        contexts.extend(hooks.iter().filter_map(|hook| hook.capture(name)));
        Some(Self(contexts.into()))
    }

    /// Runs `task` in them, if they do so. A panic is a context's own.
    pub(super) fn enter(&self, task: &mut dyn FnMut()) -> Result<(), Panic> {
        enter(&self.0, task)
    }
}

fn enter(contexts: &[Entrance], task: &mut dyn FnMut()) -> Result<(), Panic> {
    let Some((outer, inner)) = contexts.split_first() else {
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
