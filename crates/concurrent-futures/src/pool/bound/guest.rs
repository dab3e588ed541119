//! Somebody in line who sleeps in a way of his own.

use super::{
    Bound, Permit,
    line::{Answer, Call, Waiter},
};
use std::sync::Arc;

/// A place in line for a permit of weight 1. Dropped, it leaves the line.
pub(crate) struct Guest {
    bound: Arc<Bound>,
    standing: Standing,
}

enum Standing {
    InLine(Arc<Waiter>),
    /// What the answer was, and is to be fetched.
    Told(Answer),
    Over,
}

/// What a guest learns.
pub(crate) enum GuestAnswer {
    /// Nothing yet: he will be woken.
    Wait,
    Enter(Permit),
    /// The bound is closed.
    Closed,
}

impl Bound {
    /// Joins the line. `wake` is called once, when there is an answer that was not there at once.
    pub(crate) fn receive(self: &Arc<Self>, wake: impl Fn() + Send + Sync + 'static) -> Guest {
        let standing = match self.enlist(1, Call::Function(Box::new(wake))) {
            Ok(waiter) => Standing::InLine(waiter),
            Err(answer) => Standing::Told(answer),
        };
        Guest {
            bound: Arc::clone(self),
            standing,
        }
    }
}

impl Guest {
    /// The answer, given out once.
    pub(crate) fn ask(&mut self) -> GuestAnswer {
        let answer = match &self.standing {
            Standing::InLine(waiter) => waiter.answer(),
            Standing::Told(answer) => *answer,
            Standing::Over => Answer::Closed,
        };
        match answer {
            Answer::None => GuestAnswer::Wait,
            Answer::Served => {
                self.standing = Standing::Over;
                GuestAnswer::Enter(self.bound.permit(1))
            }
            Answer::Closed => GuestAnswer::Closed,
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        if let Standing::InLine(waiter) = &self.standing {
            if waiter.answer() == Answer::None {
                self.bound.leave(waiter);
            }
        }
        // Told just now, and not fetched: the permit goes back.
        if let GuestAnswer::Enter(permit) = self.ask() {
            drop(permit);
        }
    }
}
