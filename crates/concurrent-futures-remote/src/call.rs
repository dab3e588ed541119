use crate::{Executor, id};
use concurrent_futures::{
    Future,
    remote::{Call, CallError},
};
use serde::de::DeserializeOwned;
use std::{fmt, marker::PhantomData, panic::Location};

/// A call that has not been started; from [`Executor::call`].
#[must_use]
pub struct CallBuilder<'a, Output> {
    executor: &'a Executor,
    task: &'static str,
    arguments: Result<Vec<u8>, CallError>,
    id: String,
    key: Option<String>,
    attempts: u32,
    location: &'static Location<'static>,
    output: PhantomData<fn() -> Output>,
}

impl<'a, Output> CallBuilder<'a, Output> {
    pub(crate) fn new(
        executor: &'a Executor,
        task: &'static str,
        arguments: Result<Vec<u8>, CallError>,
        id: String,
        location: &'static Location<'static>,
    ) -> Self {
        Self {
            executor,
            task,
            arguments,
            id,
            key: None,
            attempts: Call::ATTEMPTS,
            location,
            output: PhantomData,
        }
    }

    /// It is made there.
    pub(crate) fn at(self, location: &'static Location<'static>) -> Self {
        Self { location, ..self }
    }

    /// Calls of the same key are one piece of work, whoever makes them, for as long as its result is kept:
    /// it is done once, with the arguments of one of them, and each of them gets its result. Who cancels it
    /// cancels it for all. The key has at most 256 bytes.
    ///
    /// After that hour the key is forgotten, and work of the same key is done again.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        let key = key.into();
        if key.is_empty() || key.len() > id::LONGEST_KEY {
            let longest = id::LONGEST_KEY;
            let rule = format!(
                "the key has {} bytes: it must have 1 to {longest}",
                key.len()
            );
            self.arguments = Err(CallError::Refused(rule));
        }
        self.id = id::of_key(&key);
        self.key = Some(key);
        self
    }

    /// How many workers may die of it, or be silent for too long, before it is given up as
    /// [`CallError::BrokenWorker`]: 3, if nothing is said, and at least 1.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// By what it can be [attached](Executor::attach) to, from another program and at another time. That of a call
    /// with a key follows from the key.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Starts it, as [`Executor::submit`] does.
    pub fn submit(self) -> Future<Output, CallError>
    where
        Output: DeserializeOwned + Send + 'static,
    {
        let Self {
            executor,
            task,
            arguments,
            id,
            key,
            attempts,
            location,
            ..
        } = self;
        let call = arguments.map(|arguments| {
            let mut call = Call::new(id.clone(), task, arguments);
            call.key = key;
            call.attempts = attempts;
            call
        });
        executor.start(call, &id, task, location)
    }
}

impl<Output> fmt::Debug for CallBuilder<'_, Output> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallBuilder")
            .field("task", &self.task)
            .field("id", &self.id)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}
