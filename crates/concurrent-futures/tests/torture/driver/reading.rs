//! Taking a result, in every way there is.

use std::future::{Future as _, IntoFuture};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use concurrent_futures::{Future, ResultTimeoutError, SharedFuture};

use super::{Driver, Held};
use crate::ledger::counted::{Callback, Grief, Token};
use crate::random::Random;
use crate::tally::Event;
use crate::tasks::Watched;
use crate::world::World;

impl Driver {
    pub(super) fn read_one(&mut self) {
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
                let outcome = block_on(&self.world, &mut self.random, watched.future);
                watched.record.hear(outcome.as_ref());
            }
            35..40 => {
                // A task whose waker outlives its interest in the outcome.
                let future = pin!(watched.future);
                let (waker, left) = self.world.wakers.make();
                match future.poll(&mut Context::from_waker(&waker)) {
                    Poll::Ready(outcome) => watched.record.hear(outcome.as_ref()),
                    Poll::Pending => left.take_back(),
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
        match self.random.below(8) {
            0 | 1 => {
                let outcome = block_on(&self.world, &mut self.random, future.into_future());
                record.hear(outcome);
            }
            2 => {
                if let Ok(Some(error)) = future.exception_timeout(self.random.limit()) {
                    record.hear(Err(error));
                }
            }
            3 => self.look_at_shared(watched),
            4 => {
                if let Ok(outcome) = future.result_timeout(self.random.limit()) {
                    record.hear(outcome);
                }
            }
            5 => {
                if let Some(error) = future.exception() {
                    record.hear(Err(error));
                }
            }
            _ => record.hear(future.result()),
        }
    }

    /// A callback and a request, of one copy among several.
    fn look_at_shared(&mut self, watched: &Watched<SharedFuture<Token, Token>>) {
        let Watched { future, record } = watched;
        let callback = Callback::new(record);
        let tally = Arc::clone(&self.world.tally);
        future.add_done_callback(move |outcome| {
            callback.run(outcome);
            tally.count(Event::Callback);
        });
        if self.random.percent(30) {
            self.world.tally.count(Event::CancelAsked);
            record.try_cancel();
            future.request_cancel();
        }
    }
}

/// Polls to the end, at times with another waker before the last one was called.
fn block_on<F: std::future::Future>(world: &World, random: &mut Random, future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        let (waker, left) = world.wakers.make();
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(outcome) => return outcome,
            Poll::Pending if random.percent(20) => left.take_back(),
            Poll::Pending => left.wait(),
        }
    }
}
