//! The queue on one thread, with blocks of their full size, of which models have but one slot.

use super::*;
use crate::{error::TaskError, pool::Pool, task::work::Plain};
use std::{convert::Infallible, sync::Mutex};

#[derive(Default)]
struct Rig {
    ran: Arc<Mutex<Vec<usize>>>,
}

impl Rig {
    fn try_push(&self, queue: &Queue, entry: usize, gate: Gate) -> Option<Handle<(), Infallible>> {
        let ran = Arc::clone(&self.ran);
        let work = Plain(move || ran.lock().unwrap().push(entry));
        queue.push(work, gate).ok()
    }

    fn push(&self, queue: &Queue, entry: usize) -> Handle<(), Infallible> {
        let handle = self.try_push(queue, entry, Gate::UntilClosed);
        handle.expect("the queue is open")
    }

    fn queue_of(&self, tasks: usize) -> Queue {
        let queue = queue();
        (0..tasks).for_each(|entry| drop(self.push(&queue, entry)));
        queue
    }

    /// Which task this is.
    fn run(&self, popped: Popped) -> usize {
        popped.task.run_outside();
        *self.ran.lock().unwrap().last().expect("it ran")
    }
}

fn queue() -> Queue {
    Queue::new(Weak::<Pool>::new())
}

/// Positions of more than two blocks, with the number of slots before each.
fn positions() -> impl Iterator<Item = (Position, u64)> {
    (0..150).map(|step: u64| (step * STEP, step - step / 64))
}

#[test]
fn a_block_takes_one_position_more_than_it_has_slots() {
    for (position, before) in positions() {
        let at = usize::try_from(position / 2 % 64).unwrap();
        for position in [position, position | FLAG] {
            assert_eq!(place(position), at);
            assert_eq!(count(position), before);
        }
    }
    assert_eq!((place(62 * STEP), place(63 * STEP)), (62, SLOTS));
}

#[test]
fn the_next_mark_is_that_of_a_slot() {
    for (position, before) in positions().filter(|(position, _)| place(*position) != SLOTS) {
        let next = Mark(position).next();
        assert_ne!(place(next.0), SLOTS);
        assert_eq!(count(next.0), before + 1);
    }
}

#[test]
fn positions_are_compared_as_long_as_they_are_not_far_apart() {
    for (position, _) in positions() {
        for (tail, _) in positions() {
            let is_slot = place(position) != SLOTS;
            for tail in [tail, tail | FLAG] {
                let before = is_slot && position / STEP < tail / STEP;
                assert_eq!(is_before(position, tail), before);
                assert_eq!(is_before(position | FLAG, tail), before);
            }
            assert_eq!(is_earlier(position, tail), position < tail);
        }
    }
    let last = Position::MAX - 3;
    assert!(is_before(last, 0) && !is_before(0, last));
    assert!(is_earlier(last, 0) && !is_earlier(0, last));
}

#[test]
fn tasks_come_out_in_order_and_say_whether_there_are_more() {
    for tasks in [1, 2, 62, 63, 64, 65, 126, 127, 200] {
        let rig = Rig::default();
        let queue = rig.queue_of(tasks);
        assert_eq!(queue.pushed(), tasks as u64);
        for entry in 0..tasks {
            assert!(!queue.is_empty());
            assert_eq!(queue.len(), tasks - entry);
            let popped = queue.pop().expect("there are more");
            assert_eq!(count(popped.position()), entry as u64);
            assert_eq!(
                popped.place.has_more(),
                entry + 1 < tasks,
                "{entry} of {tasks}"
            );
            assert_eq!(rig.run(popped), entry);
        }
        assert_eq!((queue.is_empty(), queue.len()), (true, 0));
        assert!(queue.pop().is_none());
        assert_eq!(queue.pushed(), tasks as u64);
    }
}

