//! A thread outside all pools that runs a random program over the public interface.

use std::future::{Future as _, IntoFuture};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use concurrent_futures::{
    Future, ResultTimeoutError, ReturnWhen, SharedFuture, Waitable, as_completed, wait,
    wait_timeout,
};

use super::ledger::{Grief, Token};
use super::random::Random;
use super::tally::Event;
use super::task::{
    FallibleFuture, PlainFuture, Watched, read_map, run_scope, submit, then, try_submit, try_then,
};
use super::world::{LAYERS, Pool, World};

const STEPS: usize = 300;
const HELD_AT_MOST: usize = 48;

/// A handle that the program has not used up yet.
#[derive(Debug)]
enum Held {
    Plain(PlainFuture),
    Fallible(FallibleFuture),
    Shared(Watched<SharedFuture<Token, Token>>),
}

impl Held {
    fn waitable(&self) -> &dyn Waitable {
        match self {
            Self::Plain(watched) => &watched.future,
            Self::Fallible(watched) => &watched.future,
            Self::Shared(watched) => &watched.future,
        }
    }

    fn done(&self) -> bool {
        match self {
            Self::Plain(watched) => watched.future.done(),
            Self::Fallible(watched) => watched.future.done(),
            Self::Shared(watched) => watched.future.done(),
        }
    }
}

#[derive(Debug)]
pub(super) struct Driver {
    world: Arc<World>,
    random: Random,
    held: Vec<Held>,
}

impl Driver {
    pub(super) fn new(world: &Arc<World>, seed: u64) -> Self {
        Self {
            world: Arc::clone(world),
            random: Random::new(seed),
            held: Vec::new(),
        }
    }

