use std::time::Duration;

/// What is to be run, in a form that travels.
///
/// ```
/// use concurrent_futures::remote::Call;
/// use std::time::Duration;
///
/// let call = Call::new("7", "thumbnail@1", b"cat.png".to_vec());
/// assert_eq!((call.attempts, call.lease), (3, Duration::from_secs(30)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// Which call: no other one of this backend has it, but for those of the same key.
    pub id: String,
    /// The name of the task, by which a worker finds it.
    pub task: String,
    /// The arguments, written by a codec that the worker has, too.
    pub arguments: Vec<u8>,
    /// Calls of the same key are one piece of work.
    pub key: Option<String>,
    /// How long a worker may be silent before it counts as dead.
    pub lease: Duration,
    /// How many workers may die of it.
    pub attempts: u32,
}

impl Call {
    /// So long a worker may be silent, if nothing else was said.
    pub const LEASE: Duration = Duration::from_secs(30);
    /// So many workers may die, if nothing else was said.
    pub const ATTEMPTS: u32 = 3;

    /// A call without a key, of the usual lease and attempts.
    pub fn new(
        id: impl Into<String>,
        task: impl Into<String>,
        arguments: impl Into<Vec<u8>>,
    ) -> Self {
        Self {
            id: id.into(),
            task: task.into(),
            arguments: arguments.into(),
            key: None,
            lease: Self::LEASE,
            attempts: Self::ATTEMPTS,
        }
    }
}
