//! A live line that tells how far a pool is.
//!
//! - [`facts`]: the numbers, read from the pool's statistics.
//! - [`line`]: their text, for so many columns.
//! - [`surface`]: where it appears.

mod facts;
mod line;
mod surface;

use crate::{ThreadPoolExecutor, fork::Birth, unwind::report};
use facts::{Counting, Facts};
use indicatif::ProgressBar;
use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Duration,
};
use surface::Surface;

const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

impl ThreadPoolExecutor {
    /// Shows on standard error how far the pool is, until the [`Progress`] is dropped.
    ///
    /// ```text
    /// ━━━━━━━━━━━━━━━━━╸────────────── 1,234/5,000 (24%), 3.2/s, eta 20m, 2 failed, 4 running, 3,762 queued
    /// ```
    ///
    /// It counts what ends, in whatever order, so a slow first task does not hold it up: those of this
    /// pool that were not done yet, and all that come. Where standard error is no terminal it writes a
    /// plain line every five seconds, and one at the end.
    ///
    /// Never blocks. Costs a thread, which looks at [`stats`](Self::stats) ten times a second; the pool's
    /// tasks are as fast as without. It does not keep the pool open: drop the pool first, and the line
    /// goes on while that waits for its tasks.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::new();
    /// let progress = pool.progress().label("squares");
    /// let squares: Result<Vec<u32>, _> = pool.map(0..1000, |n| n * n).collect();
    /// drop(progress);
    /// assert_eq!(squares.unwrap().len(), 1000);
    /// ```
    pub fn progress(&self) -> Progress {
        Progress::begin(self, Surface::of_stderr())
    }

    /// The same with a bar of your own: its looks, its place among others, its way to finish.
    ///
    /// Its length and position are those of the tasks, its message says how many run, wait and have
    /// failed.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
    ///
    /// let (read, write) = (ThreadPoolExecutor::new(), ThreadPoolExecutor::new());
    /// let style = ProgressStyle::with_template("{prefix:>6} {wide_bar} {pos}/{len} {msg}").unwrap();
    /// let both = MultiProgress::new();
    /// let bar = |name| both.add(ProgressBar::new(0).with_style(style.clone()).with_prefix(name));
    /// let lines = [read.progress_with(bar("read")), write.progress_with(bar("write"))];
    /// read.map(0..100, |n| n).chain(write.map(0..50, |n| n)).for_each(drop);
    /// drop(lines);
    /// ```
    pub fn progress_with(&self, bar: ProgressBar) -> Progress {
        Progress::begin(self, Surface::given(bar))
    }
}

/// The live line of a pool, from [`ThreadPoolExecutor::progress`]. Ends when it is dropped, with the
/// last numbers, which stay.
///
/// ```
/// # use concurrent_futures::ThreadPoolExecutor;
/// let pool = ThreadPoolExecutor::new();
/// // Inputs that are read as results are taken are not all known at first: say how many.
/// let progress = pool.progress().label("lines").total(300);
/// for length in pool.map_buffered(8, 0..300, |n: u32| n.to_string().len()) {
///     if length.is_err() {
///         progress.suspend(|| println!("no length"));
///     }
/// }
/// ```
#[must_use = "it ends when it is dropped"]
pub struct Progress {
    shared: Arc<Shared>,
    /// None if the system gave no thread: then there are only the last numbers.
    thread: Option<JoinHandle<()>>,
    birth: Birth,
}

struct Shared {
    counting: Counting,
    bar: ProgressBar,
    is_over: AtomicBool,
    screen: Mutex<Screen>,
}

struct Screen {
    surface: Surface,
    label: String,
    expected: Option<u64>,
}

impl Progress {
    fn begin(pool: &ThreadPoolExecutor, surface: Surface) -> Self {
        let shared = Arc::new(Shared {
            counting: Counting::begin(Arc::clone(pool.pool())),
            bar: surface.bar.clone(),
            is_over: AtomicBool::new(false),
            screen: Mutex::new(Screen {
                surface,
                label: String::new(),
                expected: None,
            }),
        });
        let own = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("progress".to_owned())
            .spawn(move || own.follow());
        if let Err(error) = &thread {
            let level = log::Level::Warn;
            report(
                level,
                format_args!("no live line, for want of a thread: {error}"),
            );
        }
        Self {
            shared,
            thread: thread.ok(),
            birth: Birth::now(),
        }
    }

    /// What stands before the numbers; for a bar of your own, its prefix.
    pub fn label(self, label: impl Into<String>) -> Self {
        let label = label.into();
        let mut screen = self.shared.screen();
        screen.surface.set_label(&label);
        screen.label = label;
        drop(screen);
        self
    }

    /// How many tasks there will be, if not all are submitted at once. Should more come, it is those.
    pub fn total(self, tasks: u64) -> Self {
        self.shared.screen().expected = Some(tasks);
        self
    }

    /// Calls `f`, which may print, while the line is out of the way.
    ///
    /// The line waits meanwhile; the pool does not.
    ///
    /// # Panics
    ///
    /// If `f` does; the line goes on.
    pub fn suspend<R>(&self, f: impl FnOnce() -> R) -> R {
        // The bar would not survive a panic under its lock.
        let ended = self
            .shared
            .bar
            .suspend(|| catch_unwind(AssertUnwindSafe(f)));
        ended.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.birth.is_before_fork() {
            // The line is the parent's, and the handle names no thread of this process.
            std::mem::forget(self.thread.take());
            return;
        }
        self.shared.is_over.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
        let mut screen = self.shared.screen();
        let facts = self.shared.last_facts(screen.expected);
        let Screen { surface, label, .. } = &mut *screen;
        surface.finish(label, &facts);
    }
}

impl Shared {
    fn screen(&self) -> MutexGuard<'_, Screen> {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A worker that comes to the end of a map counts as one that runs a task, for a moment: that is not
    /// to be the last that is told.
    fn last_facts(&self, expected: Option<u64>) -> Facts {
        const LOOKS: u32 = 10;
        let mut facts = self.counting.read(expected, &self.bar);
        for _ in 0..LOOKS {
            if facts.running == 0 {
                break;
            }
            thread::sleep(Duration::from_millis(1));
            facts = self.counting.read(expected, &self.bar);
        }
        facts
    }

    /// The life of the thread. It looks for the end before each sleep, and is woken after it was set.
    fn follow(&self) {
        loop {
            thread::park_timeout(BETWEEN_LOOKS);
            if self.is_over.load(Relaxed) {
                return;
            }
            let mut screen = self.screen();
            let facts = self.counting.read(screen.expected, &self.bar);
            let Screen { surface, label, .. } = &mut *screen;
            surface.draw(label, &facts);
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress")
            .field("done", &self.shared.bar.position())
            .field("total", &self.shared.bar.length())
            .finish_non_exhaustive()
    }
}
