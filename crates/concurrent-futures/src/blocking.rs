use crate::task::post::Post;

/// Runs `f`, which is going to block for something that the pool knows nothing of: meanwhile the pool
/// may have another worker in the place of this one, even if it has as many as it may have.
///
/// For a task that waits for what another task of the same pool will bring, by a channel, a lock or
/// a condition variable; a task that waits for a [`Future`](crate::Future) of its own pool needs no
/// hint. Outside of a pool it just calls `f`.
///
/// Up to 256 workers of a pool are replaced at a time, whatever its maximum. When `f` returns, there may
/// be one task more at work than the pool has workers, until the next task ends. Costs less than a
/// microsecond, and the start of a thread if there are tasks for it. See
/// [waiting](crate::docs::waiting#time-limits-and-blocking).
///
/// # Panics
///
/// If `f` does.
///
/// ```
/// use concurrent_futures::{ThreadPoolExecutor, blocking};
/// use std::sync::mpsc;
///
/// let pool = ThreadPoolExecutor::builder().max_workers(1).build()?;
/// let (send, receive) = mpsc::channel();
/// let waits = pool.submit(move || blocking(|| receive.recv()));
/// let sends = pool.submit(move || send.send("news"));
/// assert_eq!(waits.result().unwrap(), Ok("news"));
/// # sends.result().unwrap().unwrap();
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
pub fn blocking<F, R>(f: F) -> R
where
    F: FnOnce() -> R,
{
    let _blocked = Post::current().and_then(|post| post.block());
    f()
}
