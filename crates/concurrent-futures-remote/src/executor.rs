use crate::{
    CallBuilder, Map, Registry, Stats, Task, codec,
    id::{self, Ids},
    local::Local,
    stats::Tally,
};
use concurrent_futures::{
    Future, Observer, Promise, ThreadPoolExecutor,
    remote::{Audience, Backend, Call, CallError, Outcome, Reply},
};
use serde::{Serialize, de::DeserializeOwned};
use std::{fmt, panic::Location, sync::Arc};

/// Runs named tasks, here or elsewhere.
///
/// What it gives out are the same [`Future`]s as those of a pool, so [`wait`](concurrent_futures::wait),
/// [`as_completed`](concurrent_futures::as_completed), callbacks, `then`, `cancel` and `.await` work, and
/// futures of both kinds mix.
///
/// A clone is the same executor. Dropping it stops nothing: what was submitted runs, and its futures
/// complete. To end it, [`close`](Self::close) it.
///
/// # Callbacks and follow-ups
///
/// Callbacks of futures, and tasks given to `then`, run on threads of a small pool of the executor, so
/// they may take their time. Of a local executor that is the pool of its workers.
///
/// ```
/// use concurrent_futures_remote::{Executor, Registry, Task};
///
/// static LENGTH: Task<String, usize> = Task::new("length@1");
///
/// // One line moves the program: Executor::connect("nats://127.0.0.1:4222")?
/// let executor = Executor::local_with(8, Registry::new().add(&LENGTH, |text| text.len()));
/// let future = executor.submit(&LENGTH, "seven..".to_owned());
/// assert_eq!(future.result().unwrap(), 7);
/// ```
#[derive(Clone)]
pub struct Executor {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Arc<dyn Backend>,
    /// Where follow-ups run.
    pool: ThreadPoolExecutor,
    ids: Arc<Ids>,
    tally: Arc<Tally>,
    audience: Option<Audience>,
}

impl Executor {
    /// A pool of this process with so many workers, which runs the tasks of the program's registry: the one
    /// that was [installed](Registry::install), as `worker_main` does.
    ///
    /// # Panics
    ///
    /// If there are to be no slots, or more than 65,535.
    ///
    /// ```
    /// use concurrent_futures_remote::{Executor, Registry, Task};
    ///
    /// static DOUBLE: Task<u64, u64> = Task::new("double@1");
    /// Registry::new().add(&DOUBLE, |n| 2 * n).install();
    /// assert_eq!(Executor::local(8).submit(&DOUBLE, 21).result().unwrap(), 42);
    /// ```
    pub fn local(slots: usize) -> Self {
        Self::local_with(slots, Registry::installed())
    }

    /// As [`local`](Self::local), with a registry of its own.
    ///
    /// # Panics
    ///
    /// As `local`.
    pub fn local_with(slots: usize, registry: Registry) -> Self {
        let pool = ThreadPoolExecutor::builder()
            .max_workers(slots)
            .thread_name_prefix("local")
            .build();
        let pool = pool.unwrap_or_else(|error| panic!("slots: {error}"));
        let backend = Local::new(pool.clone(), registry);
        Self::on(Arc::new(backend), pool)
    }

    /// An executor of another backend. Tasks given to `then` run on the pool.
    pub fn on(backend: Arc<dyn Backend>, pool: ThreadPoolExecutor) -> Self {
        Self::assemble(backend, pool, Ids::new())
    }

    pub(crate) fn assemble(backend: Arc<dyn Backend>, pool: ThreadPoolExecutor, ids: Ids) -> Self {
        Self {
            inner: Arc::new(Inner {
                backend,
                pool,
                ids: Arc::new(ids),
                tally: Arc::default(),
                audience: None,
            }),
        }
    }

