//! What an initializer may return.

use std::error::Error;

/// What an initializer may return: nothing, or a `Result` whose error breaks the pool.
///
/// The `Ok` value is dropped; what is to stay belongs into a thread-local.
///
/// ```
/// # use concurrent_futures::ThreadPoolExecutor;
/// let pool = ThreadPoolExecutor::builder()
///     .initializer(|| std::env::var("NO_SUCH_VARIABLE"))
///     .build()?;
/// assert!(pool.submit(|| ()).result().is_err());
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
pub trait InitOutcome: sealed::Sealed {
    #[doc(hidden)]
    fn into_result(self) -> Result<(), Box<dyn Error + Send + Sync>>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl<T, E> Sealed for Result<T, E> {}
}

impl InitOutcome for () {
    fn into_result(self) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(())
    }
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> InitOutcome for Result<T, E> {
    fn into_result(self) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.map(drop).map_err(Into::into)
    }
}
