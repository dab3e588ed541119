//! A thread that takes tasks in the order in which they get done.
//!
//! Completed members are pushed on a stack by the threads that complete them; the consumer takes
//! the whole stack with one exchange and turns it round. The head of the stack also says whether
//! the consumer sleeps, so "push" and "who must be woken" are one compare-exchange, and no wake-up
//! is lost: the consumer goes to sleep only by changing an *empty* head to `SLEEPING`, and a push
//! that replaces `SLEEPING` is the one that wakes it.

use super::{
    post::Post,
    slot::{HasSlot, SlotRef},
    state::Done,
    waiters::{Node, Wake, Watch, Watcher, next, set_next, until_done},
};
use crate::{
    error::Deadlock,
    fork::{Birth, is_child},
    sync::{
        AcqRel, Acquire, AtomicPtr, Mutex, Relaxed, Thread, current, lock, park_until, spin_until,
    },
    time::Limit,
};
use std::{
    collections::VecDeque,
    mem::MaybeUninit,
    ptr::{self, NonNull},
    sync::Arc,
    vec,
};

/// One that was not done when it was added. Its node links it in the slot's list, then in the
/// stack, then among the free ones.
#[repr(C)]
struct Member<W> {
    node: Node,
    /// How many were added before; `FREE` if nothing is waited for here.
    added: usize,
    what: MaybeUninit<W>,
}

const FREE: usize = usize::MAX;

struct Stack {
    head: AtomicPtr<Node>,
    consumer: Mutex<Thread>,
}

/// The head of the stack while the consumer sleeps and the stack is empty.
const SLEEPING: *mut Node = ptr::without_provenance_mut(align_of::<Node>());

impl Watcher for Stack {
    unsafe fn tell(this: *const Watch<Self>, node: NonNull<Node>, _: Done) -> Option<Wake> {
        // SAFETY: stack and node are alive until the exchange succeeds, which is the last access to
        // both; until then a node that is told is the teller's.
        unsafe {
            let stack = &raw const (*this).watcher;
            let mut head = (*stack).head.load(Acquire);
            loop {
                let sleeping = head == SLEEPING;
                let wake = sleeping.then(|| Wake::Thread(lock(&(*stack).consumer).clone()));
                let below = if sleeping { ptr::null_mut() } else { head };
                set_next(node, NonNull::new(below));
                match (*stack)
                    .head
                    .compare_exchange_weak(head, node.as_ptr(), AcqRel, Acquire)
                {
                    Ok(_) => return wake,
                    Err(now) => head = now,
                }
            }
        }
    }
}

/// Where a worker that waits looks for members that have not started: each place is looked at once,
/// and once more for each time that it is used again.
#[derive(Default)]
struct Unstarted {
    chunk: usize,
    index: usize,
    /// Members behind the cursor that wait for something else now.
    reused: VecDeque<NonNull<Node>>,
}

impl Unstarted {
    /// One of so many members is used again.
    fn add(&mut self, node: NonNull<Node>, members: usize) {
        if self.reused.len() < members {
            self.reused.push_back(node);
        } else {
            // Nobody looks here, or seldom: all over again is then no more to do.
            *self = Self::default();
        }
    }
}

/// Things with a slot, given out one by one as their slots get done.
pub(crate) struct Ready<W: HasSlot> {
    /// An `Arc` and not a `Box`, because a box claims to be the only way to its content when it is
    /// moved, and the nodes know it too.
    stack: Arc<Watch<Stack>>,
    /// Members never move: a chunk is filled to its capacity, then another one is begun.
    chunks: Vec<Vec<Member<W>>>,
    /// Members to be used again.
    free: Option<NonNull<Node>>,
    /// Those that were done at the beginning. They come first.
    early: vec::IntoIter<W>,
    /// How many of them were given out.
    early_given: usize,
    unstarted: Unstarted,
    /// Those that are ready, each with the number of those that were added before it.
    line: VecDeque<(usize, W)>,
    added: usize,
    /// How many are left besides the early ones.
    left: usize,
    birth: Birth,
    /// One of them was added after a fork that its pool does not know of.
    stranded: bool,
}

// SAFETY: the raw pointers lead to members in `chunks` and to `stack`, which `self` owns and which
// other threads touch only through atomics and under the locks of slots.
unsafe impl<W: HasSlot + Send> Send for Ready<W> {}
// SAFETY: shared references give no access at all.
unsafe impl<W: HasSlot> Sync for Ready<W> {}

impl<W: HasSlot> Ready<W> {
    /// Waits for all of these. Early ones take no memory if the input is a vector, whose own they
    /// stay in.
    pub(crate) fn of(all: impl Iterator<Item = W>) -> Self {
        let mut ready = Self::with_capacity(all.size_hint().0);
        let early: Vec<_> = all
            .filter_map(|what| ready.watch_pending(what).err())
            .collect();
        ready.early = early.into_iter();
        ready
    }

