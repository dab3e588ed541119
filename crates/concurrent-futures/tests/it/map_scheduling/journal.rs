use std::sync::{Arc, Condvar, Mutex};

/// What has happened, in order. Clones are the same journal.
#[derive(Debug)]
pub(super) struct Journal<T>(Arc<(Mutex<Vec<T>>, Condvar)>);

impl<T> Clone for Journal<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Clone> Journal<T> {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    pub(super) fn note(&self, entry: T) {
        let (entries, changed) = &*self.0;
        entries.lock().unwrap().push(entry);
        changed.notify_all();
    }

    /// Blocks until there are so many entries, and gives these.
    pub(super) fn first(&self, count: usize) -> Vec<T> {
        let (entries, changed) = &*self.0;
        let guard = entries.lock().unwrap();
        let guard = changed.wait_while(guard, |entries| entries.len() < count);
        guard.unwrap()[..count].to_vec()
    }

    /// Blocks until the entry with this index is there.
    pub(super) fn entry(&self, index: usize) -> T {
        let (entries, changed) = &*self.0;
        let guard = entries.lock().unwrap();
        let guard = changed.wait_while(guard, |entries| entries.len() <= index);
        guard.unwrap()[index].clone()
    }

    pub(super) fn entries(&self) -> Vec<T> {
        self.0.0.lock().unwrap().clone()
    }
}
