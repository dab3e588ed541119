//! Values that panic when they are dropped, and a place to see what becomes of it.

use std::panic::panic_any;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::{error, fmt, thread};

use concurrent_futures::{Builder, ThreadPoolExecutor};
use log::Level;

use crate::support::LogCapture;

/// Panics when dropped. Clones of the fuse tell how many have gone off.
pub(super) struct Bomb(Fuse);

#[derive(Clone, Debug, Default)]
pub(super) struct Fuse(Arc<AtomicUsize>);

impl Fuse {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn bomb(&self) -> Bomb {
        Bomb(self.clone())
    }

    pub(super) fn explosions(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, SeqCst);
        panic!("a bomb went off");
    }
}

impl fmt::Debug for Bomb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bomb")
    }
}

impl fmt::Display for Bomb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bomb")
    }
}

impl error::Error for Bomb {}

/// Unwinds while it owns this.
pub(super) fn give_up<T>(_owned: T) -> ! {
    panic_any("the owner gives up")
}

/// A pool of two workers, and what is logged by them and by the thread of the test.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) pool: ThreadPoolExecutor,
    pub(super) log: LogCapture,
}

const WORKERS: usize = 2;

impl Site {
    pub(super) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(super) fn with(arrange: impl FnOnce(Builder) -> Builder) -> Self {
        let name = thread::current()
            .name()
            .expect("the harness names its threads")
            .to_owned();
        let builder = ThreadPoolExecutor::builder()
            .max_workers(WORKERS)
            .thread_name_prefix(&*name);
        Self {
            pool: arrange(builder).build().unwrap(),
            log: LogCapture::containing(name),
        }
    }

    pub(super) fn logged(&self) -> usize {
        explosions_in(&self.log)
    }

    /// All workers are there and serve: they meet, and that takes all of them.
    pub(super) fn expect_sound(&self) {
        let meeting = Arc::new(Barrier::new(WORKERS));
        let futures = [(); WORKERS].map(|()| {
            let meeting = Arc::clone(&meeting);
            self.pool.submit(move || meeting.wait())
        });
        for future in futures {
            future.result().expect("the pool still works");
        }
    }
}

/// How many explosions were told to the log.
pub(super) fn explosions_in(log: &LogCapture) -> usize {
    let records = log.records();
    let told = records
        .iter()
        .filter(|record| record.message.contains("a bomb went off"));
    told.filter(|record| record.level <= Level::Warn).count()
}
