use super::*;
use crate::{
    pool::Pool,
    task::{Handle, Task, source::Source, work::Plain},
};
use std::{convert::Infallible, sync::Weak, thread, time::Duration};

/// A task by its number, unless its outcome was taken already.
#[derive(Debug)]
struct Numbered(usize, Option<Handle<(), Infallible>>);

impl HasSlot for Numbered {
    fn slot(&self) -> Option<SlotRef> {
        self.1.as_ref().map(Handle::slot)
    }
}

fn pending(number: usize) -> (Task, Numbered) {
    let source = Source::new(Weak::<Pool>::new());
    let (task, handle) = Handle::pending(Plain(|| ()), &source);
    (task, Numbered(number, Some(handle)))
}

fn done(number: usize) -> Numbered {
    let (task, numbered) = pending(number);
    task.run_outside();
    numbered
}

fn taken(number: usize) -> Numbered {
    Numbered(number, None)
}

fn numbers(of: Vec<Numbered>) -> Vec<usize> {
    of.into_iter().map(|Numbered(number, _)| number).collect()
}

/// The numbers of those that are ready.
fn ready_now(ready: &mut Ready<Numbered>) -> Vec<usize> {
    numbers(std::iter::from_fn(|| ready.next(Limit::Poll)).collect())
}

#[test]
fn those_that_are_done_come_first_and_the_others_as_they_end() {
    let ((first, one), (second, four)) = (pending(1), pending(4));
    let all = vec![done(0), one, done(2), taken(3), four, done(5)];
    let mut ready = Ready::of(all.into_iter());
    assert_eq!((ready.len(), ready.added()), (6, 6));
    assert_eq!(ready.next(Limit::Poll).map(|next| next.0), Some(0));
    assert_eq!((ready.len(), ready.added()), (5, 6));
    assert_eq!(ready_now(&mut ready), [2, 3, 5]);
    assert_eq!(ready.len(), 2);
    second.run_outside();
    first.run_outside();
    assert_eq!(ready.len(), 2);
    assert_eq!(ready_now(&mut ready), [4, 1]);
    assert_eq!((ready.len(), ready.added()), (0, 6));
    assert!(ready.next(Limit::Forever).is_none());
}

#[test]
fn what_is_added_later_comes_as_it_is_done() {
    let mut ready = Ready::with_capacity(0);
    assert_eq!((ready.len(), ready.added()), (0, 0));
    let (first, zero) = pending(0);
    ready.watch(zero);
    ready.watch(done(1));
    ready.watch(taken(2));
    assert_eq!((ready.len(), ready.added()), (3, 3));
    assert_eq!(ready_now(&mut ready), [1, 2]);
    first.run_outside();
    assert_eq!(ready_now(&mut ready), [0]);
    assert_eq!(ready.len(), 0);
}

#[test]
fn what_is_left_is_given_back_in_the_order_it_came() {
    // How many are given out before, of which the first three were done at once.
    for given in 0..=5 {
        let mut tasks = Vec::new();
        let mut all = Vec::new();
        for number in 0..8 {
            if [1, 4, 6].contains(&number) {
                all.push(done(number));
            } else {
                let (task, numbered) = pending(number);
                tasks.push(task);
                all.push(numbered);
            }
        }
        let mut ready = Ready::of(all.into_iter());
        // The seventh and the third one.
        tasks.remove(4).run_outside();
        tasks.remove(2).run_outside();
        let out = numbers((0..given).filter_map(|_| ready.next(Limit::Poll)).collect());
        assert_eq!(out, [1, 4, 6, 7, 3][..given]);
        let rest: Vec<_> = (0..8).filter(|number| !out.contains(number)).collect();
        assert_eq!(numbers(ready.into_watched()), rest);
    }
}

#[test]
fn those_added_later_are_given_back_as_well() {
    let (_zero, zero) = pending(0);
    let mut ready = Ready::of([zero, done(1), done(2)].into_iter());
    let (_three, three) = pending(3);
    ready.watch(three);
    ready.watch(done(4));
    assert_eq!(ready.next(Limit::Poll).map(|next| next.0), Some(1));
    assert_eq!(numbers(ready.into_watched()), [0, 2, 3, 4]);
}

#[test]
fn nothing_is_left_on_the_slots() {
    let tasks: Vec<_> = (0..40).map(pending).collect();
    let mut slots = Vec::new();
    let mut held = Vec::new();
    let mut ready = Ready::with_capacity(3);
    for (task, numbered) in tasks {
        slots.push(numbered.slot().expect("not taken"));
        held.push(task);
        ready.watch(numbered);
    }
    let waited = |slot: &SlotRef| slot.state.look().may_be_waited();
    assert!(slots.iter().all(waited));
    let back = ready.into_watched();
    assert!(!slots.iter().any(waited));
    let ready = Ready::of(
        back.iter()
            .map(|Numbered(_, handle)| Borrowed(handle.as_ref())),
    );
    assert!(slots.iter().all(waited));
    drop(ready);
    assert!(!slots.iter().any(waited));
}