    pub(crate) fn with_capacity(members: usize) -> Self {
        Self {
            stack: Arc::new(Watch::new(Stack {
                head: AtomicPtr::new(ptr::null_mut()),
                consumer: Mutex::new(current()),
            })),
            chunks: vec![Vec::with_capacity(members)],
            free: None,
            early: Vec::new().into_iter(),
            early_given: 0,
            unstarted: Unstarted::default(),
            line: VecDeque::new(),
            added: 0,
            left: 0,
            birth: Birth::now(),
            stranded: false,
        }
    }

    /// How many have not been given out.
    pub(crate) fn len(&self) -> usize {
        self.early.len() + self.left
    }

    /// How many have been added in all.
    pub(crate) fn added(&self) -> usize {
        self.added
    }

    /// Adds one more to wait for.
    pub(crate) fn watch(&mut self, what: W) {
        let added = self.added;
        if let Err(what) = self.watch_pending(what) {
            self.left += 1;
            self.line.push_back((added, what));
        }
    }

    /// Adds one, and gives it back if it is done.
    fn watch_pending(&mut self, what: W) -> Result<(), W> {
        let added = self.added;
        self.added += 1;
        if what.slot().is_none_or(|slot| until_done(slot.state.look())) {
            return Err(what);
        }
        self.left += 1;
        self.stranded |= is_child() && what.slot().is_some_and(|slot| slot.source().is_inherited());
        let member = self.free_member();
        // SAFETY: a free member is ours, and in no list. It stays in place, and is unlinked before
        // its slot or it can go.
        unsafe {
            (*member.as_ptr()).added = added;
            let what = (*member.as_ptr()).what.write(what);
            if !what
                .slot()
                .is_some_and(|slot| slot.link(member.cast(), until_done))
            {
                self.line_up(member);
            }
        }
        Ok(())
    }

    /// A member's place in memory, used again or new.
    fn free_member(&mut self) -> NonNull<Member<W>> {
        if let Some(node) = self.free {
            // SAFETY: free nodes are ours.
            self.free = unsafe { next(node) };
            self.unstarted
                .add(node, self.chunks.iter().map(Vec::len).sum());
            return node.cast();
        }
        let full = |chunk: &Vec<Member<W>>| chunk.len() == chunk.capacity();
        if self.chunks.last().is_none_or(full) {
            let members = self.chunks.iter().map(Vec::len).sum::<usize>();
            self.chunks.push(Vec::with_capacity(members.max(16)));
        }
        let chunk = self.chunks.last_mut().expect("a chunk was just pushed");
        chunk.push(Member {
            node: Node::watch(Arc::as_ptr(&self.stack)),
            added: FREE,
            what: MaybeUninit::uninit(),
        });
        let last = chunk.len() - 1;
        // SAFETY: in bounds. By way of the buffer's pointer: no reference to the members that
        // other threads may be touching is made.
        unsafe { NonNull::new_unchecked(chunk.as_mut_ptr().add(last)) }
    }

    /// Moves a member's content to the line, and frees the member.
    ///
    /// # Safety
    ///
    /// It waits for something, and is in no list: it was told and taken from the stack, or could not
    /// be linked.
    unsafe fn line_up(&mut self, member: NonNull<Member<W>>) {
        // SAFETY: nobody else touches the member any more, and its content was written.
        unsafe {
            let Member { added, what, .. } = &mut *member.as_ptr();
            let added = std::mem::replace(added, FREE);
            self.line.push_back((added, what.assume_init_read()));
            set_next(member.cast(), self.free);
        }
        self.free = Some(member.cast());
    }

    /// The next one that is done; waits for it as long as `limit` says.
    pub(crate) fn next(&mut self, limit: Limit) -> Option<W> {
        if let Some(what) = self.early.next() {
            self.early_given += 1;
            return Some(what);
        }
        if self.left == 0 {
            return None;
        }
        loop {
            if let Some((_, what)) = self.line.pop_front() {
                self.left -= 1;
                return Some(what);
            }
            if !self.collect() {
                if limit.is_over() {
                    return None;
                }
                if !self.run_one(limit) {
                    self.sleep(limit);
                }
            }
        }
    }

    /// Runs a member that has not started, on a worker that waits for as long as it takes. Whether
    /// there was one.
    fn run_one(&mut self, limit: Limit) -> bool {
        let Some(post) = Post::waiting(limit) else {
            return false;
        };
        while let Some(slot) = self.next_unstarted() {
            if post.run_awaited(slot) {
                return true;
            }
        }
        false
    }

