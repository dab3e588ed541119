//! The side that runs tasks.
//!
//! One thread speaks to the server: it pulls, claims, gives signs of life, and stores results. Tasks run in a pool
//! of as many threads as there are slots, so they may block, and the thread goes on with its signs
//! whatever they do.
//!
//! - [`pull`]: asking for as many calls as there are free slots.
//! - [`delivery`]: what a message of work says.
//! - [`claim`]: making a call one's own, or finding out why not.
//! - [`run`]: running it, and storing what came of it.
//! - [`beat`]: signs of life.
//! - [`clock`]: the server's time.
//! - [`command`]: the program.

mod beat;
mod claim;
mod clock;
mod command;
mod delivery;
mod pull;
mod run;

pub use command::worker_main;

use super::{
    link::Link,
    options::ConnectOptions,
    setup::{self, Terms},
};
use crate::{Registry, id};
use clock::Clock;
use concurrent_futures::{ThreadPoolExecutor, remote::CallError};
use delivery::Delivery;
use futures_util::StreamExt;
use pull::Pull;
use run::{Ended, Running};
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    sync::{
        Notify,
        mpsc::{UnboundedSender, unbounded_channel},
    },
    time::{interval, timeout},
};

/// How long a worker that ends waits for messages that are on their way.
const LAST_MESSAGES: Duration = Duration::from_millis(100);

/// A program that runs tasks of a queue, until it is told to end.
///
/// [`worker_main`] makes one from the arguments of a program.
///
/// ```no_run
/// use concurrent_futures_remote::{ConnectOptions, Registry, Task, Worker};
///
/// static LENGTH: Task<String, usize> = Task::new("length@1");
/// let registry = Registry::new().add(&LENGTH, |text| text.len());
/// Worker::new(registry, ConnectOptions::new("nats://127.0.0.1:4222"))
///     .slots(8)
///     .run()?;
/// # Ok::<(), concurrent_futures::remote::CallError>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct Worker {
    registry: Registry,
    options: ConnectOptions,
    slots: usize,
    name: String,
}

