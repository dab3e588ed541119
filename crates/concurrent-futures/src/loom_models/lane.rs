//! The lane before the head of the list: sweeps beside those who take, look and insert.

use super::rig::{Alone, Count, gone, large_model, model, spawn, task};
use crate::{
    queue::{Gate, Queue},
    task::{Ending, Handle, work::Plain},
};
use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

type Unit = Handle<(), Infallible>;

/// What ran, in order. Of std, and never locked in a step of the model.
#[derive(Clone, Default)]
struct Journal(Arc<Mutex<Vec<usize>>>);

impl Journal {
    fn push(&self, queue: &Queue, entry: usize) -> Unit {
        let journal = self.clone();
        let work = Plain(move || journal.0.lock().unwrap().push(entry));
        queue.push(work, Gate::UntilClosed).ok().expect("open")
    }

    fn entries(&self) -> Vec<usize> {
        self.0.lock().unwrap().clone()
    }
}

/// Takes and runs one task; whether it had been cancelled does not matter.
fn run_one(queue: &Queue) -> bool {
    let popped = queue.pop();
    popped.map(|popped| popped.task.run(&mut Alone)).is_some()
}

fn run_another(queue: &Queue) {
    run_one(queue);
}

fn run_all(queue: &Queue) {
    while run_one(queue) {}
}

/// A queue of so many tasks, of which the first is cancelled.
fn queue_of(journal: &Journal, tasks: usize) -> Arc<Queue> {
    let queue = Arc::new(Queue::new(gone()));
    for entry in 0..tasks {
        let handle = journal.push(&queue, entry);
        if entry == 0 {
            assert!(handle.cancel());
        }
    }
    queue
}

/// Catches a worker that starts a later task before an earlier one that a sweeper has in its
/// hands, a task that is lost on its way, and one that is in both places.
#[test]
fn one_worker_takes_in_order_beside_a_sweep() {
    model(|| {
        let journal = Journal::default();
        let queue = queue_of(&journal, 4);
        let sweeper = {
            let queue = Arc::clone(&queue);
            spawn(move || queue.sweep())
        };
        run_all(&queue);
        sweeper.join().unwrap();
        assert_eq!(journal.entries(), [1, 2, 3]);
        assert!(queue.is_empty() && queue.len() == 0);
    });
}

/// Catches a searcher that finds neither list nor lane holding the task that is on its way from
/// the one to the other, and one that gets nothing although it is there.
#[test]
fn a_task_is_never_out_of_sight() {
    model(|| {
        let journal = Journal::default();
        let queue = queue_of(&journal, 2);
        let sweeper = {
            let queue = Arc::clone(&queue);
            spawn(move || queue.sweep())
        };
        assert!(!queue.is_empty());
        assert!(queue.len() > 0);
        assert!(run_one(&queue));
        if journal.entries().is_empty() {
            // That was the tombstone.
            assert!(!queue.is_empty());
            assert!(run_one(&queue));
        }
        assert_eq!(journal.entries(), [1]);
        sweeper.join().unwrap();
        assert!(!run_one(&queue) && queue.is_empty());
    });
}

/// Catches a task that a shutdown misses, because a sweeper has it in its hands.
#[test]
fn who_empties_the_queue_gets_what_is_swept() {
    model(|| {
        let journal = Journal::default();
        let queue = Arc::new(Queue::new(gone()));
        let handles = [0, 1, 2].map(|entry| journal.push(&queue, entry));
        assert!(handles[1].cancel());
        let sweeper = {
            let queue = Arc::clone(&queue);
            spawn(move || queue.sweep())
        };
        queue.close();
        while let Some(popped) = queue.pop() {
            popped.task.end(&Ending::Cancelled);
        }
        assert!(handles.iter().all(|handle| handle.seen().is_cancelled()));
        sweeper.join().unwrap();
        assert!(queue.is_empty() && journal.entries().is_empty());
    });
}

/// Catches two takers that get the same task or miss one, while a third puts them aside.
#[test]
fn two_workers_beside_a_sweep() {
    large_model(|| {
        let journal = Journal::default();
        let queue = queue_of(&journal, 3);
        let others = [Queue::sweep, run_another].map(|act| {
            let queue = Arc::clone(&queue);
            spawn(move || act(&queue))
        });
        run_one(&queue);
        for other in others {
            other.join().unwrap();
        }
        run_all(&queue);
        let mut entries = journal.entries();
        entries.sort_unstable();
        assert_eq!(entries, [1, 2]);
    });
}

