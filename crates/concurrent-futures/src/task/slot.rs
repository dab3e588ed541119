//! The 64 bytes of a task.
//!
//! Who may touch what:
//!
//! | field | written by | read by |
//! |---|---|---|
//! | `state` | everybody, by the transitions of [`state`](super::state) | everybody |
//! | `place` | the block, once | whoever frees the slot |
//! | `boxed`, `table` | the producer, in phase `EMPTY`; the caller's end unsets `boxed` of what it cancelled or ran itself | both ends |
//! | `waiters` | the holder of `LOCKED` | the same |
//! | `storage` | the producer in `EMPTY`; then the claimer, until it publishes a done phase; then nobody, except that the caller's end may move the outcome out once `SETTLED` | the claimer; both ends once done |
//!
//! `storage` holds the closure and later the outcome in the same place. What does not fit into
//! five words is boxed, closure and outcome together, in one allocation made before the slot is
//! claimed.
//!
//! Every field may change behind a shared reference, down to the constant ones: another thread may
//! free the slot while a method that has done its last access is on its way out.

mod farewell;

use super::{
    block::Block,
    source::Source,
    state::{Done, Seen, State},
    waiters::{List, Node},
    work::{Table, Work},
};
use crate::{error::TaskError, sync::UnsafeCell};
use std::{
    mem::{ManuallyDrop, MaybeUninit},
    ptr::NonNull,
    sync::Arc,
};

pub(crate) type Outcome<T, E> = Result<T, TaskError<E>>;

const WORDS: usize = 5;
type Storage = MaybeUninit<[usize; WORDS]>;

#[repr(C)]
#[cfg_attr(not(loom), repr(align(64)))]
pub struct Slot {
    pub(crate) state: State,
    place: UnsafeCell<u8>,
    boxed: UnsafeCell<bool>,
    table: UnsafeCell<MaybeUninit<&'static Table>>,
    waiters: UnsafeCell<List>,
    storage: UnsafeCell<Storage>,
}

#[cfg(not(loom))]
const _: () = assert!(size_of::<Slot>() == 64);

/// What has a slot to wait for. Public only as the sealed half of `Waitable`.
pub trait HasSlot {
    /// The slot, the same one at each call, alive as long as `self`; none if the outcome has been
    /// taken already.
    #[doc(hidden)]
    fn slot(&self) -> Option<SlotRef>;
}

/// Closure and outcome, one after the other in the same place.
#[repr(C)]
union Content<W: Work> {
    work: ManuallyDrop<W>,
    outcome: ManuallyDrop<Outcome<W::Value, W::Error>>,
}

impl<W: Work> Content<W> {
    const FITS: bool =
        size_of::<Self>() <= size_of::<Storage>() && align_of::<Self>() <= align_of::<Storage>();
}

/// A closure on its way into a slot, boxed already if it must be.
pub(crate) struct Prepared<W: Work> {
    inline: MaybeUninit<W>,
    boxed: Option<Box<MaybeUninit<Content<W>>>>,
}

impl<W: Work> Prepared<W> {
    #[inline]
    pub(crate) fn new(work: W) -> Self {
        if Content::<W>::FITS {
            return Self {
                inline: MaybeUninit::new(work),
                boxed: None,
            };
        }
        let mut content = Box::<Content<W>>::new_uninit();
        content.write(Content {
            work: ManuallyDrop::new(work),
        });
        Self {
            inline: MaybeUninit::uninit(),
            boxed: Some(content),
        }
    }

    /// The queue was closed: the closure goes back.
    pub(crate) fn into_work(self) -> W {
        match self.boxed {
            // SAFETY: `new` wrote a closure into the box.
            Some(content) => ManuallyDrop::into_inner(unsafe { content.assume_init_read().work }),
            // SAFETY: `new` wrote the closure in place.
            None => unsafe { self.inline.assume_init() },
        }
    }
}

