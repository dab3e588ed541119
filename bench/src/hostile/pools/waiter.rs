use std::{
    any::Any,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake},
    thread::{self, Thread},
};

/// Waits for a task: its result, or the word that there is none.
pub(in super::super) struct Waiter<T>(Box<dyn FnOnce() -> Option<T> + Send>);

impl<T: 'static> Waiter<T> {
    pub(super) fn of(wait: impl FnOnce() -> Option<T> + Send + 'static) -> Self {
        Self(Box::new(wait))
    }

    pub(super) fn of_async<F>(future: F) -> Self
    where
        F: Future<Output = Option<T>> + Send + 'static,
    {
        Self::of(|| block_on(future))
    }

    /// A panic is how some pools say that there is no result.
    pub(in super::super) fn wait(self) -> Option<T> {
        catch_unwind(AssertUnwindSafe(self.0)).unwrap_or_else(|payload| {
            let_go(payload);
            None
        })
    }
}

/// Drops what a panic has left, which may panic, too.
pub(super) fn let_go(payload: Box<dyn Any + Send>) {
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(payload)));
    mem::forget(dropped);
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Without thread-locals, so that it can be used when they are gone.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Arc::new(Unpark(thread::current())).into();
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
