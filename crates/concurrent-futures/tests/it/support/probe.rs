use std::{
    sync::{Arc, Condvar, Mutex},
    thread::{self, ThreadId},
};

/// Counts the births and deaths of the values it makes. Clones count together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Probe(Arc<Register>);

#[derive(Debug, Default)]
struct Register {
    book: Mutex<Book>,
    death: Condvar,
}

#[derive(Debug, Default)]
struct Book {
    births: usize,
    deaths: Vec<ThreadId>,
}

/// One counted value.
#[derive(Debug)]
pub(crate) struct Tracked(Arc<Register>);

impl Probe {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn value(&self) -> Tracked {
        self.0.book.lock().unwrap().births += 1;
        Tracked(Arc::clone(&self.0))
    }

    pub(crate) fn births(&self) -> usize {
        self.0.book.lock().unwrap().births
    }

    pub(crate) fn deaths(&self) -> usize {
        self.0.book.lock().unwrap().deaths.len()
    }

    pub(crate) fn alive(&self) -> usize {
        let book = self.0.book.lock().unwrap();
        book.births - book.deaths.len()
    }

    /// The threads on which the values died, in order.
    pub(crate) fn died_on(&self) -> Vec<ThreadId> {
        self.0.book.lock().unwrap().deaths.clone()
    }

    /// Blocks until at least so many values have died.
    pub(crate) fn wait_for_deaths(&self, count: usize) {
        let book = self.0.book.lock().unwrap();
        let enough = |book: &mut Book| book.deaths.len() < count;
        drop(self.0.death.wait_while(book, enough).unwrap());
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        let mut book = self.0.book.lock().unwrap();
        book.deaths.push(thread::current().id());
        drop(book);
        self.0.death.notify_all();
    }
}