    /// The slot of the next member that may not have started.
    fn next_unstarted(&mut self) -> Option<SlotRef> {
        let Unstarted {
            chunk,
            index,
            reused,
        } = &mut self.unstarted;
        while let Some(members) = self.chunks.get_mut(*chunk) {
            if *index == members.len() {
                if members.len() < members.capacity() {
                    break;
                }
                (*chunk, *index) = (*chunk + 1, 0);
                continue;
            }
            // SAFETY: in bounds, and content and number of a member are the consumer's.
            let slot = unsafe { Self::waits_for(members.as_mut_ptr().add(*index)) };
            *index += 1;
            if slot.is_some() {
                return slot;
            }
        }
        while let Some(node) = reused.pop_front() {
            // SAFETY: a node is the first field of its member; for the rest as above.
            let slot = unsafe { Self::waits_for(node.cast().as_ptr()) };
            if slot.is_some() {
                return slot;
            }
        }
        None
    }

    /// # Safety
    ///
    /// The member is alive, and the caller is the consumer.
    unsafe fn waits_for(member: *mut Member<W>) -> Option<SlotRef> {
        // SAFETY: the caller's promise; a member that is not free has its content.
        unsafe {
            if (*member).added == FREE {
                return None;
            }
            (*member).what.assume_init_ref().slot()
        }
    }

    /// Takes the whole stack into the line, the bottom first. Whether there was anything.
    fn collect(&mut self) -> bool {
        let top = self.stack.watcher.head.swap(ptr::null_mut(), AcqRel);
        if top == SLEEPING {
            return false;
        }
        let mut top = NonNull::new(top);
        let mut bottom = None;
        // SAFETY: told nodes are the consumer's, and each is the first field of a member; the
        // exchange that took the stack acquired them.
        unsafe {
            while let Some(node) = top {
                top = next(node);
                set_next(node, bottom);
                bottom = Some(node);
            }
            let some = bottom.is_some();
            while let Some(node) = bottom {
                bottom = next(node);
                self.line_up(node.cast());
            }
            some
        }
    }

    /// Returns when something was pushed, or the time is over.
    ///
    /// # Panics
    ///
    /// If nothing ever will be, because those who would do it were left behind by a fork.
    fn sleep(&self, limit: Limit) {
        let stranded = self.stranded || self.birth.is_before_fork();
        assert!(
            !(stranded && matches!(limit, Limit::Forever)),
            "{}",
            Deadlock::forked()
        );
        let Stack { head, consumer } = &self.stack.watcher;
        if spin_until(|| !head.load(Relaxed).is_null()) {
            return;
        }
        *lock(consumer) = current();
        let asleep = head.compare_exchange(ptr::null_mut(), SLEEPING, AcqRel, Relaxed);
        if asleep.is_ok() {
            let _paused = Post::current().and_then(|post| post.pause_within(limit));
            while head.load(Acquire) == SLEEPING && !limit.is_over() {
                park_until(limit.deadline());
            }
        }
    }

    /// Gives back what was not given out, in the order in which it was added.
    pub(crate) fn into_watched(mut self) -> Vec<W> {
        let mut rest: Vec<_> = self.unlink_all();
        rest.extend(self.line.drain(..));
        rest.sort_unstable_by_key(|(added, _)| *added);
        let mut all = Vec::with_capacity(self.len());
        let mut passed = self.early_given;
        for (place, (added, what)) in rest.into_iter().enumerate() {
            // As long as an early one is left no other was given out, so those missing are early ones.
            let missing = (added - place).saturating_sub(passed);
            all.extend(self.early.by_ref().take(missing));
            passed += missing;
            all.push(what);
        }
        all.extend(self.early.by_ref());
        all
    }

    /// Empties all members. Afterwards no slot knows one, and the stack is not to be used again.
    fn unlink_all(&mut self) -> Vec<(usize, W)> {
        let mut unlinked = Vec::new();
        // The newest first: if one slot is waited for many times, that is the order of its list.
        for chunk in self.chunks.iter_mut().rev() {
            let first = chunk.as_mut_ptr();
            for index in (0..chunk.len()).rev() {
                // SAFETY: in bounds; the node was given to `link` of this slot by `watch`, and once
                // it is unlinked the member is ours.
                unsafe {
                    let member = first.add(index);
                    if (*member).added == FREE {
                        continue;
                    }
                    if let Some(slot) = (*member).what.assume_init_ref().slot() {
                        slot.unlink(NonNull::new_unchecked(member).cast());
                    }
                    let added = std::mem::replace(&mut (*member).added, FREE);
                    unlinked.push((added, (*member).what.assume_init_read()));
                }
            }
        }
        unlinked
    }
}

impl<W: HasSlot> Drop for Ready<W> {
    fn drop(&mut self) {
        if self.left > self.line.len() {
            drop(self.unlink_all());
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
