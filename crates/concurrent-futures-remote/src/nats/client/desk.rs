//! The calls that have not ended, as this side knows them.

use bytes::Bytes;
use concurrent_futures::remote::Reply;
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::task::AbortHandle;

#[derive(Default)]
pub(super) struct Desk(Mutex<Calls>);

#[derive(Default)]
struct Calls {
    entries: HashMap<String, Entry>,
    /// Those that were cancelled while their order was on its way.
    to_be_deleted: HashSet<String>,
    closed: bool,
}

/// A call.
pub(super) struct Entry {
    pub(super) replies: Vec<Reply>,
    /// What was ordered, to be ordered again if it gets lost, and how many workers may die of it. None of
    /// a call that somebody else has made.
    order: Option<(Bytes, u32)>,
    /// How often it was ordered again.
    again: u32,
    /// The message of the order, once it is stored.
    pub(super) stored: Option<u64>,
    /// A worker has it.
    claimed: bool,
    /// So many here are about to cancel it. Who does ends it, and knows by that that it was cancelled: it
    /// is not ended by what is heard of that before.
    cancelling: u32,
    /// When something was heard of it, or looked up.
    looked: Instant,
    /// The last sign of life that was found.
    sign: Option<Sign>,
    /// What hears of it, if it is not one of our own.
    listener: Option<Listener>,
}

/// Ends with the entry.
struct Listener(AbortHandle);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// By what it is seen that a worker lives: one of the two numbers changes with the time.
#[derive(Clone, Copy)]
struct Sign {
    claim: u64,
    beat: u64,
    since: Instant,
}

pub(super) enum Entered {
    New,
    /// The call is under way already.
    Joined,
    Closed(Reply),
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn enter(&self, id: &str, reply: Reply, order: Option<(Bytes, u32)>) -> Entered {
        let mut calls = self.lock();
        if calls.closed {
            return Entered::Closed(reply);
        }
        if let Some(entry) = calls.entries.get_mut(id) {
            entry.replies.push(reply);
            return Entered::Joined;
        }
        let entry = Entry {
            replies: vec![reply],
            order,
            again: 0,
            stored: None,
            claimed: false,
            cancelling: 0,
            looked: Instant::now(),
            sign: None,
            listener: None,
        };
        calls.entries.insert(id.to_owned(), entry);
        Entered::New
    }

    pub(super) fn take(&self, id: &str) -> Option<Entry> {
        self.lock().entries.remove(id)
    }

    /// All who wait. No more calls are entered.
    pub(super) fn close(&self) -> Vec<Reply> {
        let mut calls = self.lock();
        calls.closed = true;
        let entries: Vec<_> = calls.entries.drain().collect();
        drop(calls);
        entries
            .into_iter()
            .flat_map(|(_, entry)| entry.replies)
            .collect()
    }

    fn with<R>(&self, id: &str, f: impl FnOnce(&mut Entry) -> R) -> Option<R> {
        self.lock().entries.get_mut(id).map(f)
    }

    pub(super) fn is_waited_for(&self, id: &str) -> bool {
        self.with(id, |_| ()).is_some()
    }

    pub(super) fn may_be_cancelled(&self, id: &str) -> bool {
        self.with(id, |entry| !entry.claimed).unwrap_or(false)
    }

    pub(super) fn begin_cancel(&self, id: &str) {
        self.with(id, |entry| entry.cancelling += 1);
    }

    /// It was not cancelled, or it is not known; what was heard meanwhile is looked up in time.
    pub(super) fn give_up_cancel(&self, id: &str) {
        self.with(id, |entry| {
            entry.cancelling = entry.cancelling.saturating_sub(1);
        });
    }

    pub(super) fn is_being_cancelled(&self, id: &str) -> bool {
        self.with(id, |entry| entry.cancelling > 0).unwrap_or(false)
    }

    pub(super) fn claimed(&self, id: &str) {
        self.with(id, |entry| {
            entry.claimed = true;
            entry.looked = Instant::now();
        });
    }

    pub(super) fn listens(&self, id: &str, listener: AbortHandle) {
        self.with(id, |entry| entry.listener = Some(Listener(listener)));
    }

    /// What is to be ordered, and by which name, so that it is stored once.
    pub(super) fn order(&self, id: &str) -> Option<(Bytes, String)> {
        self.with(id, |entry| {
            let (message, _) = entry.order.as_ref()?;
            Some((message.clone(), format!("{id}/{}", entry.again)))
        })?
    }

    pub(super) fn attempts(&self, id: &str) -> Option<u32> {
        self.with(id, |entry| {
            entry.order.as_ref().map(|(_, attempts)| *attempts)
        })?
    }

    /// The order lies in the stream. Whether it is to be deleted, because it was cancelled meanwhile.
    #[must_use]
    pub(super) fn stored(&self, id: &str, sequence: u64) -> bool {
        let mut calls = self.lock();
        if let Some(entry) = calls.entries.get_mut(id) {
            entry.stored = Some(sequence);
            entry.looked = Instant::now();
        }
        calls.to_be_deleted.remove(id)
    }

    /// The order does not lie there, and never will.
    pub(super) fn not_stored(&self, id: &str) {
        self.lock().to_be_deleted.remove(id);
    }

    /// Takes a call out that was cancelled. Its order is deleted when it comes to be stored, if it is not yet.
    pub(super) fn take_cancelled(&self, id: &str) -> Option<Entry> {
        let mut calls = self.lock();
        let entry = calls.entries.remove(id)?;
        if entry.order.is_some() && entry.stored.is_none() {
            calls.to_be_deleted.insert(id.to_owned());
        }
        Some(entry)
    }

    /// The order has got lost: it is to be placed again. False if it was never there, or is not ours.
    pub(super) fn order_again(&self, id: &str) -> bool {
        self.with(id, |entry| {
            let again = entry.order.is_some() && entry.stored.take().is_some();
            if again {
                entry.again += 1;
                entry.sign = None;
            }
            again
        })
        .unwrap_or(false)
    }

    /// Those of which nothing was heard for so long.
    pub(super) fn silent_for(&self, time: Duration) -> Vec<String> {
        let mut calls = self.lock();
        let now = Instant::now();
        let silent = calls.entries.iter_mut().filter_map(|(id, entry)| {
            (now.saturating_duration_since(entry.looked) >= time).then(|| {
                entry.looked = now;
                id.clone()
            })
        });
        silent.collect()
    }

    /// For how long neither claim nor worker have given a sign of life, if these are their last ones; of a
    /// call that no worker has, both are 0.
    pub(super) fn silence(&self, id: &str, claim: u64, beat: u64) -> Duration {
        self.with(id, |entry| {
            entry.claimed = claim > 0;
            match entry.sign {
                Some(sign) if (sign.claim, sign.beat) == (claim, beat) => sign.since.elapsed(),
                _ => {
                    let since = Instant::now();
                    entry.sign = Some(Sign { claim, beat, since });
                    Duration::ZERO
                }
            }
        })
        .unwrap_or_default()
    }
}
