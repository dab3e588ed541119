//! The handshakes by themselves: each of two writes one thing and then reads what the other writes, so one of
//! them sees the other.
//!
//! The fence that stands in the models for `SeqCst` orders the accesses around it too. In a whole loop, so, an
//! access may be made less of and the next one hides it. Here each side is its two accesses and no more.

use super::rig::{Alone, gone, model, spawn};
use crate::{
    map::cells::{Row, Writer},
    pool::idle::{Idle, Rouse, Sleeper},
    queue::{Gate, Queue},
    task::work::Plain,
};
use std::{convert::Infallible, sync::Arc};

struct Yard {
    queue: Queue,
    idle: Idle,
}

impl Yard {
    fn new(max_workers: usize) -> Arc<Self> {
        Arc::new(Self {
            queue: Queue::new(gone()),
            idle: Idle::new(max_workers, max_workers),
        })
    }

    /// With so many workers that search.
    fn searched(max_workers: usize, searching: usize) -> Arc<Self> {
        let yard = Self::new(max_workers);
        for _ in 0..searching {
            assert!(yard.idle.hire_up_to(max_workers));
            yard.idle.arrive();
        }
        yard
    }

    fn push(&self) {
        let pushed = self.queue.push(Plain(|| ()), Gate::UntilClosed);
        assert!(pushed.is_ok(), "the queue is open");
    }
}

/// A producer pushes and then looks whether it is to rouse somebody; the other side takes its `step` and then
/// looks whether anything was pushed. With the step taken, the producer is `on_its_own`.
fn beside_a_push(
    yard: impl Fn() -> Arc<Yard> + Send + Sync + 'static,
    step: impl Fn(&Yard) + Send + Sync + 'static,
    on_its_own: fn(&Idle) -> bool,
) {
    model(move || {
        let yard = yard();
        let before = yard.queue.mark();
        let producer = {
            let yard = Arc::clone(&yard);
            spawn(move || {
                yard.push();
                on_its_own(&yard.idle)
            })
        };
        step(&yard);
        let sees = yard.queue.mark() != before;
        let seen = producer.join().unwrap();
        assert!(sees || seen, "neither sees the other");
        while let Some(popped) = yard.queue.pop() {
            popped.task.run(&mut Alone);
        }
    });
}

/// Catches a task whose producer relies on a worker that has just found another one.
#[test]
fn a_push_and_the_end_of_a_search() {
    beside_a_push(
        || Yard::searched(2, 1),
        |yard| assert!(yard.idle.end_search()),
        Idle::should_rouse,
    );
}

/// Catches a task whose producer relies on a worker that lies down.
#[test]
fn a_push_and_a_worker_that_lies_down() {
    beside_a_push(
        || Yard::searched(2, 1),
        |yard| yard.idle.lie_down(&Sleeper::new()),
        Idle::should_rouse,
    );
}

/// Catches a task whose producer relies on a worker that ends.
#[test]
fn a_push_and_a_worker_that_ends() {
    beside_a_push(
        || Yard::searched(2, 1),
        |yard| yard.idle.leave(),
        Idle::should_rouse,
    );
}

/// Catches a task whose producer relies on a worker that is one too many.
#[test]
fn a_push_and_a_worker_too_many() {
    beside_a_push(
        || {
            let yard = Yard::searched(2, 2);
            let _ = yard.idle.end_search();
            yard.idle.quota.set_most(1);
            yard
        },
        |yard| assert!(yard.idle.leave_surplus_searching()),
        |idle| idle.crew().idle == 0,
    );
}

/// Catches a task whose producer relies on a worker that will not come.
#[test]
fn a_push_and_a_start_that_failed() {
    let coming = || {
        let yard = Yard::new(1);
        assert!(matches!(yard.idle.rouse(|| 1), Rouse::Start));
        yard
    };
    let step = |yard: &Yard| assert!(yard.idle.start_failed());
    beside_a_push(coming, step, Idle::should_rouse);
}

/// Catches a task whose producer may start nobody while somebody allows one more worker.
#[test]
fn a_push_and_a_higher_limit() {
    let raise = |yard: &Yard| yard.idle.quota.set_most(2);
    beside_a_push(|| Yard::new(1), raise, |idle| idle.quota.limit() == 2);
}

/// Catches a worker that is started when the shutdown has seen that none is left.
#[test]
fn a_start_and_a_close() {
    model(|| {
        let yard = Yard::new(1);
        let starter = {
            let yard = Arc::clone(&yard);
            spawn(move || {
                assert!(matches!(yard.idle.rouse(|| 1), Rouse::Start));
                yard.queue.is_closed()
            })
        };
        yard.queue.close();
        let sees = yard.idle.workers() == 1;
        let seen = starter.join().unwrap();
        assert!(sees || seen, "neither sees the other");
    });
}

/// Ends what is left of a row. How many items that was.
fn end_rest(row: &Row<usize, usize, Infallible>) -> usize {
    let rest = row.claim_rest().map(|claim| {
        let (_, blank) = claim.begin();
        drop(blank.cancel().publish());
    });
    rest.count()
}

/// Catches an item that is left for a runner although the pool was closed and its items ended: neither who does
/// that nor who adds the item sees to it.
#[test]
fn an_item_and_a_close() {
    model(|| {
        let queue = Arc::new(Queue::new(gone()));
        let (row, mut writer): (Row<_, _, _>, Writer) = Row::new(1);
        let row = Arc::new(row);
        let closer = {
            let (queue, row) = (Arc::clone(&queue), Arc::clone(&row));
            spawn(move || {
                queue.close();
                end_rest(&row)
            })
        };
        row.push(&mut writer, 7);
        let ended = if queue.is_closed() { end_rest(&row) } else { 0 };
        assert_eq!(ended + closer.join().unwrap(), 1, "neither sees the other");
        let mut reader = writer.seal(&row);
        assert!(row.take(&mut reader).is_some_and(|item| item.is_err()));
    });
}

/// Two workers change the word at the same time: one comes, and another takes this `step`. Afterwards there are so
/// many `workers`, and so many of them `idle`.
fn beside_one_that_comes(step: fn(&Idle), workers: usize, idle: usize) {
    model(move || {
        let yard = Yard::searched(3, 1);
        for _ in 0..2 {
            assert!(yard.idle.hire_up_to(3));
        }
        let comes = {
            let yard = Arc::clone(&yard);
            spawn(move || yard.idle.arrive())
        };
        step(&yard.idle);
        comes.join().unwrap();
        let crew = yard.idle.crew();
        assert_eq!((crew.workers, crew.idle), (workers, idle));
    });
}

/// Catches a worker that is counted twice, or not at all.
#[test]
fn all_are_counted_while_one_comes() {
    beside_one_that_comes(|idle| assert!(!idle.start_failed()), 2, 2);
    beside_one_that_comes(Idle::leave, 2, 1);
    let ends = |idle: &Idle| {
        let _ = idle.end_search();
    };
    beside_one_that_comes(ends, 3, 1);
}

/// Catches two searchers of whom each leaves the rest of the queue to the other, or neither does.
#[test]
fn one_of_two_searchers_is_the_last() {
    model(|| {
        let yard = Yard::searched(2, 2);
        let other = {
            let yard = Arc::clone(&yard);
            spawn(move || yard.idle.end_search())
        };
        let last = yard.idle.end_search();
        assert!(last != other.join().unwrap());
    });
}