/// Catches a task that is pushed while the list is swept, and comes before what was kept.
#[test]
fn a_task_is_pushed_beside_a_sweep() {
    model(|| {
        let journal = Journal::default();
        let queue = queue_of(&journal, 2);
        let sweeper = {
            let queue = Arc::clone(&queue);
            spawn(move || queue.sweep())
        };
        drop(journal.push(&queue, 2));
        sweeper.join().unwrap();
        run_all(&queue);
        assert_eq!(journal.entries(), [1, 2]);
    });
}

/// Catches a sweep that tears at a task while it is being cancelled, and a block that is freed under
/// the canceller, or never.
#[test]
fn a_task_is_cancelled_beside_a_sweep() {
    model(|| {
        let dropped = Count::default();
        let journal = Journal::default();
        let queue = queue_of(&journal, 1);
        let probe = dropped.probe();
        let work = Plain(move || drop(probe));
        let handle = queue.push(work, Gate::UntilClosed).ok().expect("open");
        let canceller = spawn(move || {
            assert!(handle.cancel());
        });
        queue.sweep();
        canceller.join().unwrap();
        assert_eq!(dropped.get(), 1);
        run_all(&queue);
        assert!(queue.is_empty());
    });
}

/// Catches a task that is put before a later one and comes behind it, or never.
#[test]
fn a_task_is_put_before_others_while_some_are_taken() {
    model(|| {
        let journal = Journal::default();
        let queue = Arc::new(Queue::new(gone()));
        drop(journal.push(&queue, 0));
        let mark = queue.mark();
        drop(journal.push(&queue, 1));
        drop(journal.push(&queue, 3));
        let taker = {
            let queue = Arc::clone(&queue);
            spawn(move || run_one(&queue) && run_one(&queue))
        };
        let entry = journal.clone();
        let (inserted, handle) = task(move || entry.0.lock().unwrap().push(2));
        drop(handle);
        queue.insert(vec![(mark, inserted)]);
        assert!(taker.join().unwrap());
        run_all(&queue);
        let entries = journal.entries();
        assert!(matches!(entries[..], [0, 1, 2, 3] | [0, 2, 1, 3]));
        assert!(queue.is_empty());
    });
}

/// Catches what lies in the lane of a dropped queue, with its waiter asleep.
#[test]
fn a_dropped_queue_cancels_what_is_in_its_lane() {
    model(|| {
        let journal = Journal::default();
        let queue = queue_of(&journal, 1);
        let kept = journal.push(&queue, 1);
        queue.sweep();
        assert_eq!(queue.len(), 1);
        let waiter = spawn(move || kept.take().is_err());
        drop(queue);
        assert!(waiter.join().unwrap());
    });
}

/// Catches a task that nobody takes, and that keeps the queue from being empty: it was put where the next
/// push would stand, as the runner of a map that gets more workers, and then the queue was closed.
#[test]
fn a_task_at_the_end_of_the_list_is_taken() {
    model(|| {
        let queue = Arc::new(Queue::new(gone()));
        let closer = {
            let queue = Arc::clone(&queue);
            spawn(move || queue.close())
        };
        let (task, handle) = super::rig::task(|| 1);
        queue.insert(vec![(queue.mark(), task)]);
        assert!(run_one(&queue));
        assert_eq!(handle.take().unwrap(), 1);
        closer.join().unwrap();
        assert!(!run_one(&queue) && queue.is_empty());
    });
}

/// Catches a task that gives way to itself, or to an older one: while a worker takes one, and while a sweeper has
/// all in its hands.
#[test]
fn what_is_older_gives_way_beside_a_worker() {
    what_is_older_gives_way_beside(1, run_another);
}

#[test]
fn what_is_older_gives_way_beside_a_sweep() {
    what_is_older_gives_way_beside(2, Queue::sweep);
}

fn what_is_older_gives_way_beside(older: usize, other: fn(&Queue)) {
    model(move || {
        let journal = Journal::default();
        let queue = queue_of(&journal, older);
        let newer = journal.push(&queue, older);
        let newest = journal.push(&queue, older + 1);
        let beside = {
            let queue = Arc::clone(&queue);
            spawn(move || other(&queue))
        };
        while let Some(popped) = queue.pop_before(newer.slot()) {
            popped.task.end(&Ending::Discarded);
        }
        beside.join().unwrap();
        run_all(&queue);
        newer.take().unwrap();
        newest.take().unwrap();
        assert!(queue.is_empty());
    });
}

#[test]
fn nobody_gives_way_to_a_task_outside_of_the_queue() {
    model(|| {
        let queue = queue_of(&Journal::default(), 2);
        let (outside, handle) = task(|| 1);
        assert!(queue.pop_before(handle.slot()).is_none());
        drop(outside);
    });
}