/// Somebody else keeps the handle.
struct Borrowed<'a>(Option<&'a Handle<(), Infallible>>);

impl HasSlot for Borrowed<'_> {
    fn slot(&self) -> Option<SlotRef> {
        self.0.map(Handle::slot)
    }
}

#[test]
fn memory_is_used_again() {
    let mut ready = Ready::with_capacity(2);
    for number in 0..100 {
        let (task, numbered) = pending(number);
        ready.watch(numbered);
        task.run_outside();
        assert_eq!(ready_now(&mut ready), [number]);
    }
    assert_eq!(ready.chunks.iter().map(Vec::len).sum::<usize>(), 1);
    let tasks: Vec<_> = (0..100).map(pending).collect();
    let tasks: Vec<_> = tasks
        .into_iter()
        .map(|(task, numbered)| {
            ready.watch(numbered);
            task
        })
        .collect();
    let lens: Vec<_> = ready.chunks.iter().map(Vec::len).collect();
    assert_eq!(lens, [2, 16, 18, 36, 28]);
    tasks.into_iter().for_each(Task::run_outside);
    assert_eq!(ready_now(&mut ready), (0..100).collect::<Vec<_>>());
}

#[test]
fn each_place_is_looked_at_once_and_again_if_it_is_used_again() {
    let mut ready = Ready::with_capacity(2);
    let mut tasks = Vec::new();
    let mut watch = |ready: &mut Ready<Numbered>, number| {
        let (task, numbered) = pending(number);
        let address = numbered.slot().expect("not taken").address();
        ready.watch(numbered);
        tasks.push(Some(task));
        address
    };
    let addresses: Vec<_> = (0..4).map(|number| watch(&mut ready, number)).collect();
    let next = |ready: &mut Ready<Numbered>| ready.next_unstarted().map(SlotRef::address);
    let looked: Vec<_> = std::iter::from_fn(|| next(&mut ready)).collect();
    assert_eq!(looked, addresses);
    // One comes into a new place, one into the place of the one that is done.
    let fifth = watch(&mut ready, 4);
    assert_eq!(next(&mut ready), Some(fifth));
    assert_eq!(next(&mut ready), None);
    let done = tasks_at(&mut tasks, 1);
    done.run_outside();
    assert_eq!(ready_now(&mut ready), [1]);
    let (_task, numbered) = pending(5);
    let again = numbered.slot().expect("not taken").address();
    ready.watch(numbered);
    assert_eq!(next(&mut ready), Some(again));
    assert_eq!(next(&mut ready), None);
}

fn tasks_at(tasks: &mut [Option<Task>], place: usize) -> Task {
    tasks[place].take().expect("there")
}

#[test]
fn so_many_places_are_remembered_as_there_are_members() {
    let mut ready = Ready::with_capacity(2);
    let mut unstarted = Unstarted {
        chunk: 1,
        index: 1,
        ..Unstarted::default()
    };
    let (task, numbered) = pending(0);
    ready.watch(numbered);
    task.run_outside();
    assert_eq!(ready_now(&mut ready), [0]);
    let node = ready.free.expect("one is free");
    unstarted.add(node, 2);
    unstarted.add(node, 2);
    assert_eq!((unstarted.chunk, unstarted.index), (1, 1));
    assert_eq!(unstarted.reused.len(), 2);
    // Then all are looked at once more.
    unstarted.add(node, 2);
    assert_eq!((unstarted.chunk, unstarted.index), (0, 0));
    assert!(unstarted.reused.is_empty());
}

#[test]
fn a_consumer_that_sleeps_is_woken_and_one_without_time_is_not_kept() {
    let (task, numbered) = pending(0);
    let mut ready = Ready::of(std::iter::once(numbered));
    let limit = Limit::after(Duration::from_nanos(1));
    assert!(ready.next(limit).is_none());
    assert!(ready.next(Limit::after(Duration::from_millis(1))).is_none());
    assert_eq!(ready.len(), 1);
    let runs = thread::spawn(move || task.run_outside());
    // A test that would hang fails.
    let patience = Limit::after(Duration::from_secs(20));
    assert_eq!(ready.next(patience).map(|next| next.0), Some(0));
    runs.join().expect("no panic");
}
