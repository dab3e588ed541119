//! Which items of a row have come, and which have been taken.

use crate::sync::{AcqRel, Acquire, AtomicU32, Padded, SeqCst};
use std::ops::Range;

/// The number of items that have come, in the low bits of the account.
const ITEMS: u32 = RUNNER - 1;
/// One runner, in the bits above.
const RUNNER: u32 = 1 << 15;
const SEALED: u32 = 1 << 31;
/// Beyond every item, and far below an overflow.
const NONE_LEFT: u32 = 1 << 30;

/// The most items that can be counted.
pub(crate) const MOST: usize = (RUNNER - 1) as usize;

/// Two words. The *cursor* is the number of items taken; who moves it past an item has taken that
/// item, and so they are taken in order, each of them once. The *account* counts items and
/// runners, and says whether more items will come.
///
/// A runner takes itself off the account only if no item has come since it last looked, in one
/// step; so an item that comes finds a runner on the account that will look again, or finds that
/// there are too few.
///
/// The cursor passes the last item only when the row is sealed: before, it would pass one that is
/// still to come.
#[derive(Default)]
pub(crate) struct Claims {
    cursor: Padded<AtomicU32>,
    account: Padded<AtomicU32>,
}

/// What a runner knows of a row from its last look at the account.
#[derive(Clone, Copy, Default)]
pub(crate) struct Known {
    items: u32,
    sealed: bool,
}

impl Known {
    fn of(account: u32) -> Self {
        Self {
            items: account & ITEMS,
            sealed: account & SEALED != 0,
        }
    }
}

/// What becomes of a runner that found nothing to take.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Leave {
    /// It is off the account.
    Left,
    /// Something has come.
    LookAgain,
}

impl Claims {
    /// One more item has come, and is written. How many runners there are to take it.
    #[inline]
    pub(crate) fn publish(&self) -> usize {
        // `SeqCst`: one half of the handshake with a pool that closes.
        runners(self.account.fetch_add(1, SeqCst))
    }

    /// One more runner is going to come.
    pub(crate) fn enlist(&self) {
        self.account.fetch_add(RUNNER, AcqRel);
    }

    /// So many more runners are going to come that there is one for each item that has not been
    /// taken, or for each of so many workers. How many.
    pub(crate) fn reinforce(&self, workers: usize) -> usize {
        let mut account = self.account.load(SeqCst);
        loop {
            let items = account & ITEMS;
            let unstarted = items.saturating_sub(self.cursor.load(Acquire));
            // More runners than items are never of use.
            let most = u32::try_from(workers).map_or(items, |workers| workers.min(items));
            let short = most.saturating_sub((account & !SEALED) / RUNNER);
            let more = unstarted.min(short);
            let next = account + more * RUNNER;
            match self
                .account
                .compare_exchange_weak(account, next, AcqRel, SeqCst)
            {
                Ok(_) => return more as usize,
                Err(now) => account = now,
            }
        }
    }

    /// How many runners are at work or going to come.
    pub(crate) fn runners(&self) -> usize {
        runners(self.account.load(Acquire))
    }

    /// No more items will come.
    pub(crate) fn seal(&self) {
        self.account.fetch_or(SEALED, AcqRel);
    }

    /// Takes the next item.
    #[inline]
    pub(crate) fn take(&self, known: &mut Known) -> Option<usize> {
        if known.sealed {
            return self.take_sealed(*known);
        }
        self.take_open(known)
    }

    fn take_sealed(&self, known: Known) -> Option<usize> {
        let place = self.cursor.fetch_add(1, AcqRel);
        (place < known.items).then_some(place as usize)
    }

    fn take_open(&self, known: &mut Known) -> Option<usize> {
        let mut cursor = self.cursor.load(Acquire);
        loop {
            *known = Known::of(self.account.load(Acquire));
            if known.sealed {
                return self.take_sealed(*known);
            }
            if cursor >= known.items {
                return None;
            }
            match self
                .cursor
                .compare_exchange_weak(cursor, cursor + 1, AcqRel, Acquire)
            {
                Ok(_) => return Some(cursor as usize),
                Err(now) => cursor = now,
            }
        }
    }

    /// Takes that item, if it is the next one. It has come.
    pub(crate) fn take_at(&self, place: usize) -> bool {
        let place = u32::try_from(place).expect("no more than MOST");
        self.cursor
            .compare_exchange(place, place + 1, AcqRel, Acquire)
            .is_ok()
    }

    /// Whether that item was taken.
    pub(crate) fn is_taken(&self, place: usize) -> bool {
        self.cursor.load(Acquire) as usize > place
    }

    /// Takes all that is left, so that nobody else gets any of it.
    pub(crate) fn take_rest(&self) -> Range<usize> {
        let mut cursor = self.cursor.load(Acquire);
        loop {
            // `SeqCst`: the other half of the handshake.
            let known = Known::of(self.account.load(SeqCst));
            let end = if known.sealed { NONE_LEFT } else { known.items };
            match self
                .cursor
                .compare_exchange_weak(cursor, end.max(cursor), AcqRel, Acquire)
            {
                Ok(_) => return cursor.min(known.items) as usize..known.items as usize,
                Err(now) => cursor = now,
            }
        }
    }

    /// A runner that has found nothing wants to go.
    pub(crate) fn leave(&self, known: Known) -> Leave {
        let mut account = self.account.load(Acquire);
        loop {
            let now = Known::of(account);
            if now.items != known.items || now.sealed != known.sealed {
                return Leave::LookAgain;
            }
            match self
                .account
                .compare_exchange_weak(account, account - RUNNER, AcqRel, Acquire)
            {
                Ok(_) => return Leave::Left,
                Err(changed) => account = changed,
            }
        }
    }

    /// A runner will not come. Whether it was the last one.
    #[must_use]
    pub(crate) fn strike_off(&self) -> bool {
        runners(self.account.fetch_sub(RUNNER, AcqRel)) == 1
    }

    /// Whether all items are taken and no more will come.
    pub(crate) fn is_over(&self) -> bool {
        let known = Known::of(self.account.load(Acquire));
        known.sealed && self.cursor.load(Acquire) >= known.items
    }

    /// How many items have come.
    pub(crate) fn came(&self) -> usize {
        (self.account.load(Acquire) & ITEMS) as usize
    }

    /// How many items have come and are not taken.
    pub(crate) fn left(&self) -> usize {
        let items = self.account.load(Acquire) & ITEMS;
        items.saturating_sub(self.cursor.load(Acquire)) as usize
    }
}

fn runners(account: u32) -> usize {
    ((account & !SEALED) / RUNNER) as usize
}

#[cfg(all(test, not(loom)))]
mod tests;