impl Slot {
    pub(crate) fn new(place: u8) -> Self {
        Self {
            state: State::empty(),
            place: UnsafeCell::new(place),
            boxed: UnsafeCell::new(false),
            table: UnsafeCell::new(MaybeUninit::uninit()),
            waiters: UnsafeCell::new(List::new()),
            storage: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// Changes the list of waiters. Must call no user code.
    pub(super) fn with_list<R>(&self, change: impl FnOnce(Seen, &mut List) -> R) -> R {
        let seen = self.state.lock();
        // SAFETY: the list is locked.
        let (result, waited) = self.waiters.with_mut(|list| unsafe {
            let result = change(seen, &mut *list);
            (result, !(*list).is_empty())
        });
        self.state.unlock(waited);
        result
    }

    /// Links a waiter, unless `is_over` says that there is nothing to wait for any more.
    ///
    /// # Safety
    ///
    /// The node stays where it is until it was told or unlinked, and it is in no list.
    pub(crate) unsafe fn link(&self, node: NonNull<Node>, is_over: impl Fn(Seen) -> bool) -> bool {
        !is_over(self.state.look())
            && self.with_list(|seen, list| {
                let wait = !is_over(seen);
                if wait {
                    // SAFETY: the list is locked; the node is the caller's promise.
                    unsafe { list.link(node) };
                }
                wait
            })
    }

    /// Unlinks a waiter, if it is still linked. Afterwards nobody holds a pointer to it.
    ///
    /// # Safety
    ///
    /// The node was given to `link` of this slot.
    pub(crate) unsafe fn unlink(&self, node: NonNull<Node>) {
        if self.state.look().may_be_waited() {
            // SAFETY: the list is locked, and linked nodes are alive.
            self.with_list(|_, list| unsafe { list.unlink(|linked| linked == node) });
        }
    }

    #[inline]
    fn is_boxed(&self) -> bool {
        // SAFETY: written before the slot was published; after that only by a canceller, before it
        // lets its end go.
        self.boxed.with(|boxed| unsafe { *boxed })
    }

    /// Where closure or outcome lies.
    #[inline]
    fn content<W: Work>(storage: *mut Storage) -> *mut Content<W> {
        if Content::<W>::FITS {
            storage.cast()
        } else {
            // SAFETY: not fitting means that a pointer to the box was written.
            unsafe { storage.cast::<*mut Content<W>>().read() }
        }
    }

    /// Where the outcome lies; unlike [`content`](Self::content) without knowing the closure's type.
    #[inline]
    fn outcome_at<T, E>(&self, storage: *const Storage) -> *const Outcome<T, E> {
        if self.is_boxed() {
            // SAFETY: boxed means that a pointer to the box was written.
            unsafe { storage.cast::<*const Outcome<T, E>>().read() }
        } else {
            storage.cast()
        }
    }

    /// The outcome in place.
    ///
    /// # Safety
    ///
    /// The task is finished, its types are `T` and `E`, the outcome was not moved out and is not
    /// while the reference lives.
    #[inline]
    pub(crate) unsafe fn outcome<T, E>(&self) -> &Outcome<T, E> {
        // SAFETY: the caller's promise.
        self.storage
            .with(|storage| unsafe { &*self.outcome_at::<T, E>(storage) })
    }

    /// Moves the outcome out.
    ///
    /// # Safety
    ///
    /// As for [`outcome`](Self::outcome), and the task is settled, and this is done once.
    #[inline]
    pub(crate) unsafe fn take_outcome<T, E>(&self) -> Outcome<T, E> {
        // SAFETY: the caller's promise.
        self.storage
            .with(|storage| unsafe { self.outcome_at::<T, E>(storage).read() })
    }
}

/// A slot's address. Whoever has one holds an end of the slot, or the claim of its task, or
/// borrows from somebody who does; that keeps it alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotRef(NonNull<Slot>);

impl std::ops::Deref for SlotRef {
    type Target = Slot;

    #[inline]
    fn deref(&self) -> &Slot {
        // SAFETY: a `SlotRef` exists only while an end of the slot does, see above.
        unsafe { self.0.as_ref() }
    }
}

impl SlotRef {
    /// # Safety
    ///
    /// The slot is alive and stays so for as long as the law above says. The pointer may reach
    /// the whole block.
    #[inline]
    pub(crate) unsafe fn new(slot: NonNull<Slot>) -> Self {
        Self(slot)
    }

    /// # Safety
    ///
    /// The slot is not freed during `'a`.
    pub(crate) unsafe fn get<'a>(self) -> &'a Slot {
        // SAFETY: the caller's promise.
        unsafe { self.0.as_ref() }
    }

    pub(crate) fn address(self) -> usize {
        self.0.addr().get()
    }

    /// Whether closure and outcome lie in the slot itself.
    pub(super) const fn holds<W: Work>() -> bool {
        Content::<W>::FITS
    }

    /// Where the slot comes from.
    pub(crate) fn source(&self) -> &Arc<Source> {
        // SAFETY: a slot is alive only while its block is.
        unsafe { Block::source(self.block()) }
    }

    /// Where it stands, if it is in a queue: the position of its block, and its place in that.
    pub(crate) fn stands(self) -> Option<(u64, u8)> {
        // SAFETY: a slot is alive only while its block is.
        let position = unsafe { Block::position(self.block()) }?;
        // SAFETY: written once, at the slot's birth.
        Some((position, self.place.with(|place| unsafe { *place })))
    }

    #[inline]
    fn block(self) -> NonNull<Block> {
        // SAFETY: `place` is this slot's place in its block, written once at its birth, and the
        // pointer reaches all of the block.
        unsafe { Block::of_slot(self.0, self.place.with(|place| *place)) }
    }

    /// The producer fills an `EMPTY` slot, all but the state.
    ///
    /// # Safety
    ///
    /// The slot is `EMPTY` and the caller's alone.
    #[inline]
    unsafe fn fill<W: Work>(self, work: Prepared<W>) {
        // SAFETY: nobody else knows the slot.
        unsafe {
            self.table
                .with_mut(|table| (*table).write(const { &Table::of::<W>() }));
            match work.boxed {
                Some(content) => {
                    self.boxed.with_mut(|boxed| *boxed = true);
                    let content = Box::into_raw(content);
                    self.storage.with_mut(|storage| {
                        storage
                            .cast::<*mut MaybeUninit<Content<W>>>()
                            .write(content);
                    });
                }
                None => self
                    .storage
                    .with_mut(|storage| storage.cast::<W>().write(work.inline.assume_init())),
            }
        }
    }

    /// Fills an `EMPTY` slot and publishes its task.
    ///
    /// # Safety
    ///
    /// The slot is `EMPTY` and the caller's alone. Both ends come to life: one pool's end and one
    /// caller's end must be made for it. `W` outlives the task.
    #[inline]
    pub(crate) unsafe fn write<W: Work>(self, work: Prepared<W>) {
        // SAFETY: the caller's promise.
        unsafe { self.fill(work) };
        self.state.publish_pending();
    }

    /// Fills an `EMPTY` slot with an outcome; only the caller's end comes to life.
    ///
    /// # Safety
    ///
    /// As for [`write`](Self::write), without a pool's end.
    pub(crate) unsafe fn write_done<W: Work>(self, outcome: Outcome<W::Value, W::Error>) {
        let done = done(&outcome);
        // SAFETY: nobody else knows the slot; `Content` is what `fill` makes room for.
        unsafe {
            self.table
                .with_mut(|table| (*table).write(const { &Table::of::<W>() }));
            if !Content::<W>::FITS {
                self.boxed.with_mut(|boxed| *boxed = true);
                let content = Box::into_raw(Box::<Content<W>>::new_uninit());
                self.storage.with_mut(|storage| {
                    storage
                        .cast::<*mut MaybeUninit<Content<W>>>()
                        .write(content);
                });
            }
            self.put_outcome::<W>(outcome);
        }
        self.state.publish_done(done);
    }

    /// Borrows the outcome, whatever it is.
    ///
    /// # Safety
    ///
    /// The task is done, its types are `T` and `E`, and the outcome is in place for `'a`.
    pub(crate) unsafe fn peek<'a, T, E>(self) -> Result<&'a T, &'a TaskError<E>> {
        if self.state.look().is_cancelled() {
            return Err(const { &TaskError::Cancelled });
        }
        // SAFETY: the caller's promise.
        unsafe { self.get().outcome::<T, E>().as_ref() }
    }

    #[inline]
    pub(crate) fn table(self) -> &'static Table {
        // SAFETY: written before the slot was published, never after.
        self.table.with(|table| unsafe { (*table).assume_init() })
    }