    /// Has a task run with these arguments. Does not block on the network, and never fails by itself: what
    /// goes wrong is in the future, as a [`CallError`].
    ///
    /// ```
    /// # use concurrent_futures_remote::{Executor, Registry, Task};
    /// use concurrent_futures::{TaskError, remote::CallError};
    ///
    /// static MISSPELT: Task<(), ()> = Task::new("lenght@1");
    /// let executor = Executor::local_with(1, Registry::new());
    /// let Err(TaskError::Failed(error)) = executor.submit(&MISSPELT, ()).result() else { panic!() };
    /// assert_eq!(error, CallError::UnknownTask("lenght@1".to_owned()));
    /// ```
    #[track_caller]
    pub fn submit<Args, Output>(
        &self,
        task: &Task<Args, Output>,
        arguments: Args,
    ) -> Future<Output, CallError>
    where
        Args: Serialize,
        Output: DeserializeOwned + Send + 'static,
    {
        self.call(task, arguments).submit()
    }

    /// As [`submit`](Self::submit), with more to be said of the call.
    ///
    /// ```
    /// # use concurrent_futures_remote::{Executor, Registry, Task};
    /// # static CHARGE: Task<u32, u32> = Task::new("charge@1");
    /// # let executor = Executor::local_with(1, Registry::new().add(&CHARGE, |n| n));
    /// let twice = [(); 2].map(|()| executor.call(&CHARGE, 99).key("order 1507").submit());
    /// assert_eq!(twice.map(|future| future.result().unwrap()), [99, 99]);
    /// // It ran once.
    /// ```
    #[track_caller]
    pub fn call<Args, Output>(
        &self,
        task: &Task<Args, Output>,
        arguments: Args,
    ) -> CallBuilder<'_, Output>
    where
        Args: Serialize,
    {
        let arguments = codec::encode("the arguments", task.name(), &arguments);
        CallBuilder::new(
            self,
            task.name(),
            arguments,
            self.inner.ids.next(),
            Location::caller(),
        )
    }

    /// Has a task run for each of the inputs, and gives the results in their order. See [`Map`].
    ///
    /// ```
    /// # use concurrent_futures_remote::{Executor, Registry, Task};
    /// # static DOUBLE: Task<u64, u64> = Task::new("double@1");
    /// # let executor = Executor::local_with(2, Registry::new().add(&DOUBLE, |n| 2 * n));
    /// let doubled: Result<Vec<_>, _> = executor.map(&DOUBLE, 0..5).collect();
    /// assert_eq!(doubled.unwrap(), [0, 2, 4, 6, 8]);
    /// ```
    #[track_caller]
    pub fn map<Args, Output, I>(
        &self,
        task: &Task<Args, Output>,
        inputs: I,
    ) -> Map<Args, Output, I::IntoIter>
    where
        I: IntoIterator<Item = Args>,
        Args: Serialize,
        Output: DeserializeOwned + Send + 'static,
    {
        Map::new(
            self.clone(),
            task.name(),
            inputs.into_iter(),
            Location::caller(),
        )
    }

    /// The future of a call that was started before, by another program perhaps, of which the
    /// [id](CallBuilder::id) is known. Results are kept for an hour.
    ///
    /// ```
    /// # use concurrent_futures_remote::{Executor, Registry, Task};
    /// # static DOUBLE: Task<u64, u64> = Task::new("double@1");
    /// # let executor = Executor::local_with(2, Registry::new().add(&DOUBLE, |n| 2 * n));
    /// let call = executor.call(&DOUBLE, 21);
    /// let id = call.id().to_owned();
    /// drop(call.submit());
    /// assert_eq!(executor.attach(&DOUBLE, &id).result().unwrap(), 42);
    /// ```
    #[track_caller]
    pub fn attach<Args, Output>(
        &self,
        task: &Task<Args, Output>,
        id: &str,
    ) -> Future<Output, CallError>
    where
        Output: DeserializeOwned + Send + 'static,
    {
        let (reply, future) = self.promise(task.name(), id, Location::caller());
        if id::is_valid(id) {
            self.inner.backend.attach(id, reply);
        } else {
            reply.send(Outcome::Refused(CallError::UnknownCall(id.to_owned())));
        }
        future
    }

