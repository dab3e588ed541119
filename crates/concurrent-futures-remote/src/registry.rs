use crate::{Task, codec};
use concurrent_futures::remote::{CallError, Outcome};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, OnceLock},
};

type Handler = Arc<dyn Fn(&[u8]) -> Outcome + Send + Sync>;

/// The tasks that a worker can run, by their names.
///
/// A call names its task, and nothing else of it travels: what is not in the registry cannot be run.
///
/// ```
/// use concurrent_futures_remote::{Executor, Registry, Task};
///
/// static DOUBLE: Task<u64, u64> = Task::new("double@1");
/// static PARSE: Task<String, i32> = Task::new("parse@1");
///
/// let registry = Registry::new()
///     .add(&DOUBLE, |n| 2 * n)
///     .try_add(&PARSE, |text| text.parse::<i32>());
/// let executor = Executor::local_with(2, registry);
/// assert_eq!(executor.submit(&DOUBLE, 21).result().unwrap(), 42);
/// let error = executor.submit(&PARSE, "x".to_owned()).result().unwrap_err();
/// assert_eq!(error.to_string(), "invalid digit found in string");
/// ```
#[derive(Clone, Default)]
pub struct Registry {
    tasks: BTreeMap<&'static str, Handler>,
}

/// The one of this program, for executors that are not given another.
static INSTALLED: OnceLock<Registry> = OnceLock::new();

impl Registry {
    /// One without tasks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a task: `f` is what runs for it.
    ///
    /// # Panics
    ///
    /// If there is a task of this name already.
    #[must_use]
    pub fn add<Args, Output, F>(self, task: &Task<Args, Output>, f: F) -> Self
    where
        Args: DeserializeOwned + 'static,
        Output: Serialize + 'static,
        F: Fn(Args) -> Output + Send + Sync + 'static,
    {
        self.insert(task.name(), move |args| Ok(f(args)))
    }

    /// Adds a task that can fail. Of its error the text travels; it becomes
    /// [`CallError::Task`].
    ///
    /// # Panics
    ///
    /// If there is a task of this name already.
    #[must_use]
    pub fn try_add<Args, Output, E, F>(self, task: &Task<Args, Output>, f: F) -> Self
    where
        Args: DeserializeOwned + 'static,
        Output: Serialize + 'static,
        E: fmt::Display,
        F: Fn(Args) -> Result<Output, E> + Send + Sync + 'static,
    {
        self.insert(task.name(), move |args| {
            f(args).map_err(|error| error.to_string())
        })
    }

    fn insert<Args, Output, F>(mut self, name: &'static str, f: F) -> Self
    where
        Args: DeserializeOwned + 'static,
        Output: Serialize + 'static,
        F: Fn(Args) -> Result<Output, String> + Send + Sync + 'static,
    {
        let handler = move |bytes: &[u8]| -> Result<Vec<u8>, CallError> {
            let args = codec::decode("the arguments", name, bytes)?;
            let output = f(args).map_err(CallError::Task)?;
            codec::encode("the result", name, &output)
        };
        let handler: Handler = Arc::new(move |bytes| match handler(bytes) {
            Ok(bytes) => Outcome::Returned(bytes),
            Err(error) => Outcome::Refused(error),
        });
        let before = self.tasks.insert(name, handler);
        assert!(before.is_none(), "two tasks have the name {name:?}");
        self
    }

    /// The names of all tasks, in their order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.tasks.keys().copied()
    }

    /// Makes this the registry of the program, which [`Executor::local`](crate::Executor::local) runs. Only
    /// the first one that is installed is; whether this was.
    pub fn install(self) -> bool {
        INSTALLED.set(self).is_ok()
    }

    pub(crate) fn installed() -> Self {
        INSTALLED.get().cloned().unwrap_or_default()
    }

    /// Runs a task on the calling thread. A panic of it goes on.
    pub(crate) fn run(&self, name: &str, arguments: &[u8]) -> Outcome {
        match self.tasks.get(name) {
            Some(handler) => handler(arguments),
            None => Outcome::Refused(CallError::UnknownTask(name.to_owned())),
        }
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
