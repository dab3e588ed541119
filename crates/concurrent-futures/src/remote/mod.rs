//! The seam behind which tasks run elsewhere: in another process, or on another machine.
//!
//! A [`Backend`] carries calls. A [`Call`] is what travels: the name of a task and its arguments as bytes,
//! never code. What comes back goes into a [`Reply`], which completes a [`Future`](crate::Future), so that
//! [`wait`](crate::wait), [`as_completed`](crate::as_completed), callbacks and `.await` need not know where
//! a task ran. The crate has no backend of its own; `concurrent-futures-remote` has two, one of which is a
//! local pool.
//!
//! # The law
//!
//! 1. Each call that was started is replied to exactly once, whatever becomes of server, workers and
//!    network; a reply that is dropped says [`CallError::Lost`]. Who waits for a call never waits for want of
//!    a reply from the backend itself.
//! 2. A call is run at least once, unless it is replied to as refused or cancelled. It is run again only
//!    if the worker that ran it has died, or was silent for longer than its [lease](Call::lease); never
//!    because its task has failed or panicked, which is a result.
//! 3. After as many deaths of workers as the call has [attempts](Call::attempts) it is replied to as
//!    [`CallError::BrokenWorker`].
//! 4. Calls of the same [key](Call::key) are one piece of work: it is done once, and each of them is
//!    replied to with its result.
//! 5. [`Backend::revoke`] has the call replied to as cancelled only if it never runs, and before it
//!    returns.
//! 6. [`Backend::start`] does not block on the network. What is known at once to be impossible is replied
//!    to at once.
//!
//! ```
//! use concurrent_futures::remote::{Backend, Call, CallError, Outcome, Reply};
//!
//! /// Runs each call at once, where it is started.
//! struct Here;
//!
//! impl Backend for Here {
//!     fn start(&self, call: Call, reply: Reply) {
//!         reply.send(match &*call.task {
//!             "reverse" => Outcome::Returned(call.arguments.iter().rev().copied().collect()),
//!             other => Outcome::Refused(CallError::UnknownTask(other.to_owned())),
//!         });
//!     }
//!
//!     fn revoke(&self, _: &str) {}
//!
//!     fn close(&self) {}
//! }
//!
//! let backend: Box<dyn Backend> = Box::new(Here);
//! let (reply, future) = Reply::new();
//! backend.start(Call::new("1", "reverse", b"abc".to_vec()), reply);
//! assert_eq!(future.result().unwrap(), b"cba");
//! ```

mod call;
mod error;
mod observed;
mod reply;

#[cfg(feature = "profile")]
pub use crate::profile::Recording;
pub use call::Call;
pub use error::CallError;
pub use observed::{Audience, Observed};
pub use reply::{Outcome, Reply, Run};

/// What carries calls to where they run. See the [law](self) it has to keep.
///
/// It is used from many threads at once.
pub trait Backend: Send + Sync + 'static {
    /// Starts a call. The reply may come before this returns, from any thread.
    fn start(&self, call: Call, reply: Reply);

    /// Replies with the outcome of a call that somebody else has started, now or when it has one. A backend
    /// that does not keep outcomes knows no such call, which is what this does by itself.
    fn attach(&self, id: &str, reply: Reply) {
        reply.send(Outcome::Refused(CallError::UnknownCall(id.to_owned())));
    }

    /// Sees to it, if it can, that the call of this id never runs; then it is replied to as
    /// [cancelled](Outcome::Cancelled) before this returns. It may block, for a time that the backend
    /// states. Calls that are unknown, or have been replied to, are passed over.
    fn revoke(&self, id: &str);

    /// Takes no more calls, and replies to those that are under way as [`CallError::Closed`], which does not
    /// stop them where they run. Blocks until that is done.
    fn close(&self);
}
