//! One door to everything that synchronises: std, or a model checker.
//!
//! The same code runs on either, so a model checks the real thing. `--cfg loom` says that a model
//! checker runs; with `--cfg shuttle` on top it is the other one.

#[cfg(loom)]
#[path = "sync/modelled/mod.rs"]
mod face;
#[cfg(not(loom))]
#[path = "sync/plain.rs"]
mod face;

pub(crate) use face::*;
pub(crate) use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::{
    cell::Cell,
    time::{Duration, Instant},
};

/// A mutex is never poisoned by us (no user code runs under one), so poison is not passed on.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Parks until unparked or until the deadline; may also return for no reason.
pub(crate) fn park_until(deadline: Option<Instant>) {
    #[cfg(not(loom))]
    if let Some(deadline) = deadline {
        std::thread::park_timeout(deadline.saturating_duration_since(Instant::now()));
        return;
    }
    let _ = deadline;
    park();
}

/// Interior mutability with the accesses marked, as loom wants them.
#[cfg(any(not(loom), shuttle))]
#[derive(Debug)]
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

#[cfg(any(not(loom), shuttle))]
impl<T> UnsafeCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    #[inline]
    pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    #[inline]
    pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }

    pub(crate) fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

/// Waiting for another thread to take its next, short step: spin, then give the CPU away.
#[derive(Default)]
pub(crate) struct Backoff {
    step: u32,
}

impl Backoff {
    const SPINS: u32 = 6;

    pub(crate) fn snooze(&mut self) {
        if cfg!(loom) || self.step > Self::SPINS {
            yield_now();
        } else {
            for _ in 0..1 << self.step {
                std::hint::spin_loop();
            }
        }
        self.step = self.step.saturating_add(1);
    }
}

/// A short spin before a thread sleeps, for as long as it pays.
///
/// Waking a sleeping thread costs a system call and two switches, several microseconds; a spin of
/// about two microseconds saves them if the other side is at work on another processor, and is lost
/// time if it is not, or waits for this very processor. Which of the two is the case lasts for a
/// while, so a thread remembers: after a spin in vain it sleeps at once, and tries again only now
/// and then.
///
/// Two threads that hand work to and fro can both be at work and yet never meet, since each sleeps
/// while the other is being woken. So a try is long: it gives way, again and again, for as long as a
/// wake-up may take.
pub(crate) struct Spin {
    /// Spins in vain, or left out, since the last one that paid.
    misses: u32,
    longest_pause: u32,
}

impl Spin {
    /// How many pauses there are in a short spin.
    const PAUSES: u32 = 128;
    const TRY_AGAIN: u32 = 64;
    const LONG: Duration = Duration::from_micros(100);
    /// Less than two switches between threads take.
    const SWITCH: Duration = Duration::from_nanos(1500);

    /// For a thread that looks at what only one other writes, once.
    pub(crate) const fn for_one() -> Self {
        Self {
            misses: 0,
            longest_pause: 1,
        }
    }

    /// For a thread that looks at what many write: each look takes the cache line from them, so it
    /// looks ever more seldom.
    pub(crate) const fn for_many() -> Self {
        Self {
            misses: 0,
            longest_pause: 8,
        }
    }

    /// Whether `hit` came true at once or during a spin.
    pub(crate) fn until(&mut self, mut hit: impl FnMut() -> bool) -> bool {
        if hit() {
            return true;
        }
        // A model would only see more of the same states.
        if cfg!(loom) || !several_processors() {
            return false;
        }
        let (came, paid) = match self.misses {
            0 => {
                let came = self.short(&mut hit);
                (came, came)
            }
            misses if misses % Self::TRY_AGAIN == 1 => Self::long(&mut hit),
            _ => (false, false),
        };
        self.misses = if paid {
            0
        } else {
            self.misses.checked_add(1).unwrap_or(1)
        };
        came
    }

    /// As [`until`](Self::until), for a thread that then lets go of its processor once, because whoever
    /// it waits for may need this very one.
    pub(crate) fn until_given_way(&mut self, mut hit: impl FnMut() -> bool) -> bool {
        if self.until(&mut hit) {
            return true;
        }
        if cfg!(loom) {
            return false;
        }
        let start = Instant::now();
        yield_now();
        let came = hit();
        // Too soon for another thread to have had this processor: a spin would have seen it.
        if came && start.elapsed() < Self::SWITCH {
            self.misses = 0;
        }
        came
    }

    fn short(&self, hit: &mut impl FnMut() -> bool) -> bool {
        let mut pause = 1;
        let mut left = Self::PAUSES;
        while left > 0 {
            for _ in 0..pause {
                std::hint::spin_loop();
            }
            if hit() {
                return true;
            }
            left = left.saturating_sub(pause);
            pause = (pause * 2).min(self.longest_pause);
        }
        false
    }

    /// Whether it came, and whether a shorter spin may pay from now on. It may not if it came as soon
    /// as this thread gave way, after the time of a switch: then the other side needs this very
    /// processor.
    fn long(hit: &mut impl FnMut() -> bool) -> (bool, bool) {
        let start = Instant::now();
        let mut turns = 0;
        let mut elapsed = Duration::ZERO;
        while elapsed < Self::LONG {
            yield_now();
            turns += 1;
            elapsed = start.elapsed();
            if hit() {
                return (true, turns > 2 || elapsed < Self::SWITCH);
            }
        }
        (false, false)
    }
}

std::thread_local! {
    /// Of a thread that waits for tasks.
    static WAITING: Cell<Spin> = const { Cell::new(Spin::for_one()) };
}

/// A short spin of a thread that waits for a task, if that pays. Whether `hit` came true.
pub(crate) fn spin_until(hit: impl FnMut() -> bool) -> bool {
    let mut spin = WAITING.replace(Spin::for_one());
    let came = spin.until(hit);
    WAITING.set(spin);
    came
}

/// Whether anybody else can run while this thread spins.
fn several_processors() -> bool {
    static SEVERAL: std::sync::LazyLock<bool> = std::sync::LazyLock::new(|| {
        std::thread::available_parallelism().is_ok_and(|cpus| cpus.get() > 1)
    });
    *SEVERAL
}

/// Keeps its content on cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Padded<T>(pub(crate) T);

impl<T> std::ops::Deref for Padded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
