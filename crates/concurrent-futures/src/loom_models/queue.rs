//! The queue. A block has one slot here, so every push and every pop crosses to the next block.

use super::rig::{Alone, Count, gone, large_model, model, spawn, yield_now};
use crate::{
    error::TaskError,
    queue::{Gate, Popped, Queue},
    task::work::Plain,
};
use std::sync::{Arc, Mutex};

fn push(queue: &Queue, f: impl FnOnce() + Send + 'static) {
    let pushed = queue.push(Plain(f), Gate::UntilClosed);
    assert!(pushed.is_ok(), "the queue is open");
}

fn pop(queue: &Queue) -> Popped {
    loop {
        match queue.pop() {
            Some(popped) => return popped,
            None => yield_now(),
        }
    }
}

/// Runs a task if there is one.
fn run_one(queue: &Queue) -> bool {
    let popped = queue.pop();
    popped.map(|popped| popped.task.run(&mut Alone)).is_some()
}

/// Catches a task that is popped before it is written, one that is popped out of order, and a
/// consumer that goes past a block whose successor is not there yet.
#[test]
fn first_in_first_out() {
    model(|| {
        let queue = Arc::new(Queue::new(gone()));
        let log = Arc::new(Mutex::new(Vec::new()));
        let producer = {
            let (queue, log) = (Arc::clone(&queue), Arc::clone(&log));
            spawn(move || {
                for entry in 0..2 {
                    let log = Arc::clone(&log);
                    push(&queue, move || log.lock().unwrap().push(entry));
                }
            })
        };
        pop(&queue).task.run(&mut Alone);
        pop(&queue).task.run(&mut Alone);
        assert!(queue.is_empty() && queue.pop().is_none());
        producer.join().unwrap();
        assert_eq!(*log.lock().unwrap(), [0, 1]);
    });
}

/// Catches a slot that two producers claim, and a block that one of them installs and the other
/// forgets or leaks.
#[test]
fn two_producers_and_a_consumer() {
    large_model(|| {
        let queue = Arc::new(Queue::new(gone()));
        let ran = Count::default();
        let producers = [(); 2].map(|()| {
            let (queue, ran) = (Arc::clone(&queue), ran.clone());
            spawn(move || {
                push(&queue, move || {
                    ran.add();
                })
            })
        });
        run_one(&queue);
        for producer in producers {
            producer.join().unwrap();
        }
        while run_one(&queue) {}
        assert_eq!(ran.get(), 2);
        assert!(queue.pop().is_none());
    });
}

/// Catches a task that two consumers take, and a block that is freed while one of them is about to
/// step out of it.
#[test]
fn a_producer_and_two_consumers() {
    large_model(|| {
        let queue = Arc::new(Queue::new(gone()));
        let ran = Count::default();
        let consumer = {
            let queue = Arc::clone(&queue);
            spawn(move || run_one(&queue))
        };
        let producer = {
            let (queue, ran) = (Arc::clone(&queue), ran.clone());
            spawn(move || {
                for _ in 0..2 {
                    let ran = ran.clone();
                    push(&queue, move || {
                        ran.add();
                    });
                }
            })
        };
        run_one(&queue);
        consumer.join().unwrap();
        producer.join().unwrap();
        while run_one(&queue) {}
        assert_eq!(ran.get(), 2);
        assert!(queue.pop().is_none());
    });
}

/// Catches two consumers of a full queue that take the same task or miss one.
#[test]
fn two_consumers_of_what_is_there() {
    model(|| {
        let queue = Arc::new(Queue::new(gone()));
        let ran = Count::default();
        for _ in 0..2 {
            let ran = ran.clone();
            push(&queue, move || {
                ran.add();
            });
        }
        let consumer = {
            let queue = Arc::clone(&queue);
            spawn(move || queue.pop().expect("there are two").task.run(&mut Alone))
        };
        queue.pop().expect("there are two").task.run(&mut Alone);
        consumer.join().unwrap();
        assert_eq!(ran.get(), 2);
        assert!(queue.is_empty());
    });
}

/// Catches a task that slips in behind a close, accepted and seen by nobody, and a refused closure
/// that is not given back.
#[test]
fn a_push_comes_before_the_close_or_is_refused() {
    model(|| {
        let queue = Arc::new(Queue::new(gone()));
        let producer = {
            let queue = Arc::clone(&queue);
            spawn(move || {
                queue
                    .push(Plain(|| 7), Gate::UntilClosed)
                    .map_err(|work| (work.0)())
            })
        };
        queue.close();
        assert!(queue.is_closed());
        let mut popped = 0;
        while let Some(Popped { task, .. }) = queue.pop() {
            task.run(&mut Alone);
            popped += 1;
        }
        assert!(queue.is_empty());
        match producer.join().unwrap() {
            Ok(handle) => {
                assert_eq!(popped, 1, "accepted, and nobody sees it");
                assert_eq!(handle.take().unwrap(), 7);
            }
            Err(given_back) => assert_eq!((popped, given_back), (0, 7)),
        }
        assert!(queue.pop().is_none());
    });
}

/// Catches a consumer that is told of more when there is none, or of none when there was.
#[test]
fn more_means_more() {
    model(|| {
        let queue = Arc::new(Queue::new(gone()));
        push(&queue, || ());
        let producer = {
            let queue = Arc::clone(&queue);
            spawn(move || push(&queue, || ()))
        };
        let popped = queue.pop().expect("there is one");
        let (more, task) = (popped.place.has_more(), popped.task);
        drop(task);
        if more {
            assert!(!queue.is_empty());
            drop(queue.pop().expect("there is more"));
        }
        producer.join().unwrap();
    });
}

/// Catches a push into a closed queue that is refused although the worker was promised a place.
#[test]
fn a_worker_may_push_into_a_closed_queue() {
    model(|| {
        let queue = Arc::new(Queue::new(gone()));
        let closer = {
            let queue = Arc::clone(&queue);
            spawn(move || queue.close())
        };
        assert!(queue.push(Plain(|| ()), Gate::Always).is_ok());
        queue.pop().expect("just pushed").task.run(&mut Alone);
        closer.join().unwrap();
        assert!(queue.is_closed() && queue.is_empty());
    });
}

/// Catches a task that is forgotten in a dropped queue, with its waiter asleep, and blocks that
/// leak.
#[test]
fn a_dropped_queue_cancels_what_it_holds() {
    model(|| {
        let dropped = Count::default();
        let queue = Queue::new(gone());
        let handles = [(); 2].map(|()| {
            let probe = dropped.probe();
            queue
                .push(Plain(move || drop(probe)), Gate::Always)
                .ok()
                .unwrap()
        });
        let [first, second] = handles;
        let waiter = spawn(move || matches!(first.take(), Err(TaskError::Cancelled)));
        drop(queue);
        assert!(waiter.join().unwrap());
        drop(second);
        assert_eq!(dropped.get(), 2);
    });
}
