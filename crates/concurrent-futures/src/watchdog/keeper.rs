//! The thread that looks.

use super::{
    Watchdog,
    register::{Entry, Register},
    report::{WatchdogReport, WatchedTask},
    rule::{Finding, Rule, Seen, Sight, Waits},
};
use crate::{
    observer::{EnqueuedTask, FinishedTask, Observer, StartedTask},
    pool::{Pool, worker},
    task::post::Pause,
    unwind::report,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicU32, Ordering::SeqCst, fence},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

const UNSTARTED: u32 = 0;
const AWAKE: u32 = 1;
const ASLEEP: u32 = 2;

/// A watchdog at work.
pub(crate) struct Watch {
    watchdog: Watchdog,
    register: Register,
    pool: OnceLock<Weak<Pool>>,
    state: AtomicU32,
    keeper: OnceLock<Thread>,
}

impl Watch {
    pub(crate) fn new(watchdog: Watchdog) -> Arc<Self> {
        Arc::new(Self {
            watchdog,
            register: Register::new(),
            pool: OnceLock::new(),
            state: AtomicU32::new(UNSTARTED),
            keeper: OnceLock::new(),
        })
    }

    /// This is the pool that it watches.
    pub(crate) fn set_pool(&self, pool: &Weak<Pool>) {
        let _ = self.pool.set(Weak::clone(pool));
    }

    /// The task that the calling thread runs is about to wait.
    pub(crate) fn pauses(&self, pause: Pause) {
        self.register.set_waits(Some((Instant::now(), pause)));
    }

    /// It goes on.
    pub(crate) fn resumes(&self) {
        self.register.set_waits(None);
    }

    /// Something is different: the keeper shall look.
    pub(crate) fn nudge(&self) {
        fence(SeqCst);
        if let Some(keeper) = self.keeper.get() {
            keeper.unpark();
        }
    }

    /// A task has come.
    fn stir(&self) {
        let state = self.state.load(SeqCst);
        if state == AWAKE {
            return;
        }
        let woken = self.state.compare_exchange(state, AWAKE, SeqCst, SeqCst);
        match woken {
            Ok(ASLEEP) => self.nudge(),
            Ok(_) => self.start(),
            Err(_) => {}
        }
    }

    fn start(&self) {
        let Some(pool) = self.pool.get().and_then(Weak::upgrade) else {
            return;
        };
        let own = Arc::downgrade(&pool);
        let name = format!("{}_watchdog", pool.name());
        match thread::Builder::new().name(name).spawn(move || keep(&own)) {
            Ok(handle) => pool.join_later(handle),
            Err(error) => report(
                log::Level::Warn,
                format_args!("a pool is not watched: no thread: {error}"),
            ),
        }
    }
}

impl Observer for Watch {
    fn enqueued(&self, task: &EnqueuedTask) {
        self.register.enqueued(task);
        self.stir();
    }

    fn started(&self, task: &StartedTask<'_>) {
        self.register.started(task);
    }

    fn finished(&self, task: &FinishedTask<'_>) {
        self.register.finished(task);
    }
}

/// A closed pool has some last things to do that nobody tells of.
const ENDING: Duration = Duration::from_millis(20);

/// The life of the keeper.
fn keep(pool: &Weak<Pool>) {
    let mut keeper = None;
    loop {
        let Some(pool) = pool.upgrade() else { return };
        let Some(watch) = pool.watch().cloned() else {
            return;
        };
        let keeper = keeper.get_or_insert_with(|| Keeper::take_post(&pool, &watch));
        if pool.has_ended() {
            return;
        }
        let next = keeper.look(&pool, &watch);
        if next.is_none() {
            watch.state.store(ASLEEP, SeqCst);
        }
        let idles = watch.register.is_empty();
        let is_closed = pool.is_closed();
        drop(pool);
        match next {
            Some(next) => thread::park_timeout(next.saturating_duration_since(Instant::now())),
            None if is_closed => thread::park_timeout(ENDING),
            None if idles => thread::park(),
            None => {}
        }
        watch.state.store(AWAKE, SeqCst);
    }
}

/// What the keeper remembers from look to look.
struct Keeper {
    rule: Rule,
    /// How long the threads with a task have used a processor, and since when that is all.
    used: BTreeMap<u64, (u64, Instant)>,
}

impl Keeper {
    fn take_post(pool: &Pool, watch: &Watch) -> Self {
        let _ = watch.keeper.set(thread::current());
        // Whoever has closed the pool before has found no keeper to be told.
        fence(SeqCst);
        // What a handler does with the pool must not wait for this thread.
        worker::side_with(pool);
        Self {
            rule: Rule::new(watch.watchdog.limits),
            used: BTreeMap::new(),
        }
    }

    /// Reports what is to be reported. When to look again, if not only when a task comes.
    fn look(&mut self, pool: &Pool, watch: &Watch) -> Option<Instant> {
        let register = &watch.register;
        let (queued, moved) = (register.queued(), register.moved());
        let running = register.running();
        let now = Instant::now();
        let used = std::mem::take(&mut self.used);
        let seen = running.iter().map(|entry| self.see(entry, &used, now));
        let sight = Sight {
            now,
            queued,
            moved,
            running: seen.collect(),
        };
        let (findings, next) = self.rule.judge(&sight);
        for finding in findings {
            let report = finding.report(pool.name(), &sight, &running);
            watch.watchdog.tell(&report);
        }
        next
    }

    fn see(&mut self, entry: &Entry, used: &BTreeMap<u64, (u64, Instant)>, now: Instant) -> Seen {
        let mark = entry.thread.as_deref();
        let thread = mark.map_or(u64::MAX, |mark| mark.number);
        let rests = mark.and_then(|mark| {
            let running = mark.stat.as_ref()?.read()?.running;
            let since = match used.get(&thread) {
                Some((before, since)) if *before == running => *since,
                _ => now,
            };
            self.used.insert(thread, (running, since));
            Some(Waits {
                since,
                for_others: false,
            })
        });
        let waits = entry.waits.map(|(since, pause)| Waits {
            since,
            for_others: pause == Pause::Asleep,
        });
        Seen {
            id: entry.task.id,
            thread,
            started: entry.started,
            waits: waits.or(rests),
        }
    }
}

impl Finding {
    fn report(self, pool: &str, sight: &Sight, running: &[Entry]) -> WatchdogReport {
        let all = running.iter().zip(&sight.running);
        let concerned = all.filter(|(entry, _)| self.task.is_none_or(|id| id == entry.task.id));
        let tasks = concerned.map(|(entry, seen)| WatchedTask {
            task: entry.task.clone(),
            worker: Arc::clone(&entry.worker),
            age: sight.now.saturating_duration_since(entry.started),
            waiting: seen
                .waits
                .map(|waits| sight.now.saturating_duration_since(waits.since))
                .filter(|time| !time.is_zero()),
        });
        WatchdogReport {
            trouble: self.trouble,
            pool: pool.into(),
            duration: self.duration,
            queued: sight.queued,
            tasks: tasks.collect(),
        }
    }
}
