use super::{Bound, Full, Permit};
use crate::{submission::WhenFull, sync::lock, time::Limit};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::Duration,
};

fn bound(capacity: usize) -> Arc<Bound> {
    Bound::new(capacity, WhenFull::Block)
}

/// A thread that takes a permit for ever, and stands in line when this returns, as the last of
/// `place`.
fn stand_in_line(bound: &Arc<Bound>, weight: usize, place: usize) -> JoinHandle<Option<Permit>> {
    let waiting = Arc::clone(bound);
    let thread = thread::spawn(move || waiting.take(weight, Limit::Forever).unwrap());
    while lock(&bound.line).len() < place {
        thread::yield_now();
    }
    thread
}

#[test]
fn the_capacity_is_exact() {
    let bound = bound(3);
    let permits: Vec<_> = (0..3).map(|_| bound.try_take(1).unwrap()).collect();
    assert!(bound.try_take(1).is_none());
    drop(permits);
    assert!(bound.try_take(3).is_some());
}

#[test]
fn more_than_the_capacity_counts_as_the_capacity_and_nothing_counts_as_one() {
    let bound = bound(2);
    let all = bound.try_take(usize::MAX).unwrap();
    assert!(bound.try_take(0).is_none());
    drop(all);
    let (_first, _second) = (bound.try_take(0).unwrap(), bound.try_take(0).unwrap());
    assert!(bound.try_take(0).is_none());
}

#[test]
fn a_forced_permit_counts() {
    let bound = bound(1);
    let forced: Vec<_> = (0..3).map(|_| bound.force(1)).collect();
    assert!(bound.is_over());
    assert!(bound.try_take(1).is_none());
    drop(forced);
    assert!(!bound.is_over());
    assert!(bound.try_take(1).is_some());
}

#[test]
fn what_can_be_counted_never_overflows() {
    let bound = bound(Bound::MAX_CAPACITY);
    let forced: Vec<_> = (0..5).map(|_| bound.force(usize::MAX)).collect();
    assert!(bound.try_take(1).is_none());
    drop(forced);
    assert!(bound.try_take(usize::MAX).is_some());
}

#[test]
fn those_who_wait_are_served_in_order() {
    let bound = bound(1);
    let permit = bound.try_take(1).unwrap();
    let (served, order) = mpsc::channel();
    let waiters: Vec<_> = (0..5)
        .map(|number| {
            let (waiting, served) = (Arc::clone(&bound), served.clone());
            let thread = thread::spawn(move || {
                let permit = waiting.take(1, Limit::Forever).unwrap();
                served.send(number).unwrap();
                drop(permit);
            });
            while lock(&bound.line).len() <= number {
                thread::yield_now();
            }
            thread
        })
        .collect();
    drop(permit);
    for waiter in waiters {
        waiter.join().unwrap();
    }
    assert!(order.try_iter().eq(0..5));
}

#[test]
fn a_light_one_does_not_overtake_a_heavy_one() {
    let bound = bound(2);
    let permit = bound.try_take(1).unwrap();
    let heavy = stand_in_line(&bound, 2, 1);
    assert!(bound.try_take(1).is_none());
    assert_eq!(bound.take(1, Limit::Poll).map(drop), Err(Full));
    drop(permit);
    let heavy = heavy.join().unwrap();
    assert!(bound.try_take(1).is_none());
    drop(heavy);
    assert!(bound.try_take(1).is_some());
}

#[test]
fn a_heavy_one_makes_room_for_several_light_ones() {
    let bound = bound(3);
    let heavy = bound.try_take(3).unwrap();
    let light: Vec<_> = (1..=3)
        .map(|place| stand_in_line(&bound, 1, place))
        .collect();
    drop(heavy);
    let permits: Vec<_> = light
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect();
    assert!(permits.iter().all(Option::is_some));
    assert!(bound.try_take(1).is_none());
}

#[test]
fn who_leaves_the_line_lets_those_behind_pass() {
    let bound = bound(2);
    let _permit = bound.try_take(1).unwrap();
    let waiting = Arc::clone(&bound);
    let (tell, told) = mpsc::channel();
    let heavy = thread::spawn(move || {
        let limit = Limit::after(Duration::from_millis(50));
        tell.send(()).unwrap();
        waiting.take(2, limit).map(drop)
    });
    told.recv().unwrap();
    // Behind the heavy one, or before it: it is served in both cases.
    let light = bound.take(1, Limit::Forever).unwrap();
    assert_eq!(heavy.join().unwrap(), Err(Full));
    assert!(light.is_some());
    assert!(lock(&bound.line).is_empty());
    drop(light);
    assert!(bound.try_take(1).is_some());
}

#[test]
fn closing_lets_everybody_pass() {
    let bound = bound(1);
    let permit = bound.try_take(1).unwrap();
    let waiters: Vec<_> = (1..=3)
        .map(|place| stand_in_line(&bound, 1, place))
        .collect();
    bound.close();
    for waiter in waiters {
        assert!(waiter.join().unwrap().is_none());
    }
    assert!(bound.take(1, Limit::Forever).unwrap().is_none());
    drop(permit);
}

/// Many threads, all kinds of calls: never more than the capacity is out, nothing is lost.
#[test]
fn a_crowd_keeps_the_capacity() {
    const THREADS: usize = 4;
    const CAPACITY: usize = 5;
    let rounds = if cfg!(miri) { 30 } else { 3000 };
    let bound = bound(CAPACITY);
    let out = AtomicUsize::new(0);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (bound, out) = (&bound, &out);
            scope.spawn(move || {
                for round in 0..rounds {
                    let weight = 1 + (thread + round) % CAPACITY;
                    let limit = match round % 4 {
                        0 => Limit::Poll,
                        1 => Limit::after(Duration::from_micros(20)),
                        _ => Limit::Forever,
                    };
                    let Ok(permit) = bound.take(weight, limit) else {
                        continue;
                    };
                    let taken = out.fetch_add(weight, SeqCst) + weight;
                    assert!(taken <= CAPACITY, "{taken}");
                    thread::yield_now();
                    out.fetch_sub(weight, SeqCst);
                    drop(permit);
                }
            });
        }
    });
    assert!(bound.try_take(CAPACITY).is_some());
}
