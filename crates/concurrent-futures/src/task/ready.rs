//! A thread that takes tasks in the order in which they get done.
//!
//! Completed members are pushed on a stack by the threads that complete them; the consumer takes
//! the whole stack with one exchange and turns it round. The head of the stack also says whether
//! the consumer sleeps, so "push" and "who must be woken" are one compare-exchange, and no wake-up
//! is lost: the consumer goes to sleep only by changing an *empty* head to `SLEEPING`, and a push
//! that replaces `SLEEPING` is the one that wakes it.

use super::{
    slot::HasSlot,
    state::Done,
    waiters::{Node, Wake, Watcher, until_done},
};
use crate::{
    sync::{
        AcqRel, Acquire, AtomicPtr, Mutex, Relaxed, Thread, UnsafeCell, current, lock, park_until,
    },
    time::Limit,
};
use std::{
    ptr::{self, NonNull},
    sync::Arc,
};

/// One task that is waited for.
#[repr(C)]
struct Member {
    node: Node,
    index: usize,
    /// The member below on the stack, then the next one in the consumer's line. Belongs to whoever
    /// pushed the member, then to the consumer.
    next: UnsafeCell<*mut Member>,
}

struct Stack {
    head: AtomicPtr<Member>,
    consumer: Mutex<Thread>,
}

/// The head of the stack while the consumer sleeps and the stack is empty.
const SLEEPING: *mut Member = ptr::without_provenance_mut(align_of::<Member>());

impl Watcher for Stack {
    unsafe fn tell(this: *const Self, node: NonNull<Node>, _: Done) -> Option<Wake> {
        let member = node.cast::<Member>().as_ptr();
        // SAFETY: nodes of a stack are the first field of their member. Stack and member are alive
        // until the exchange succeeds, which is the last access to both.
        unsafe {
            let mut head = (*this).head.load(Acquire);
            loop {
                let sleeping = head == SLEEPING;
                let wake = sleeping.then(|| Wake::Thread(lock(&(*this).consumer).clone()));
                let below = if sleeping { ptr::null_mut() } else { head };
                (*member).next.with_mut(|next| *next = below);
                match (*this)
                    .head
                    .compare_exchange_weak(head, member, AcqRel, Acquire)
                {
                    Ok(_) => return wake,
                    Err(now) => head = now,
                }
            }
        }
    }
}

/// Things with a slot, given out one by one as their slots get done.
pub(crate) struct Ready<W: HasSlot> {
    /// An `Arc` and not a `Box`, because a box claims to be the only way to its content when it is
    /// moved, and the nodes know it too.
    stack: Arc<Stack>,
    /// Members never move: a chunk is filled to its capacity, then another one is begun.
    chunks: Vec<Vec<Member>>,
    /// Members that are ready, in order; the consumer's alone.
    line: Line,
    /// What is waited for, by the index of its member.
    watched: Vec<Watched<W>>,
    /// Indices of those that were given out, to be used again.
    free: Vec<usize>,
    added: usize,
    left: usize,
}

struct Watched<W> {
    member: *mut Member,
    /// What is waited for, and how many were added before; `None` once given out.
    what: Option<(usize, W)>,
}

// SAFETY: the raw pointers lead to members in `chunks` and to `stack`, which `self` owns and which
// other threads touch only through atomics and under the locks of slots.
unsafe impl<W: HasSlot + Send> Send for Ready<W> {}
// SAFETY: shared references give no access at all.
unsafe impl<W: HasSlot> Sync for Ready<W> {}

struct Line {
    first: *mut Member,
    last: *mut Member,
}

impl Line {
    fn push(&mut self, member: *mut Member) {
        // SAFETY: told or never linked members are the consumer's alone.
        unsafe {
            (*member).next.with_mut(|next| *next = ptr::null_mut());
            if self.first.is_null() {
                self.first = member;
            } else {
                (*self.last).next.with_mut(|next| *next = member);
            }
        }
        self.last = member;
    }

    fn pop(&mut self) -> Option<usize> {
        let member = NonNull::new(self.first)?;
        // SAFETY: as for `push`.
        unsafe {
            self.first = member.as_ref().next.with(|next| *next);
            Some(member.as_ref().index)
        }
    }

    /// Appends a stack's content, bottom first.
    fn append(&mut self, mut top: *mut Member) {
        let mut reversed = ptr::null_mut();
        while !top.is_null() {
            // SAFETY: as for `push`; the exchange that took the stack acquired its members.
            unsafe {
                let below = (*top).next.with(|next| *next);
                (*top).next.with_mut(|next| *next = reversed);
                reversed = top;
                top = below;
            }
        }
        while !reversed.is_null() {
            // SAFETY: as above.
            let next = unsafe { (*reversed).next.with(|next| *next) };
            self.push(reversed);
            reversed = next;
        }
    }
}