    /// The claimer moves the closure out.
    ///
    /// # Safety
    ///
    /// The caller claimed the task, `W` is its closure's type, and this is done once.
    #[inline]
    pub(crate) unsafe fn take_work<W: Work>(self) -> W {
        self.storage.with_mut(|storage| {
            let content = Slot::content::<W>(storage);
            // SAFETY: a claimed slot holds its closure until this read.
            unsafe { ManuallyDrop::into_inner((&raw const (*content).work).read()) }
        })
    }

    /// Borrows the closure.
    ///
    /// # Safety
    ///
    /// The task is pending, and nobody claims it during `'a`; `W` is its closure's type.
    pub(crate) unsafe fn work<'a, W: Work>(self) -> &'a W {
        self.storage.with(|storage| {
            let content = Slot::content::<W>(storage.cast_mut());
            // SAFETY: a pending slot holds its closure.
            unsafe { &(*content).work }
        })
    }

    /// The claimer writes the outcome.
    ///
    /// # Safety
    ///
    /// The caller claimed the task and took the closure; `W` is the closure's type.
    #[inline]
    pub(crate) unsafe fn put_outcome<W: Work>(self, outcome: Outcome<W::Value, W::Error>) {
        self.storage.with_mut(|storage| {
            let content = Slot::content::<W>(storage);
            // SAFETY: the claimer owns the storage, and the closure is gone from it.
            unsafe { (&raw mut (*content).outcome).write(ManuallyDrop::new(outcome)) }
        });
    }

    /// The claimer puts away what the task ended with, for [`finish`](Self::finish). A task that ran
    /// into a cancellation has no outcome, as one that was cancelled before it ran.
    ///
    /// # Safety
    ///
    /// As for [`put_outcome`](Self::put_outcome).
    #[inline]
    pub(crate) unsafe fn put_ending<W: Work>(self, outcome: Outcome<W::Value, W::Error>) -> Done {
        let done = done(&outcome);
        // SAFETY: the caller's promise.
        unsafe {
            match done {
                Done::Cancelled => self.leave_box(),
                _ => self.put_outcome::<W>(outcome),
            }
        }
        done
    }
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slot")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

#[inline]
pub(crate) fn done<T, E>(outcome: &Outcome<T, E>) -> Done {
    match outcome {
        Ok(_) => Done::Value,
        Err(TaskError::Cancelled) => Done::Cancelled,
        Err(_) => Done::Error,
    }
}