    pub(super) fn run(mut self) {
        for _ in 0..STEPS {
            self.step();
            if self.held.len() > HELD_AT_MOST {
                self.read_one();
            }
        }
        while !self.held.is_empty() {
            self.read_one();
        }
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..45 => self.submit_one(),
            45..55 => self.read_one(),
            55..58 => self.cancel_one(),
            58..62 => self.share_one(),
            62..67 => self.follow_one(),
            67..73 => self.drop_one(),
            73..79 => self.wait_for_some(),
            79..85 => self.take_as_completed(),
            85..89 => {
                self.with_pool(|driver, pool| read_map(&driver.world, pool, &mut driver.random, 0));
            }
            89..92 => {
                self.with_pool(|driver, pool| run_scope(&driver.world, pool, &mut driver.random));
            }
            92..96 => self.leave_one_pool(),
            _ => self.look_at_one(),
        }
    }

    /// A pool of any layer; where a task has taken the last one away, a fresh one.
    fn with_pool(&mut self, action: impl FnOnce(&mut Self, &Pool)) {
        let layer = self.random.below(LAYERS);
        let pool = self.world.pool(layer).filter(|pool| {
            // Most of the time it is more telling to go on with an open pool.
            !pool.record.shut_down.load(SeqCst) || self.random.percent(30)
        });
        match pool {
            Some(pool) => action(self, &pool),
            None => drop(self.world.renew(layer, &mut self.random)),
        }
    }

    fn submit_one(&mut self) {
        self.with_pool(|driver, pool| {
            let held = if driver.random.percent(50) {
                Held::Plain(submit(&driver.world, pool, &mut driver.random, 0))
            } else {
                Held::Fallible(try_submit(&driver.world, pool, &mut driver.random, 0))
            };
            driver.held.push(held);
        });
    }

    fn take_one(&mut self) -> Option<Held> {
        if self.held.is_empty() {
            return None;
        }
        let position = self.random.below(self.held.len());
        Some(self.held.swap_remove(position))
    }

    fn read_one(&mut self) {
        match self.take_one() {
            Some(Held::Plain(watched)) => self.read(watched),
            Some(Held::Fallible(watched)) => self.read(watched),
            Some(Held::Shared(watched)) => self.read_shared(&watched),
            None => {}
        }
    }

    fn read<E: Grief>(&mut self, watched: Watched<Future<Token, E>>) {
        match self.random.below(100) {
            0..10 => self.read_timed(watched),
            10..35 => {
                self.world.tally.count(Event::Awaited);
                watched.record.hear(block_on(watched.future).as_ref());
            }
            35..40 => {
                // A task whose waker outlives its interest in the outcome.
                let future = pin!(watched.future);
                let waker = Waker::from(Arc::new(Unpark(thread::current())));
                if let Poll::Ready(outcome) = future.poll(&mut Context::from_waker(&waker)) {
                    watched.record.hear(outcome.as_ref());
                }
            }
            _ => watched.read(&self.world),
        }
    }

    fn read_timed<E: Grief>(&mut self, watched: Watched<Future<Token, E>>) {
        self.world.tally.count(Event::TimedRead);
        let limit = self.random.limit();
        match watched.future.result_timeout(limit) {
            Ok(token) => watched.record.hear::<E>(Ok(&token)),
            Err(ResultTimeoutError::Task(error)) => watched.record.hear(Err(&error)),
            Err(ResultTimeoutError::TimedOut(future)) => {
                self.world.tally.count(Event::TimedOut);
                if limit == Duration::MAX {
                    watched
                        .record
                        .contradict("an unlimited read timed out".to_owned());
                }
                watched.record.hear(future.result().as_ref());
            }
            Err(_) => self
                .world
                .object("a timed read ended in an unknown way".to_owned()),
        }
    }

    fn read_shared(&mut self, watched: &Watched<SharedFuture<Token, Token>>) {
        self.world.tally.count(Event::SharedRead);
        let Watched { future, record } = watched;
        match self.random.below(4) {
            0 => record.hear(block_on(future.into_future())),
            1 => {
                if let Ok(outcome) = future.result_timeout(self.random.limit()) {
                    record.hear(outcome);
                }
            }
            2 => {
                if let Some(error) = future.exception() {
                    record.hear(Err(error));
                }
            }
            _ => record.hear(future.result()),
        }
    }

    fn cancel_one(&mut self) {
        match self.take_one() {
            Some(Held::Plain(watched)) => {
                watched.cancel(&self.world);
                self.held.push(Held::Plain(watched));
            }
            Some(Held::Fallible(watched)) => {
                watched.cancel(&self.world);
                self.held.push(Held::Fallible(watched));
            }
            Some(Held::Shared(watched)) => {
                watched.record.try_cancel();
                if watched.future.cancel() {
                    watched.record.cancel_won();
                }
                self.held.push(Held::Shared(watched));
            }
            None => {}
        }
    }

    fn share_one(&mut self) {
        match self.take_one() {
            Some(Held::Fallible(Watched { future, record })) => {
                let future = future.shared();
                let copy = Watched {
                    future: future.clone(),
                    record: Arc::clone(&record),
                };
                self.held.push(Held::Shared(copy));
                self.held.push(Held::Shared(Watched { future, record }));
            }
            other => self.held.extend(other),
        }
    }

    fn follow_one(&mut self) {
        match self.take_one() {
            Some(Held::Plain(first)) => {
                let next = then(&self.world, first, &mut self.random);
                self.held.push(Held::Plain(next));
            }
            Some(Held::Fallible(first)) => {
                let next = try_then(&self.world, first, &mut self.random);
                self.held.push(Held::Fallible(next));
            }
            other => self.held.extend(other),
        }
    }

    fn drop_one(&mut self) {
        if let Some(held) = self.take_one() {
            self.world.tally.count(Event::DroppedUnread);
            drop(held);
        }
    }

    fn look_at_one(&mut self) {
        match self.take_one() {
            Some(Held::Plain(watched)) => {
                watched.add_callback(&self.world, &mut self.random, 0);
                watched.exception();
            }
            Some(Held::Fallible(watched)) => {
                watched.exception();
                watched.add_callback(&self.world, &mut self.random, 0);
                watched.read(&self.world);
            }
            Some(Held::Shared(watched)) => {
                drop(format!("{:?} {}", watched.future, watched.future.running()));
                self.held.push(Held::Shared(watched));
            }
            None => {}
        }
    }

    fn wait_for_some(&mut self) {
        let return_when = match self.random.below(3) {
            0 => ReturnWhen::FirstCompleted,
            1 => ReturnWhen::FirstException,
            _ => ReturnWhen::AllCompleted,
        };
        let wanted = self.random.below(self.held.len() + 1);
        let timed = self.random.percent(50);
        let limit = if timed {
            self.random.limit()
        } else {
            Duration::MAX
        };
        let numbered = self.held[..wanted].iter().map(Held::waitable).enumerate();
        let (done, not_done) = if timed {
            self.world.tally.count(Event::TimedWait);
            wait_timeout(numbered, return_when, limit)
        } else {
            self.world.tally.count(Event::Wait);
            wait(numbered, return_when)
        };
        let sorted = |half: &[(usize, &dyn Waitable)]| half.is_sorted_by_key(|(number, _)| *number);
        let complaint = if done.len() + not_done.len() != wanted {
            Some("a wait lost a future")
        } else if !sorted(&done) || !sorted(&not_done) {
            Some("a wait changed the order of its futures")
        } else if !done.iter().all(|(number, _)| self.held[*number].done()) {
            Some("a wait took an unfinished future for done")
        } else if limit == Duration::MAX
            && return_when == ReturnWhen::AllCompleted
            && !not_done.is_empty()
        {
            Some("a wait for all returned early")
        } else if limit == Duration::MAX && wanted > 0 && done.is_empty() {
            Some("a wait for one returned with none")
        } else {
            None
        };
        if let Some(complaint) = complaint {
            self.world.object(complaint.to_owned());
        }
    }

    fn take_as_completed(&mut self) {
        self.world.tally.count(Event::AsCompleted);
        let mut late = None;
        if self.random.percent(30) {
            self.with_pool(|driver, pool| {
                late = Some(Held::Fallible(try_submit(
                    &driver.world,
                    pool,
                    &mut driver.random,
                    0,
                )));
            });
        }
        let newest = self.held.len() / 2;
        self.iterate(newest, late.as_ref());
        self.held.extend(late);
    }

    /// Takes the futures from this position on, and one that comes late, as they complete.
    fn iterate(&mut self, position: usize, late: Option<&Held>) {
        let futures = &self.held[position..];
        let mut iteration = as_completed(futures.iter().map(Held::waitable).enumerate());
        if let Some(late) = late {
            iteration.push((futures.len(), late.waitable()));
        }
        let all: Vec<&Held> = futures.iter().chain(late).collect();
        let mut seen = vec![0; all.len()];
        let mut wanted = all.len();
        if self.random.percent(25) {
            let mut timed = iteration.timeout(self.random.short_limit());
            while let Some(Ok((number, _))) = timed.next() {
                seen[number] += 1;
            }
            for (number, _) in timed.into_pending() {
                seen[number] += 1;
            }
        } else {
            if self.random.percent(30) {
                self.world.tally.count(Event::AsCompletedLeft);
                wanted /= 2;
            }
            for (number, _) in iteration.by_ref().take(wanted) {
                seen[number] += 1;
                if !all[number].done() {
                    let complaint = "as_completed gave an unfinished future";
                    self.world.object(complaint.to_owned());
                }
            }
            if wanted == all.len() && iteration.next().is_some() {
                let complaint = "as_completed gave more than it was given";
                self.world.object(complaint.to_owned());
            }
        }
        if seen.iter().any(|&times| times > 1) || seen.iter().sum::<usize>() != wanted {
            self.world.object(format!(
                "as_completed gave {seen:?} instead of {wanted} futures once"
            ));
        }
    }

    fn leave_one_pool(&mut self) {
        let layer = self.random.below(LAYERS);
        let old = if self.random.percent(50) {
            self.world.renew(layer, &mut self.random)
        } else {
            self.world.take(layer)
        };
        let Some(old) = old else { return };
        if self.random.percent(70) {
            old.shut_down(&self.world, &mut self.random);
        }
        self.world.tally.count(Event::PoolDropped);
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn block_on<F: std::future::Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(outcome) => return outcome,
            Poll::Pending => thread::park(),
        }
    }
}
