//! The memory of a row: each cell holds an input, and after it the outcome in the same place.
//!
//! Who may touch the content of a cell:
//!
//! | state | whose it is |
//! |---|---|
//! | `PENDING`, not published | the [`Writer`]'s |
//! | `PENDING`, `WAITED`, `ABANDONED`; published | the claimer's, who took it from [`Claims`] |
//! | `VALUE`, `ERROR`, `CANCELLED` after `PENDING` or `WAITED` | the [`Reader`]'s |
//! | the same after `ABANDONED` | the claimer's, who drops it |
//!
//! - `PENDING`: there is no outcome yet.
//! - `WAITED`: the same, and the reader sleeps, or is about to.
//! - `ABANDONED`: the same, and the reader is gone.
//! - `VALUE`, `ERROR`, `CANCELLED`: there is an outcome. A cancelled item's has no content.
//!
//! One writer and one reader exist for each row, and a [`Claim`] exists once for each item. Input
//! and outcome are each read out once, and dropped by whoever read them; a cell drops nothing.

use super::claims::{Claims, Known, Leave, MOST};
use crate::{
    error::TaskError,
    sync::{AcqRel, Acquire, AtomicU32, Relaxed, UnsafeCell},
    task::{slot::Slot, state::Done},
    unwind::drop_contained,
};
use std::mem::{ManuallyDrop, MaybeUninit};

pub(crate) type Outcome<R, E> = Result<R, TaskError<E>>;

const PENDING: u32 = 0;
const WAITED: u32 = 1;
const ABANDONED: u32 = 2;
const VALUE: u32 = 3;
const ERROR: u32 = 4;
const CANCELLED: u32 = 5;

union Content<I, R, E> {
    input: ManuallyDrop<I>,
    value: ManuallyDrop<R>,
    /// Boxed: errors are rare and often large.
    error: ManuallyDrop<Box<TaskError<E>>>,
}

struct Cell<I, R, E> {
    state: AtomicU32,
    content: UnsafeCell<MaybeUninit<Content<I, R, E>>>,
}

