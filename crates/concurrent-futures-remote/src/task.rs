use std::{fmt, marker::PhantomData};

/// The name of a task, with the types of its arguments and of what it gives back.
///
/// The name is what travels, so it is a promise: programs of several versions may meet at one queue. Put a
/// version into it, and change that when the meaning or the types change.
///
/// A task of several arguments takes a tuple or a struct.
///
/// ```
/// use concurrent_futures_remote::Task;
///
/// static THUMBNAIL: Task<(String, u32), Vec<u8>> = Task::new("thumbnail@1");
/// assert_eq!(THUMBNAIL.name(), "thumbnail@1");
/// ```
pub struct Task<Args, Output> {
    name: &'static str,
    types: PhantomData<fn(Args) -> Output>,
}

impl<Args, Output> Task<Args, Output> {
    /// The task of this name.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            types: PhantomData,
        }
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<Args, Output> fmt::Debug for Task<Args, Output> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Task").field(&self.name).finish()
    }
}