    /// The same executor, whose calls an observer is told of from now on, those of this handle and its clones: a
    /// `concurrent_futures::remote::Recording` makes a profile of them. Calls are told by the
    /// names of their tasks, as started and finished when they have ended, with the times that their workers
    /// have measured.
    ///
    /// ```
    /// # use concurrent_futures_remote::{Executor, Registry, Task};
    /// use concurrent_futures::{FinishedTask, Observer};
    /// use std::sync::{Arc, Mutex};
    ///
    /// #[derive(Default)]
    /// struct Names(Mutex<Vec<String>>);
    ///
    /// impl Observer for Names {
    ///     fn finished(&self, fact: &FinishedTask<'_>) {
    ///         self.0.lock().unwrap().extend(fact.task.name.as_deref().map(str::to_owned));
    ///     }
    /// }
    ///
    /// # static DOUBLE: Task<u64, u64> = Task::new("double@1");
    /// # let registry = Registry::new().add(&DOUBLE, |n| 2 * n);
    /// let names = Arc::new(Names::default());
    /// let executor = Executor::local_with(2, registry).observed_by(Arc::clone(&names));
    /// executor.submit(&DOUBLE, 1).result().unwrap();
    /// assert_eq!(*names.0.lock().unwrap(), ["double@1"]);
    /// ```
    #[must_use]
    pub fn observed_by(&self, observer: impl Observer) -> Self {
        let Inner {
            backend,
            pool,
            ids,
            tally,
            ..
        } = &*self.inner;
        Self {
            inner: Arc::new(Inner {
                backend: Arc::clone(backend),
                pool: pool.clone(),
                ids: Arc::clone(ids),
                tally: Arc::clone(tally),
                audience: Some(Audience::new(observer)),
            }),
        }
    }

    /// What has become of the calls of this executor. Asks no server, and costs nothing.
    pub fn stats(&self) -> Stats {
        self.inner.tally.read()
    }

    /// Ends it: what is pending fails as [`CallError::Closed`], though it may still run, and so does what is
    /// submitted from now on. Blocks until that is done, not until anything has run.
    pub fn close(&self) {
        self.inner.backend.close();
    }

    /// Starts a call, or says why not.
    pub(crate) fn start<Output>(
        &self,
        call: Result<Call, CallError>,
        id: &str,
        task: &'static str,
        location: &'static Location<'static>,
    ) -> Future<Output, CallError>
    where
        Output: DeserializeOwned + Send + 'static,
    {
        let (reply, future) = self.promise(task, id, location);
        match call {
            Ok(call) => self.inner.backend.start(call, reply),
            Err(error) => reply.send(Outcome::Refused(error)),
        }
        future
    }

    /// A reply and its future, which are on the account.
    fn promise<Output>(
        &self,
        task: &'static str,
        id: &str,
        location: &'static Location<'static>,
    ) -> (Reply, Future<Output, CallError>)
    where
        Output: DeserializeOwned + Send + 'static,
    {
        let (backend, revoked) = (Arc::clone(&self.inner.backend), id.to_owned());
        let promise = Promise::builder()
            .follow_ups_on(&self.inner.pool)
            .revoke(move || backend.revoke(&revoked));
        let (typed, future) = Reply::decoded_by(promise, move |bytes| {
            codec::decode("the result", task, &bytes)
        });
        self.inner.tally.submit();
        let tally = Arc::clone(&self.inner.tally);
        future.add_done_callback(move |outcome| tally.end(outcome));
        let tally = Arc::clone(&self.inner.tally);
        let audience = self.inner.audience.as_ref();
        let observed = audience.map(|all| all.enqueued(task, location));
        let reply = Reply::to(move |outcome, run| {
            if let Some(observed) = observed {
                observed.ended(&outcome, run.as_ref());
            }
            match run {
                Some(run) => {
                    tally.ran(&run);
                    typed.send_run(outcome, run);
                }
                None => typed.send(outcome),
            }
        });
        (reply, future)
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