impl<I, R, E> Cell<I, R, E> {
    fn new() -> Self {
        Self {
            state: AtomicU32::new(PENDING),
            content: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// # Safety
    ///
    /// The content is the caller's.
    unsafe fn write(&self, content: Content<I, R, E>) {
        // SAFETY: the caller's promise.
        self.content
            .with_mut(|place| unsafe { place.write(MaybeUninit::new(content)) });
    }

    /// # Safety
    ///
    /// The content is the caller's; it was written, and is read once.
    unsafe fn read(&self) -> Content<I, R, E> {
        // SAFETY: the caller's promise.
        self.content
            .with(|place| unsafe { place.read().assume_init() })
    }

    /// # Safety
    ///
    /// As for [`read`](Self::read), and the content is an outcome of this kind.
    unsafe fn read_outcome(&self, kind: u32) -> Outcome<R, E> {
        // SAFETY: the caller's promise.
        unsafe {
            match kind {
                VALUE => Ok(ManuallyDrop::into_inner(self.read().value)),
                ERROR => Err(*ManuallyDrop::into_inner(self.read().error)),
                _ => Err(TaskError::Cancelled),
            }
        }
    }
}

/// A number of items in their order, with their outcomes.
pub(crate) struct Row<I, R, E> {
    /// Never used twice, unlike an address.
    id: u64,
    claims: Claims,
    cells: Box<[Cell<I, R, E>]>,
}

// SAFETY: inputs pass from the writer to a claimer, outcomes from a claimer to the reader, both by
// value; nobody borrows what lies in a cell.
unsafe impl<I: Send, R: Send, E: Send> Send for Row<I, R, E> {}
// SAFETY: as above.
unsafe impl<I: Send, R: Send, E: Send> Sync for Row<I, R, E> {}

/// The right to write inputs into one row.
pub(crate) struct Writer {
    row: u64,
    written: usize,
}

/// The right to take the outcomes out of one row, in order.
pub(crate) struct Reader {
    row: u64,
    next: usize,
    end: usize,
}

impl Writer {
    /// No more items will come.
    pub(crate) fn seal<I, R, E>(self, row: &Row<I, R, E>) -> Reader {
        assert_eq!(self.row, row.id);
        row.claims.seal();
        Reader {
            row: self.row,
            next: 0,
            end: self.written,
        }
    }
}

impl Reader {
    /// How many outcomes are still to be taken.
    pub(crate) fn left(&self) -> usize {
        self.end - self.next
    }
}

impl<I, R, E> Row<I, R, E> {
    /// Bytes that each item takes.
    pub(crate) const CELL: usize = size_of::<Cell<I, R, E>>();

    pub(crate) fn new(capacity: usize) -> (Self, Writer) {
        // Of std: not part of any protocol, and older than any model.
        static ROWS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        assert!(capacity <= MOST);
        let cells: Box<[_]> = std::iter::repeat_with(Cell::new).take(capacity).collect();
        let id = ROWS.fetch_add(1, Relaxed);
        let row = Self {
            id,
            claims: Claims::default(),
            cells,
        };
        let writer = Writer {
            row: id,
            written: 0,
        };
        (row, writer)
    }

    pub(crate) fn is_full(&self, writer: &Writer) -> bool {
        writer.written == self.cells.len()
    }

    /// Appends an item. How many runners there are to take it.
    ///
    /// # Panics
    ///
    /// If the row is full.
    #[inline]
    pub(crate) fn push(&self, writer: &mut Writer, input: I) -> usize {
        assert_eq!(writer.row, self.id);
        let cell = &self.cells[writer.written];
        let input = ManuallyDrop::new(input);
        // SAFETY: not published, so it is the writer's.
        unsafe { cell.write(Content { input }) };
        writer.written += 1;
        self.claims.publish()
    }

    pub(crate) fn enlist(&self) {
        self.claims.enlist();
    }

    pub(crate) fn reinforce(&self, workers: usize) -> usize {
        self.claims.reinforce(workers)
    }

    #[cfg(loom)]
    pub(crate) fn runners(&self) -> usize {
        self.claims.runners()
    }

    /// About the memory that this row and its runners take, in slots of a queue.
    pub(crate) fn weight(&self) -> usize {
        self.cells.len() * Self::CELL / size_of::<Slot>() + self.claims.runners()
    }

    pub(crate) fn leave(&self, known: Known) -> Leave {
        self.claims.leave(known)
    }

    pub(crate) fn strike_off(&self) -> bool {
        self.claims.strike_off()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.claims.is_over()
    }

    pub(crate) fn unstarted(&self) -> usize {
        self.claims.left()
    }

    pub(crate) fn came(&self) -> usize {
        self.claims.came()
    }

    /// Takes the next item to run it.
    #[inline]
    pub(crate) fn claim(&self, known: &mut Known) -> Option<Claim<'_, I, R, E>> {
        let place = self.claims.take(known)?;
        let cell = &self.cells[place];
        Some(Claim { cell })
    }

    /// Takes that item to run it, if it is the next one. The row is sealed.
    pub(crate) fn claim_at(&self, place: usize) -> Option<Claim<'_, I, R, E>> {
        let cell = &self.cells[place];
        self.claims.take_at(place).then_some(Claim { cell })
    }

    /// Where the item is that the reader waits for, if nobody has taken it.
    pub(crate) fn unstarted_at(&self, reader: &Reader) -> Option<usize> {
        assert_eq!(reader.row, self.id);
        (!self.claims.is_taken(reader.next)).then_some(reader.next)
    }

