//! What a pool takes from the thread that submits, and puts around the task; see
//! [`Builder::context`](crate::Builder::context).

use crate::{
    error::Panic,
    unwind::{Contained, catch, report},
};
use std::sync::Arc;

type Enter = dyn Fn(&mut dyn FnMut()) + Send + Sync;

/// Takes the context of the thread that submits.
pub(crate) struct Capture(Box<dyn Fn() -> Arc<Contained<Box<Enter>>> + Send + Sync>);

impl Capture {
    pub(crate) fn new<F, C>(capture: F) -> Self
    where
        F: Fn() -> C + Send + Sync + 'static,
        C: Fn(&mut dyn FnMut()) + Send + Sync + 'static,
    {
        let capture = Contained::new("the context hook of a pool", capture);
        Self(Box::new(move || {
            let enter: Box<Enter> = Box::new(capture());
            Arc::new(Contained::new("the context of a task", enter))
        }))
    }

    /// The context of the calling thread. None if the hook panics, which is no matter of the task.
    pub(super) fn capture(&self) -> Option<Context> {
        match catch(&self.0) {
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
pub(super) struct Context(Arc<Contained<Box<Enter>>>);

impl Context {
    /// Runs `task` in it, if the context does so. A panic is the context's own.
    pub(super) fn enter(&self, task: &mut dyn FnMut()) -> Result<(), Panic> {
        catch(|| (self.0)(task))
    }
}
