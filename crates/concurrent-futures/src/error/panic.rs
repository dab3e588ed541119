use crate::unwind::{catch, report};
use std::{
    any::Any,
    borrow::Cow,
    error::Error,
    fmt,
    sync::{Mutex, PoisonError},
};

/// A panic that was caught: its payload and its text.
///
/// `Send` and `Sync`, so it travels in error chains. Dropping it drops the payload; should that
/// panic in turn, the second panic is logged and goes no further.
///
/// ```
/// use concurrent_futures::{TaskError, ThreadPoolExecutor};
///
/// let pool = ThreadPoolExecutor::new();
/// let Err(TaskError::Panicked(panic)) = pool.submit(|| panic!("disk on fire")).result() else {
///     unreachable!()
/// };
/// assert_eq!(panic.message(), "disk on fire");
/// ```
pub struct Panic(Box<Caught>);

struct Caught {
    message: Cow<'static, str>,
    // A payload is `Send` only; behind a mutex that nobody ever contends it is `Sync` as well.
    payload: Mutex<Option<Box<dyn Any + Send>>>,
}

impl Panic {
    pub(crate) fn new(payload: Box<dyn Any + Send>) -> Self {
        let message = if let Some(text) = payload.downcast_ref::<&'static str>() {
            Cow::Borrowed(*text)
        } else if let Some(text) = payload.downcast_ref::<String>() {
            Cow::Owned(text.clone())
        } else {
            Cow::Borrowed("a payload that is not text")
        };
        Self(Box::new(Caught {
            message,
            payload: Mutex::new(Some(payload)),
        }))
    }

    /// A panic that was caught elsewhere, on another machine perhaps, and of which only the text is here.
    /// Its payload is that text, a `String`.
    ///
    /// ```
    /// use concurrent_futures::Panic;
    ///
    /// assert_eq!(Panic::from_message("disk on fire").message(), "disk on fire");
    /// ```
    pub fn from_message(message: impl Into<String>) -> Self {
        Self::new(Box::new(message.into()))
    }

    /// The text of the panic, or a fixed text if its payload is neither `&str` nor `String`.
    ///
    /// ```
    /// # use concurrent_futures::{TaskError, ThreadPoolExecutor};
    /// # let pool = ThreadPoolExecutor::new();
    /// let error = pool.submit(|| { std::panic::panic_any(7) }).result().unwrap_err();
    /// let TaskError::Panicked(panic) = error else { unreachable!() };
    /// assert_eq!(panic.message(), "a payload that is not text");
    /// ```
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The payload, as `std::thread::JoinHandle::join` would give it.
    ///
    /// ```
    /// # use concurrent_futures::{TaskError, ThreadPoolExecutor};
    /// # let pool = ThreadPoolExecutor::new();
    /// let error = pool.submit(|| { std::panic::panic_any(7) }).result().unwrap_err();
    /// let TaskError::Panicked(panic) = error else { unreachable!() };
    /// assert_eq!(*panic.into_payload().downcast::<i32>().unwrap(), 7);
    /// ```
    pub fn into_payload(mut self) -> Box<dyn Any + Send> {
        // Taken once: this method consumes the only owner.
        self.take().unwrap_or_else(|| Box::new(()))
    }

    /// Continues the panic on this thread, without calling the panic hook again.
    ///
    /// # Panics
    ///
    /// Always: that is its purpose.
    ///
    /// ```should_panic
    /// # use concurrent_futures::{TaskError, ThreadPoolExecutor};
    /// # let pool = ThreadPoolExecutor::new();
    /// if let Err(TaskError::Panicked(panic)) = pool.submit(|| panic!("over to you")).result() {
    ///     panic.resume();
    /// }
    /// ```
    pub fn resume(self) -> ! {
        std::panic::resume_unwind(self.into_payload())
    }

    fn take(&mut self) -> Option<Box<dyn Any + Send>> {
        self.0
            .payload
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

impl Drop for Panic {
    fn drop(&mut self) {
        if let Some(payload) = self.take() {
            drop_payload(payload);
        }
    }
}

/// How often a payload may panic in its `Drop` with another one that does the same.
const PAYLOADS: usize = 8;

/// A payload whose `Drop` panics would abort the process if that happened while unwinding.
fn drop_payload(mut payload: Box<dyn Any + Send>) {
    for _ in 0..PAYLOADS {
        let Err(mut panic) = catch(|| drop(payload)) else {
            return;
        };
        report(
            log::Level::Error,
            format_args!("dropping the payload of a panic panicked: {panic}"),
        );
        let Some(next) = panic.take() else { return };
        payload = next;
    }
    // It would go on without end.
    std::mem::forget(payload);
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Panic").field(&self.message()).finish()
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl Error for Panic {}
