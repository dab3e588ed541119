//! Follow-ups: a task whose closure holds the future of its parent.
//!
//! The follow-up lies in a slot of its own, queued nowhere. Its pool's end hangs on the parent as a
//! hook. When the parent is done, a good value sends the follow-up through the queue of the pool,
//! and anything else ends it on the spot, since then no user code is to run.

use crate::{
    error::TaskError,
    observing::Site,
    submission::{Dressed, Extras},
    task::{Ending, Handle, Turn, Work, slot::Outcome},
    unwind::{catch, drop_contained},
};

struct Follow<T, E, F> {
    parent: Handle<T, E>,
    f: F,
}

pub(super) fn follow<T, E, F, U>(parent: Handle<T, E>, f: F, site: Site) -> Handle<U, E>
where
    F: FnOnce(T) -> Result<U, E> + Send + 'static,
    T: Send + 'static,
    U: Send + 'static,
    E: Send + 'static,
{
    let before = parent.as_parent();
    let (source, follow) = (before.source(), Follow { parent, f });
    let (ambience, promise) = before.dress(site);
    let (task, handle) = if ambience.is_none() && promise.is_none() {
        Handle::pending(follow, &source)
    } else {
        let extras = Extras::of_follow_up(ambience, promise.clone());
        Handle::pending(Dressed::new(follow, extras), &source)
    };
    before.follow_up(task, promise);
    handle
}

impl<T, E, F, U> Work for Follow<T, E, F>
where
    F: FnOnce(T) -> Result<U, E>,
{
    type Value = U;
    type Error = E;
    type After = ();

    fn is_due(&self) -> bool {
        self.parent.waits_for_value()
    }

    fn perform(self, _: &mut dyn Turn) -> (Outcome<U, E>, ()) {
        let Self { parent, f } = self;
        let outcome = match parent.take_for_follow_up() {
            Ok(value) => match catch(|| f(value)) {
                Ok(Ok(value)) => Ok(value),
                Ok(Err(error)) => Err(TaskError::Failed(error)),
                Err(panic) => Err(TaskError::Panicked(panic)),
            },
            Err(error) => {
                drop_contained("a follow-up that did not run", f);
                Err(error)
            }
        };
        (outcome, ())
    }

    fn refuse(self, _: &Ending) {
        drop_contained("a follow-up that did not run", self.f);
    }
}