impl<W: HasSlot> Ready<W> {
    pub(crate) fn with_capacity(members: usize) -> Self {
        Self {
            stack: Arc::new(Stack {
                head: AtomicPtr::new(ptr::null_mut()),
                consumer: Mutex::new(current()),
            }),
            chunks: vec![Vec::with_capacity(members)],
            line: Line {
                first: ptr::null_mut(),
                last: ptr::null_mut(),
            },
            watched: Vec::with_capacity(members),
            free: Vec::new(),
            added: 0,
            left: 0,
        }
    }

    /// How many have not been given out.
    pub(crate) fn len(&self) -> usize {
        self.left
    }

    /// How many have been added in all.
    pub(crate) fn added(&self) -> usize {
        self.added
    }

    /// Adds one to wait for.
    pub(crate) fn watch(&mut self, what: W) {
        let index = self.free.pop().unwrap_or_else(|| self.add_member());
        let watched = &mut self.watched[index];
        let member = watched.member;
        let (_, what) = watched.what.insert((self.added, what));
        // SAFETY: the member stays in place, and is unlinked before the slot or it can go.
        let linked = what.slot().is_some_and(|slot| unsafe {
            slot.link(NonNull::new_unchecked(member).cast(), until_done)
        });
        if !linked {
            self.line.push(member);
        }
        self.added += 1;
        self.left += 1;
    }

    fn add_member(&mut self) -> usize {
        let index = self.watched.len();
        let full = |chunk: &Vec<Member>| chunk.len() == chunk.capacity();
        if self.chunks.last().is_none_or(full) {
            self.chunks.push(Vec::with_capacity(index.max(16)));
        }
        let chunk = self.chunks.last_mut().expect("a chunk was just pushed");
        chunk.push(Member {
            node: Node::watch(Arc::as_ptr(&self.stack)),
            index,
            next: UnsafeCell::new(ptr::null_mut()),
        });
        let last = chunk.len() - 1;
        // SAFETY: in bounds. By way of the buffer's pointer: no reference to the members that
        // other threads may be touching is made.
        let member = unsafe { chunk.as_mut_ptr().add(last) };
        self.watched.push(Watched { member, what: None });
        index
    }

    /// The next one that is done; waits for it as long as `limit` says.
    pub(crate) fn next(&mut self, limit: Limit) -> Option<W> {
        if self.left == 0 {
            return None;
        }
        let index = self.next_index(limit)?;
        self.left -= 1;
        // Told, or never linked: nobody else touches its member any more.
        self.free.push(index);
        self.watched[index].what.take().map(|(_, what)| what)
    }

    fn next_index(&mut self, limit: Limit) -> Option<usize> {
        loop {
            if let Some(index) = self.line.pop() {
                return Some(index);
            }
            let empty = ptr::null_mut();
            let top = self.stack.head.swap(empty, AcqRel);
            if !top.is_null() && top != SLEEPING {
                self.line.append(top);
                continue;
            }
            if limit.is_over() {
                return None;
            }
            *lock(&self.stack.consumer) = current();
            if self
                .stack
                .head
                .compare_exchange(empty, SLEEPING, AcqRel, Relaxed)
                .is_ok()
            {
                while self.stack.head.load(Acquire) == SLEEPING && !limit.is_over() {
                    park_until(limit.deadline());
                }
            }
        }
    }

    /// Gives back what was not given out, in the order in which it was added.
    pub(crate) fn into_watched(mut self) -> Vec<W> {
        self.unlink_all();
        self.left = 0;
        let mut rest: Vec<_> = self.watched.drain(..).filter_map(|w| w.what).collect();
        rest.sort_unstable_by_key(|(added, _)| *added);
        rest.into_iter().map(|(_, what)| what).collect()
    }

    /// Afterwards no slot knows a member.
    fn unlink_all(&self) {
        for Watched { member, what } in &self.watched {
            if let Some(slot) = what.as_ref().and_then(|(_, what)| what.slot()) {
                // SAFETY: given to `link` of this slot by `watch`; an address of a member.
                unsafe { slot.unlink(NonNull::new_unchecked(*member).cast()) };
            }
        }
    }
}

impl<W: HasSlot> Drop for Ready<W> {
    fn drop(&mut self) {
        if self.left > 0 {
            self.unlink_all();
        }
    }
}