#[test]
fn a_tail_that_is_known_is_looked_at_again_only_when_the_head_has_come_there() {
    let rig = Rig::default();
    let queue = rig.queue_of(10);
    let mut known = 0;
    assert_eq!(
        queue.pop_known(&mut known).map(|popped| rig.run(popped)),
        Some(0)
    );
    assert_eq!(known, 10 * STEP);
    (10..15).for_each(|entry| drop(rig.push(&queue, entry)));
    for entry in 1..9 {
        let popped = queue.pop_known(&mut known).expect("there are more");
        assert!(popped.place.has_more());
        assert_eq!((rig.run(popped), known), (entry, 10 * STEP));
    }
    let popped = queue.pop_known(&mut known).expect("there are more");
    assert!(popped.place.has_more());
    assert_eq!((rig.run(popped), known), (9, 15 * STEP));
}

#[test]
fn the_quick_way_takes_neither_the_last_known_nor_the_last_of_a_block() {
    let rig = Rig::default();
    let queue = rig.queue_of(70);
    assert!(queue.take_off_known(0).is_none());
    assert!(queue.take_off_known(STEP).is_none());
    let popped = queue.take_off_known(2 * STEP).expect("not the last known");
    assert!(popped.place.has_more());
    assert_eq!((popped.position(), rig.run(popped)), (0, 0));
    assert!(queue.take_off_known(2 * STEP).is_none());
    for entry in 1..62 {
        let popped = queue
            .take_off_known(71 * STEP)
            .expect("not the last of the block");
        assert_eq!(rig.run(popped), entry);
    }
    assert!(queue.take_off_known(71 * STEP).is_none());
    assert_eq!(queue.len(), 8);
}

#[test]
fn a_closed_queue_takes_only_what_was_accepted_before() {
    // So that the last slot of a block is refused as well.
    for tasks in [0, 5, 62, 63] {
        let rig = Rig::default();
        let queue = rig.queue_of(tasks);
        let open = queue.mark();
        assert!(!queue.is_closed());
        queue.close();
        assert!(queue.is_closed() && queue.mark() != open);
        assert!(rig.try_push(&queue, 100, Gate::UntilClosed).is_none());
        assert_eq!(queue.len(), tasks);
        assert!(rig.try_push(&queue, 200, Gate::Always).is_some());
        assert_eq!(queue.len(), tasks + 1);
        let order: Vec<_> =
            std::iter::from_fn(|| queue.pop().map(|popped| rig.run(popped))).collect();
        assert_eq!(order.last(), Some(&200));
        assert_eq!(order.len(), tasks + 1);
    }
}

#[test]
fn a_mark_is_over_with_the_next_push() {
    let rig = Rig::default();
    let queue = rig.queue_of(61);
    for entry in 61..65 {
        let mark = queue.mark();
        assert!(mark == queue.mark());
        drop(rig.push(&queue, entry));
        assert!(queue.mark() == mark.next());
    }
}

#[test]
fn tasks_are_put_where_they_would_have_stood() {
    let rig = Rig::default();
    let queue = rig.queue_of(1);
    let early = queue.mark();
    (1..4).for_each(|entry| drop(rig.push(&queue, entry)));
    let late = queue.mark();
    let source = queue.source();
    let task = |entry| {
        let ran = Arc::clone(&rig.ran);
        let work = Plain(move || ran.lock().unwrap().push(entry));
        Handle::pending(work, source).0
    };
    queue.insert(vec![(late, task(30)), (early, task(10)), (early, task(11))]);
    assert_eq!(queue.len(), 7);
    assert!(!queue.is_empty());
    let mut more = Vec::new();
    while let Some(popped) = queue.pop() {
        more.push(popped.place.has_more());
        rig.run(popped);
    }
    // Those in the lane first where both have the same place.
    assert_eq!(*rig.ran.lock().unwrap(), [0, 10, 11, 1, 2, 3, 30]);
    assert_eq!((queue.is_empty(), queue.len()), (true, 0));
    assert_eq!(more.len(), 7);
}