    /// Takes all items that nobody has taken. They will not run.
    pub(crate) fn claim_rest(&self) -> impl Iterator<Item = Claim<'_, I, R, E>> {
        let cells = &self.cells[self.claims.take_rest()];
        cells.iter().map(|cell| Claim { cell })
    }

    fn cell(&self, reader: &Reader) -> &Cell<I, R, E> {
        assert_eq!(reader.row, self.id);
        assert!(reader.next < reader.end);
        &self.cells[reader.next]
    }

    /// Whether there is an outcome to take next.
    pub(crate) fn is_ready(&self, reader: &Reader) -> bool {
        self.cell(reader).state.load(Acquire) >= VALUE
    }

    /// Takes the next outcome, if there is one.
    #[inline]
    pub(crate) fn take(&self, reader: &mut Reader) -> Option<Outcome<R, E>> {
        let cell = self.cell(reader);
        let kind = cell.state.load(Acquire);
        if kind < VALUE {
            return None;
        }
        reader.next += 1;
        // SAFETY: it became an outcome while the reader was there, so it is the reader's; the
        // reader has gone past it.
        Some(unsafe { cell.read_outcome(kind) })
    }

    /// Says that the reader is going to sleep until the next outcome is there, unless it is there.
    pub(crate) fn announce_sleep(&self, reader: &Reader) {
        let state = &self.cell(reader).state;
        // If it fails there is an outcome, or the reader has slept here before.
        let _ = state.compare_exchange(PENDING, WAITED, AcqRel, Acquire);
    }

    /// Drops what is there and leaves the rest to the claimers.
    pub(crate) fn abandon(&self, reader: &mut Reader) {
        while reader.left() > 0 {
            let cell = self.cell(reader);
            let before = cell.state.swap(ABANDONED, AcqRel);
            reader.next += 1;
            if before >= VALUE {
                // SAFETY: it became an outcome while the reader was there; see `take`.
                drop_outcome(unsafe { cell.read_outcome(before) });
            }
        }
    }
}

pub(crate) fn drop_outcome<R, E>(outcome: Outcome<R, E>) {
    drop_contained("the result of a task", outcome);
}

/// An item that was taken. It has to be ended.
#[must_use]
pub(crate) struct Claim<'a, I, R, E> {
    cell: &'a Cell<I, R, E>,
}

/// The place of an item whose input was taken out.
#[must_use]
pub(crate) struct Blank<'a, I, R, E> {
    cell: &'a Cell<I, R, E>,
}

/// An item whose outcome is there, but cannot be seen yet.
#[must_use]
pub(crate) struct Ended<'a, I, R, E> {
    cell: &'a Cell<I, R, E>,
    kind: u32,
}

/// What is to be done about an outcome that was published.
#[must_use]
pub(crate) enum Published<R, E> {
    Done,
    /// The reader sleeps until this is there.
    Awaited,
    /// There is nobody to see it.
    Unwanted(Outcome<R, E>),
}

impl<'a, I, R, E> Claim<'a, I, R, E> {
    #[inline]
    pub(crate) fn begin(self) -> (I, Blank<'a, I, R, E>) {
        // SAFETY: published before it was taken, and ours since; a claim begins once.
        let input = unsafe { ManuallyDrop::into_inner(self.cell.read().input) };
        (input, Blank { cell: self.cell })
    }
}

impl<'a, I, R, E> Blank<'a, I, R, E> {
    #[inline]
    pub(crate) fn fill(self, outcome: Outcome<R, E>) -> Ended<'a, I, R, E> {
        let (kind, content) = match outcome {
            Ok(value) => {
                let value = ManuallyDrop::new(value);
                (VALUE, Content { value })
            }
            Err(TaskError::Cancelled) => return self.cancel(),
            Err(error) => {
                let error = ManuallyDrop::new(Box::new(error));
                (ERROR, Content { error })
            }
        };
        // SAFETY: ours until it is published.
        unsafe { self.cell.write(content) };
        Ended {
            cell: self.cell,
            kind,
        }
    }

    pub(crate) fn cancel(self) -> Ended<'a, I, R, E> {
        Ended {
            cell: self.cell,
            kind: CANCELLED,
        }
    }
}

impl<I, R, E> Ended<'_, I, R, E> {
    /// Whether nobody will look at the outcome.
    #[inline]
    pub(crate) fn is_abandoned(&self) -> bool {
        self.cell.state.load(Acquire) == ABANDONED
    }

    #[inline]
    pub(crate) fn done(&self) -> Done {
        match self.kind {
            VALUE => Done::Value,
            CANCELLED => Done::Cancelled,
            _ => Done::Error,
        }
    }

    /// Lets the outcome be seen.
    #[inline]
    pub(crate) fn publish(self) -> Published<R, E> {
        match self.cell.state.swap(self.kind, AcqRel) {
            WAITED => Published::Awaited,
            // SAFETY: the reader was gone before there was an outcome, so it is ours.
            ABANDONED => Published::Unwanted(unsafe { self.cell.read_outcome(self.kind) }),
            _ => Published::Done,
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
