//! Wakers that are accounted for: whoever has left one is woken by it, and no waker is called twice or kept.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};
use std::thread::{self, Thread};

use crate::tally::{Event, Tally};

/// What is known of one waker.
#[derive(Debug, Default)]
struct Story {
    calls: AtomicU32,
    drops: AtomicU32,
    end: AtomicU8,
}

/// Whoever left it has gone away, or come back with another one.
const TAKEN_BACK: u8 = 1;
/// Whoever left it has waited for it.
const WAITED_FOR: u8 = 2;

#[derive(Debug)]
struct Alarm {
    thread: Thread,
    story: Arc<Story>,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.story.calls.fetch_add(1, SeqCst);
        self.thread.unpark();
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.story.drops.fetch_add(1, SeqCst);
    }
}

#[derive(Debug, Default)]
pub(crate) struct Wakers(Mutex<Vec<Arc<Story>>>);

/// A waker for one poll that may leave it.
pub(crate) struct Left(Arc<Story>);

impl Wakers {
    pub(crate) fn make(&self) -> (Waker, Left) {
        let story = Arc::<Story>::default();
        let mut stories = self.0.lock().expect("held for a push only");
        stories.push(Arc::clone(&story));
        let alarm = Alarm {
            thread: thread::current(),
            story: Arc::clone(&story),
        };
        (Waker::from(Arc::new(alarm)), Left(story))
    }

    /// Called when nobody can call a waker any more.
    pub(crate) fn close(&self, tally: &Tally) -> Vec<String> {
        let stories = std::mem::take(&mut *self.0.lock().expect("held for a swap only"));
        let mut mistakes = Vec::new();
        for story in stories {
            let (calls, drops) = (story.calls.load(SeqCst), story.drops.load(SeqCst));
            let right = match story.end.load(SeqCst) {
                WAITED_FOR => calls == 1,
                TAKEN_BACK => calls <= 1,
                _ => calls == 0,
            };
            if !right || drops != 1 {
                mistakes.push(format!("a waker: {story:?}"));
            }
            match story.end.load(SeqCst) {
                0 => continue,
                _ if calls == 0 => tally.count(Event::WakerReplaced),
                _ => tally.count(Event::WakerCalled),
            }
            tally.count(Event::WakerLeft);
        }
        mistakes
    }
}

impl Left {
    /// Nobody waits for it.
    pub(crate) fn take_back(self) {
        self.0.end.store(TAKEN_BACK, SeqCst);
    }

    /// Returns when it is called. The thread may be unparked for other reasons.
    pub(crate) fn wait(self) {
        self.0.end.store(WAITED_FOR, SeqCst);
        while self.0.calls.load(SeqCst) == 0 {
            thread::park();
        }
    }
}
