use super::super::pools::Pool;
use crate::sync::Gate;
use std::{
    panic::panic_any,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Whether something comes true within two seconds.
pub(super) fn soon(mut condition: impl FnMut() -> bool) -> bool {
    let patience = Instant::now() + Duration::from_secs(2);
    loop {
        if condition() {
            return true;
        }
        if Instant::now() > patience {
            return false;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Whether so many tasks run side by side: whether all workers are there.
pub(super) fn meet<P: Pool>(pool: &P, workers: usize) -> bool {
    let here = Arc::new(AtomicUsize::new(0));
    let gate = Gate::leaked();
    for _ in 0..workers {
        let here = Arc::clone(&here);
        pool.spawn(move || {
            here.fetch_add(1, Ordering::Relaxed);
            gate.pass();
        });
    }
    let met = soon(|| here.load(Ordering::Relaxed) == workers);
    gate.open();
    met
}

/// Panics when it is dropped.
pub(super) struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !thread::panicking() {
            panic_any("a bomb");
        }
    }
}

/// How many of its clones are alive, the first one not counted.
#[derive(Clone, Default)]
pub(super) struct Token(Arc<()>);

impl Token {
    pub(super) fn alive(&self) -> usize {
        Arc::strong_count(&self.0) - 1
    }
}
