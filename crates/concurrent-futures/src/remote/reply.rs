use super::CallError;
use crate::{
    Future,
    error::{Panic, TaskError},
    promise::{Promise, PromiseBuilder},
    unwind::{catch, report},
};
use std::{fmt, sync::Arc, time::Duration};

/// How a call has ended.
///
/// ```
/// use concurrent_futures::remote::{Outcome, Reply};
///
/// let (reply, future) = Reply::new();
/// reply.send(Outcome::Panicked("disk on fire".to_owned()));
/// assert!(future.result().unwrap_err().is_panic());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With a value, in bytes.
    Returned(Vec<u8>),
    /// The task panicked, with this text.
    Panicked(String),
    /// It never ran.
    Cancelled,
    /// With an error.
    Refused(CallError),
}

/// How a call ran, as the worker that ran it has measured.
///
/// ```
/// use concurrent_futures::remote::Run;
/// use std::time::Duration;
///
/// let run = Run::new("host-1", Duration::from_millis(2), Duration::from_millis(30));
/// assert_eq!(run.attempt, 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Run {
    /// Which worker.
    pub worker: Arc<str>,
    /// How many workers have had the call, this one included.
    pub attempt: u32,
    /// From when the call was queued until this worker began with it.
    pub queue_wait: Duration,
    /// From then until its end.
    pub time: Duration,
}

impl Run {
    /// One at the first attempt.
    pub fn new(worker: impl Into<Arc<str>>, queue_wait: Duration, time: Duration) -> Self {
        Self {
            worker: worker.into(),
            attempt: 1,
            queue_wait,
            time,
        }
    }
}

type Sink = Box<dyn FnOnce(Outcome, Option<Run>) + Send>;

/// Where the outcome of one call goes. Dropped without one, it says [`CallError::Lost`].
pub struct Reply(Option<Sink>);

impl Reply {
    /// A reply that completes a future of bytes.
    ///
    /// ```
    /// # use concurrent_futures::remote::{CallError, Reply};
    /// let (reply, future) = Reply::new();
    /// drop(reply);
    /// assert_eq!(future.result().unwrap_err().into_failure(), Some(CallError::Lost));
    /// ```
    pub fn new() -> (Self, Future<Vec<u8>, CallError>) {
        Self::decoded_by(Promise::builder(), Ok)
    }

    /// A reply that completes a future of what `decode` makes of the bytes, on the thread that
    /// [sends](Self::send) the outcome. A panic of `decode` becomes an error of the
    /// [codec](CallError::Codec).
    ///
    /// ```
    /// # use concurrent_futures::{Promise, remote::{CallError, Outcome, Reply}};
    /// let promise = Promise::builder();
    /// let (reply, future) = Reply::decoded_by(promise, |bytes| {
    ///     String::from_utf8(bytes).map_err(|error| CallError::Codec(error.to_string()))
    /// });
    /// reply.send(Outcome::Returned(b"hello".to_vec()));
    /// assert_eq!(future.result().unwrap(), "hello");
    /// ```
    pub fn decoded_by<T, F>(
        promise: PromiseBuilder<'_, T, CallError>,
        decode: F,
    ) -> (Self, Future<T, CallError>)
    where
        T: Send + 'static,
        F: FnOnce(Vec<u8>) -> Result<T, CallError> + Send + 'static,
    {
        let (promise, future) = promise.build();
        let reply = Self::to(move |outcome, _| {
            let outcome = match outcome {
                Outcome::Returned(bytes) => catch(|| decode(bytes))
                    .unwrap_or_else(|panic| Err(CallError::Codec(panic.to_string())))
                    .map_err(TaskError::Failed),
                Outcome::Panicked(message) => {
                    Err(TaskError::Panicked(Panic::from_message(message)))
                }
                Outcome::Cancelled => Err(TaskError::Cancelled),
                Outcome::Refused(error) => Err(TaskError::Failed(error)),
            };
            // Nobody wants it if the future was cancelled here.
            drop(promise.complete(outcome));
        });
        (reply, future)
    }

    /// A reply that goes to a function, called once, with what is known of how the call ran.
    ///
    /// ```
    /// # use concurrent_futures::remote::{Outcome, Reply};
    /// let (tell, told) = std::sync::mpsc::channel();
    /// Reply::to(move |outcome, _run| tell.send(outcome).unwrap()).send(Outcome::Cancelled);
    /// assert_eq!(told.recv(), Ok(Outcome::Cancelled));
    /// ```
    pub fn to(sink: impl FnOnce(Outcome, Option<Run>) + Send + 'static) -> Self {
        Self(Some(Box::new(sink)))
    }

    /// Completes the future. Callbacks run on the calling thread before this returns.
    pub fn send(mut self, outcome: Outcome) {
        self.give(outcome, None);
    }

    /// As [`send`](Self::send), for a call that was run, with how it ran.
    ///
    /// ```
    /// # use concurrent_futures::remote::{Outcome, Reply, Run};
    /// # use std::time::Duration;
    /// let reply = Reply::to(|_, run| assert_eq!(run.unwrap().attempt, 1));
    /// let run = Run::new("host-1", Duration::ZERO, Duration::ZERO);
    /// reply.send_run(Outcome::Returned(Vec::new()), run);
    /// ```
    pub fn send_run(mut self, outcome: Outcome, run: Run) {
        self.give(outcome, Some(run));
    }

    fn give(&mut self, outcome: Outcome, run: Option<Run>) {
        let Some(sink) = self.0.take() else { return };
        if let Err(panic) = catch(|| sink(outcome, run)) {
            report(
                log::Level::Error,
                format_args!("the reply to a call panicked: {panic}"),
            );
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.give(Outcome::Refused(CallError::Lost), None);
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").finish_non_exhaustive()
    }
}
