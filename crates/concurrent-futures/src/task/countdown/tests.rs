use super::*;
use crate::{
    error::TaskError,
    pool::Pool,
    task::{Handle, Task, Turn, runner::Ending, slot::Outcome, source::Source, work::Work},
};
use std::{
    sync::{Arc, Weak},
    thread,
    time::Duration,
};

/// A task that ends as it is told to.
struct Ends(Outcome<(), ()>);

impl Work for Ends {
    type Value = ();
    type Error = ();
    type After = ();

    fn perform(self, _: &mut dyn Turn) -> (Outcome<(), ()>, ()) {
        (self.0, ())
    }

    fn refuse(self, _: &Ending) {}
}

/// A handle, unless the outcome was taken already.
struct Place(Option<Handle<(), ()>>);

impl HasSlot for Place {
    fn slot(&self) -> Option<SlotRef> {
        self.0.as_ref().map(Handle::slot)
    }
}

/// For what is about to be told: a test that would hang fails.
fn patience() -> Limit {
    Limit::after(Duration::from_secs(20))
}

fn source() -> Arc<Source> {
    Source::new(Weak::<Pool>::new())
}

fn pending(outcome: Outcome<(), ()>) -> (Task, Place) {
    let (task, handle) = Handle::pending(Ends(outcome), &source());
    (task, Place(Some(handle)))
}

fn done(outcome: Outcome<(), ()>) -> Place {
    Place(Some(Handle::done::<Ends>(outcome, &source())))
}

const FAILED: Outcome<(), ()> = Err(TaskError::Failed(()));
const CANCELLED: Outcome<(), ()> = Err(TaskError::Cancelled);

fn until_all(tasks: usize) -> Watch<Countdown> {
    Countdown::new(tasks, false)
}

fn until_error(tasks: usize) -> Watch<Countdown> {
    Countdown::new(tasks, true)
}

#[test]
fn it_is_over_when_as_many_are_done() {
    let countdown = &until_all(3).watcher;
    for done in [Done::Error, Done::Cancelled] {
        countdown.count_own(done);
        assert!(!countdown.is_over() && !countdown.wait(Limit::Poll));
    }
    countdown.count_own(Done::Value);
    assert!(countdown.is_over() && countdown.wait(Limit::Poll));
    // Those that come later count no more.
    countdown.count_own(Done::Value);
    assert!(countdown.is_over());
}

#[test]
fn an_error_ends_it_if_it_is_to_stop_there() {
    let countdown = &until_error(3).watcher;
    for done in [Done::Value, Done::Cancelled] {
        countdown.count_own(done);
        assert!(!countdown.is_over());
    }
    let countdown = &until_error(3).watcher;
    countdown.count_own(Done::Error);
    assert!(countdown.is_over());
}

#[test]
fn it_needs_all_if_it_counts_all_and_nothing_ends_it_before() {
    assert!(until_all(3).watcher.needs_all(3));
    assert!(!until_all(2).watcher.needs_all(3));
    assert!(!until_error(3).watcher.needs_all(3));
}

#[test]
fn a_first_look_sees_whether_it_would_be_over() {
    let (_task, waiting) = pending(Ok(()));
    let places = [waiting, done(Ok(())), Place(None)];
    assert!(until_all(0).watcher.would_be_over(&places[..0]));
    assert!(until_all(2).watcher.would_be_over(&places));
    assert!(!until_all(3).watcher.would_be_over(&places));
    assert!(until_all(1).watcher.would_be_over(&places[1..2]));
    assert!(until_all(1).watcher.would_be_over(&places[2..]));
    assert!(!until_all(1).watcher.would_be_over(&places[..1]));
    assert!(!until_error(3).watcher.would_be_over(&places));
    assert!(until_error(2).watcher.would_be_over(&places));
    let ended = [done(CANCELLED), done(FAILED)];
    assert!(!until_error(3).watcher.would_be_over(&ended[..1]));
    assert!(until_error(3).watcher.would_be_over(&ended));
    assert!(!until_all(3).watcher.would_be_over(&ended));
    // A look counts nothing.
    let countdown = &until_all(2).watcher;
    assert!(countdown.would_be_over(&places) && !countdown.is_over());
}

#[test]
fn what_is_done_counts_and_what_is_not_is_waited_for() {
    for (outcome, others) in [(Ok(()), 2), (FAILED, 2), (CANCELLED, 2)] {
        let (task, waiting) = pending(outcome);
        let mut places = vec![waiting];
        places.extend((0..others).map(|_| done(Ok(()))));
        let countdown = until_all(1 + others);
        assert!(wait_for_many(&places, &countdown, Limit::Poll).is_ok());
        assert!(!countdown.watcher.is_over());
        let countdown = until_all(1 + others);
        let runs = thread::spawn(move || task.run_outside());
        assert!(wait_for_many(&places, &countdown, patience()).is_ok());
        assert!(countdown.watcher.is_over());
        runs.join().expect("no panic");
        assert!(
            places[0]
                .0
                .as_ref()
                .is_some_and(|handle| handle.seen().is_done())
        );
    }
}

#[test]
fn one_that_fails_ends_the_wait_for_the_others() {
    let (failing, fails) = pending(FAILED);
    let (_task, waiting) = pending(Ok(()));
    let places = [waiting, fails];
    let countdown = until_error(2);
    let runs = thread::spawn(move || failing.run_outside());
    assert!(wait_for_many(&places, &countdown, patience()).is_ok());
    assert!(countdown.watcher.is_over());
    runs.join().expect("no panic");
}

#[test]
fn a_wait_leaves_nothing_on_the_slots() {
    let (task, waiting) = pending(Ok(()));
    let slot = waiting.slot().expect("not taken");
    let limit = Limit::after(Duration::from_nanos(1));
    assert!(!wait_for(slot, until_done, limit));
    assert!(!slot.state.look().may_be_waited());
    let places = [waiting];
    assert!(wait_for_many(&places, &until_all(1), limit).is_ok());
    assert!(!slot.state.look().may_be_waited());
    task.run_outside();
    assert!(wait_for(slot, until_done, Limit::Poll));
}
