use super::address::Address;
use concurrent_futures::remote::Call;
use std::{path::PathBuf, time::Duration};

/// How to reach a queue on a NATS server.
///
/// What concerns the queue itself, its [lease](Self::lease), [capacity](Self::capacity),
/// [replicas](Self::replicas) and [retention](Self::results_kept_for), lives on the server. It is changed
/// if it is said here, and else left as it is.
///
/// ```no_run
/// use concurrent_futures_remote::{ConnectOptions, Executor};
///
/// let options = ConnectOptions::new("tls://nats.example.org:4222")
///     .queue("thumbnails")
///     .credentials("tenant.creds");
/// let executor = Executor::connect_with(options)?;
/// # Ok::<(), concurrent_futures::remote::CallError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ConnectOptions {
    pub(crate) url: Address,
    pub(crate) queue: String,
    pub(crate) credentials: Option<PathBuf>,
    pub(crate) nkey: Option<PathBuf>,
    pub(crate) root_certificates: Option<PathBuf>,
    pub(crate) client_certificate: Option<(PathBuf, PathBuf)>,
    pub(crate) connect_timeout: Duration,
    pub(crate) submit_timeout: Duration,
    pub(crate) lease: Option<Duration>,
    pub(crate) capacity: Option<u64>,
    pub(crate) replicas: Option<u64>,
    pub(crate) results_kept_for: Option<Duration>,
}

impl ConnectOptions {
    /// So long a worker may be silent, where nothing was said.
    pub(crate) const LEASE: Duration = Call::LEASE;
    /// So many calls may be queued or running, where nothing was said.
    pub(crate) const CAPACITY: u64 = 1_000_000;
    const SHORTEST_LEASE: Duration = Duration::from_millis(100);
    const SHORTEST_RETENTION: Duration = Duration::from_secs(1);
    /// Of what the server counts in nanoseconds.
    const LONGEST: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 30);
    pub(crate) const RESULTS_KEPT_FOR: Duration = Duration::from_secs(60 * 60);

    /// A server, or several of one cluster, separated by commas: `nats://127.0.0.1:4222`. `tls://` asks for
    /// TLS. A name and a password, or a token, may stand in front of the host, as in
    /// `nats://name:password@host:4222` or `nats://token@host:4222`, with `%40` for `@` and the like. They are
    /// shown nowhere, but the arguments of a program are for all on its machine to see; a file of
    /// [credentials](Self::credentials) or [of a key](Self::nkey) is not.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: Address(url.into()),
            queue: "default".to_owned(),
            credentials: None,
            nkey: None,
            root_certificates: None,
            client_certificate: None,
            connect_timeout: Duration::from_secs(5),
            submit_timeout: Duration::from_secs(10),
            lease: None,
            capacity: None,
            replicas: None,
            results_kept_for: None,
        }
    }

    /// Another server, or several, as in [`new`](Self::new).
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Address(url.into());
        self
    }

    /// The name of the queue, `default` if nothing is said: letters, digits, `-` and `_`, at most 64.
    pub fn queue(mut self, name: impl Into<String>) -> Self {
        self.queue = name.into();
        self
    }

    /// A file of credentials, as `nsc` writes it.
    pub fn credentials(mut self, file: impl Into<PathBuf>) -> Self {
        self.credentials = Some(file.into());
        self
    }

    /// A file with the seed of a key (`NKey`), as `nk -gen user` writes it.
    pub fn nkey(mut self, file: impl Into<PathBuf>) -> Self {
        self.nkey = Some(file.into());
        self
    }

    /// Certificates in PEM form that the server's is to be signed by, instead of those of the system.
    pub fn root_certificates(mut self, file: impl Into<PathBuf>) -> Self {
        self.root_certificates = Some(file.into());
        self
    }

    /// A certificate and its key in PEM form, for servers that ask for one.
    pub fn client_certificate(
        mut self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        self.client_certificate = Some((certificate.into(), key.into()));
        self
    }

    /// How long a connect may take, until the queue is there: 5 seconds if nothing is said.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long it is tried to hand a call, or a request to cancel one, to the server, 10 seconds if nothing is
    /// said. A call that was not taken in that time fails as
    /// [`CallError::Unavailable`](concurrent_futures::remote::CallError::Unavailable). The time begins with the submit,
    /// or with the first answer that fails to come, if there are others to be handed over before.
    pub fn submit_timeout(mut self, timeout: Duration) -> Self {
        self.submit_timeout = timeout;
        self
    }

    /// How long a worker may be silent before others take its calls, 30 seconds if nobody says otherwise.
    /// Workers give a sign each third of it, so it does not bound how long a task may run. It is 100 ms at least.
    ///
    /// A worker learns it when it connects. Make it shorter only while none is at work: one that still gives its
    /// signs by a longer one is taken for dead.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = Some(lease.clamp(Self::SHORTEST_LEASE, Self::LONGEST));
        self
    }

    /// How many calls may be queued and running together, a million if nobody says otherwise. One more fails
    /// as [`CallError::QueueFull`](concurrent_futures::remote::CallError::QueueFull).
    pub fn capacity(mut self, calls: u64) -> Self {
        self.capacity = Some(calls.max(1));
        self
    }

    /// On how many servers of a cluster the queue is stored: 1, 3 or 5; 1 if nobody says otherwise.
    pub fn replicas(mut self, servers: u64) -> Self {
        self.replicas = Some(servers);
        self
    }

    /// How long results are kept, an hour if nobody says otherwise, and a second at least.
    pub fn results_kept_for(mut self, time: Duration) -> Self {
        self.results_kept_for = Some(time.clamp(Self::SHORTEST_RETENTION, Self::LONGEST));
        self
    }
}