impl Worker {
    /// One with a slot for each processor.
    pub fn new(registry: Registry, options: ConnectOptions) -> Self {
        let slots = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            registry,
            options,
            slots,
            name: format!("{}-{}", std::process::id(), id::random()),
        }
    }

    /// How many tasks it runs at a time, at least 1.
    pub fn slots(mut self, slots: usize) -> Self {
        self.slots = slots.max(1);
        self
    }

    /// Runs tasks until the process gets `SIGTERM` or `SIGINT`; then takes no more, ends those that run, stores their
    /// results and returns. Blocks as long. A second signal returns at once, and what runs is left to others.
    ///
    /// Whatever becomes of the connection later on, it is made again.
    ///
    /// # Errors
    ///
    /// [`CallError::Unavailable`] if the server could not be reached at the beginning, in the time that the
    /// options give; [`CallError::Refused`] if it does not let us in.
    pub fn run(self) -> Result<(), CallError> {
        let refused = |error: &dyn std::fmt::Display| CallError::Refused(error.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| refused(&error))?;
        let served = runtime.block_on(async {
            let mut signals = Signals::new().map_err(|error| refused(&error))?;
            self.serve(&mut signals).await
        });
        // Nobody waits for a task that was left behind.
        runtime.shutdown_background();
        served
    }

    async fn serve(self, signals: &mut Signals) -> Result<(), CallError> {
        let name = format!("worker {}", self.name);
        let (link, terms) = setup::open(&self.options, &name).await?;
        let pool = ThreadPoolExecutor::builder()
            .max_workers(self.slots)
            .thread_name_prefix("slot")
            .build()
            .map_err(|error| CallError::Refused(error.to_string()))?;
        let (tell, mut told) = unbounded_channel();
        let host = Arc::new(Host {
            link,
            terms,
            name: self.name,
            registry: self.registry,
            pool,
            slots: self.slots,
            running: Mutex::default(),
            taking: Mutex::default(),
            busy: AtomicUsize::new(0),
            storing: AtomicUsize::new(0),
            changed: Notify::new(),
            ended: tell,
            clock: Clock::default(),
        });
        let client = &host.link.js.client;
        let inbox = client.new_inbox();
        let subscribed = client.subscribe(format!("{inbox}.*")).await;
        let mut messages = subscribed.map_err(|error| CallError::Refused(error.to_string()))?;
        let mut pull = Pull::new(inbox);
        let mut beats = interval(host.terms.time_between_beats());
        let mut ticks = interval(Duration::from_millis(200));
        // Until the last message has come.
        let mut open = true;
        let mut draining = false;
        // A sign of life is there before the first claim.
        host.beat().await;
        loop {
            if draining && host.is_idle() {
                break;
            }
            if !draining {
                pull.fill(&host).await;
            }
            tokio::select! {
                message = messages.next(), if open => {
                    let Some(message) = message else {
                        open = false;
                        continue;
                    };
                    if let Some(delivery) = pull.receive(message) {
                        if draining || host.busy.load(SeqCst) >= host.slots {
                            host.give_back(&delivery, Duration::ZERO).await;
                        } else {
                            host.busy.fetch_add(1, SeqCst);
                            tokio::spawn(Arc::clone(&host).take(delivery));
                        }
                    }
                }
                ended = told.recv() => {
                    if let Some(ended) = ended {
                        host.storing.fetch_add(1, SeqCst);
                        host.busy.fetch_sub(1, SeqCst);
                        tokio::spawn(Arc::clone(&host).store(ended));
                    }
                }
                () = host.changed.notified() => {}
                _ = beats.tick() => drop(tokio::spawn(Arc::clone(&host).beat_once())),
                _ = ticks.tick() => pull.expire(),
                () = host.link.reconnected.notified() => pull.forget(),
                () = signals.next() => {
                    if draining {
                        log::warn!(target: "concurrent_futures", "worker {} leaves what it runs", host.name);
                        std::process::exit(1);
                    }
                    log::info!(target: "concurrent_futures", "worker {} takes no more calls", host.name);
                    draining = true;
                    // What is on its way still comes, and is given back; else it would wait for the lease.
                    let _ = messages.drain().await;
                    let _ = host.link.js.client.flush().await;
                }
            }
        }
        while open && let Ok(Some(message)) = timeout(LAST_MESSAGES, messages.next()).await {
            if let Some(delivery) = pull.receive(message) {
                host.give_back(&delivery, Duration::ZERO).await;
            }
        }
        let _ = host.link.js.client.flush().await;
        Ok(())
    }
}

/// A worker at work.
pub(super) struct Host {
    link: Link,
    terms: Terms,
    name: String,
    registry: Registry,
    pool: ThreadPoolExecutor,
    slots: usize,
    /// The calls that it has, by their ids.
    running: Mutex<HashMap<String, Running>>,
    /// Those that it is about to have, or not.
    taking: Mutex<HashSet<String>>,
    /// How many slots are taken.
    busy: AtomicUsize,
    /// How many results are on their way.
    storing: AtomicUsize,
    /// One of the two has become less.
    changed: Notify,
    ended: UnboundedSender<Ended>,
    clock: Clock,
}

impl Host {
    fn running(&self) -> MutexGuard<'_, HashMap<String, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn taking(&self) -> MutexGuard<'_, HashSet<String>> {
        self.taking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_idle(&self) -> bool {
        self.busy.load(SeqCst) == 0 && self.storing.load(SeqCst) == 0
    }

    /// Answers to a message of work.
    async fn answer(&self, reply: &str, word: &str) {
        let sent = self
            .link
            .js
            .client
            .publish(reply.to_owned(), word.to_owned().into());
        // If it is not sent, the message comes again.
        let _ = sent.await;
    }

    /// The call is done with.
    async fn acknowledge(&self, delivery: &Delivery) {
        self.answer(&delivery.reply, "+ACK").await;
    }

    /// Another worker may have it, after a while.
    async fn give_back(&self, delivery: &Delivery, after: Duration) {
        let word = format!("-NAK {{\"delay\": {}}}", after.as_nanos());
        self.answer(
            &delivery.reply,
            if after.is_zero() { "-NAK" } else { &word },
        )
        .await;
    }

    fn free_slot(&self) {
        self.busy.fetch_sub(1, SeqCst);
        self.changed.notify_one();
    }
}

/// What asks a process to end.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
    fn new() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        drop(tokio::signal::ctrl_c().await);
    }
}
