use crate::{
    Future, SharedFuture,
    task::slot::{HasSlot, SlotRef},
};

/// What [`wait`](crate::wait) and [`as_completed`](crate::as_completed) can wait for.
///
/// A [`Future`], a [`SharedFuture`], a reference to one, a box of one, or a pair of anything with
/// one: so the input of a task can travel with its future, where Python keeps a dictionary from
/// future to input. The trait is sealed; `&dyn Waitable` lets futures of different types be waited
/// for together.
///
/// ```
/// use concurrent_futures::{ReturnWhen, ThreadPoolExecutor, Waitable, wait};
///
/// let pool = ThreadPoolExecutor::new();
/// let number = pool.submit(|| 1);
/// let text = pool.submit(|| "one");
/// wait([&number as &dyn Waitable, &text], ReturnWhen::AllCompleted);
/// assert!(number.done() && text.done());
/// ```
pub trait Waitable: HasSlot {}

/// Whether the task is done.
pub(crate) fn is_done<W: Waitable>(waitable: &W) -> bool {
    waitable
        .slot()
        .is_none_or(|slot| slot.state.look().is_done())
}

impl<T, E> Waitable for Future<T, E> {}

impl<T, E> HasSlot for Future<T, E> {
    fn slot(&self) -> Option<SlotRef> {
        self.slot()
    }
}

impl<T, E> Waitable for SharedFuture<T, E> {}

impl<T, E> HasSlot for SharedFuture<T, E> {
    fn slot(&self) -> Option<SlotRef> {
        self.slot()
    }
}

impl<W: Waitable + ?Sized> Waitable for &W {}

impl<W: HasSlot + ?Sized> HasSlot for &W {
    fn slot(&self) -> Option<SlotRef> {
        (**self).slot()
    }
}

impl<W: Waitable + ?Sized> Waitable for &mut W {}

impl<W: HasSlot + ?Sized> HasSlot for &mut W {
    fn slot(&self) -> Option<SlotRef> {
        (**self).slot()
    }
}

impl<W: Waitable + ?Sized> Waitable for Box<W> {}

impl<W: HasSlot + ?Sized> HasSlot for Box<W> {
    fn slot(&self) -> Option<SlotRef> {
        (**self).slot()
    }
}

impl<K, W: Waitable> Waitable for (K, W) {}

impl<K, W: HasSlot> HasSlot for (K, W) {
    fn slot(&self) -> Option<SlotRef> {
        self.1.slot()
    }
}