#[test]
fn an_earlier_task_in_the_lane_is_seen_by_who_has_taken_a_later_one() {
    let rig = Rig::default();
    let queue = rig.queue_of(3);
    assert!(queue.lane.is_empty() && !queue.lane.precedes(4));
    let first = queue.pop().expect("three are queued");
    queue.lane.open().insert(2, first.task);
    assert!(!queue.lane.is_empty());
    assert!(queue.lane.precedes(4) && !queue.lane.precedes(2) && !queue.lane.precedes(0));
    let open = queue.lane.open();
    open.bar();
    assert!(!queue.lane.is_empty() && queue.lane.precedes(0));
    open.expect_one();
    assert_eq!(queue.lane.len(), 2);
    drop(open);
    assert_eq!(queue.lane.len(), 1);
    assert!(queue.lane.open().take_up_to(0).is_none());
    let popped = queue.lane.open().take_up_to(2).expect("stands there");
    assert!(!popped.place.has_more());
    assert_eq!((popped.position(), rig.run(popped)), (2, 0));
    assert_eq!((queue.lane.is_empty(), queue.lane.len()), (true, 0));
}

#[test]
fn a_sweep_takes_out_what_is_over_and_keeps_the_order_of_the_rest() {
    let rig = Rig::default();
    let queue = queue();
    // More than one stretch.
    let handles: Vec<_> = (0..400).map(|entry| rig.push(&queue, entry)).collect();
    let cancelled = |entry: usize| entry % 3 != 0;
    for entry in (0..400).filter(|entry| cancelled(*entry)) {
        assert!(handles[entry].cancel());
    }
    queue.sweep();
    let kept: Vec<_> = (0..400).filter(|entry| !cancelled(*entry)).collect();
    assert_eq!(queue.len(), kept.len());
    // Also of those that a sweep has kept before.
    assert!(handles[0].cancel() && handles[399].cancel());
    queue.sweep();
    assert_eq!(queue.len(), kept.len() - 2);
    drop(rig.push(&queue, 400));
    while let Some(popped) = queue.pop() {
        rig.run(popped);
    }
    let mut expected = kept[1..kept.len() - 1].to_vec();
    expected.push(400);
    assert_eq!(*rig.ran.lock().unwrap(), expected);
}

#[test]
fn a_sweep_gives_the_blocks_back() {
    let rig = Rig::default();
    let queue = queue();
    let source = Arc::clone(queue.source());
    let handles: Vec<_> = (0..130).map(|entry| rig.push(&queue, entry)).collect();
    // Ours, the queue's, and those of three blocks.
    assert_eq!(Arc::strong_count(&source), 2 + 3);
    for handle in handles {
        assert!(handle.cancel());
    }
    queue.sweep();
    assert!(queue.is_empty());
    assert_eq!(Arc::strong_count(&source), 2 + 1);
}

#[test]
fn a_queue_is_tidied_once_more_than_half_and_some_are_over() {
    const TASKS: usize = 20_000;
    const SPARED: usize = TASKS / 2 + 8 * 1024;
    let rig = Rig::default();
    let queue = queue();
    let handles: Vec<_> = (0..TASKS).map(|entry| rig.push(&queue, entry)).collect();
    assert!(handles[..SPARED].iter().all(Handle::cancel));
    assert!(!queue.tidy());
    assert!(handles[SPARED].cancel());
    assert!(queue.tidy());
    assert_eq!(queue.len(), TASKS - SPARED - 1);
    assert!(!queue.tidy());
}

#[test]
fn a_queue_that_goes_cancels_its_tasks_and_leaves_no_block() {
    for tasks in [0, 1, 61, 62, 63, 64, 126, 127, 130] {
        for taken in [0, tasks / 2, tasks] {
            let rig = Rig::default();
            let queue = queue();
            let source = Arc::clone(queue.source());
            let handles: Vec<_> = (0..tasks).map(|entry| rig.push(&queue, entry)).collect();
            for _ in 0..taken {
                rig.run(queue.pop().expect("so many are queued"));
            }
            drop(queue);
            for (entry, handle) in handles.into_iter().enumerate() {
                let cancelled = matches!(handle.take(), Err(TaskError::Cancelled));
                assert_eq!(cancelled, entry >= taken);
            }
            assert_eq!(Arc::strong_count(&source), 1, "{taken} of {tasks}");
        }
    }
}
