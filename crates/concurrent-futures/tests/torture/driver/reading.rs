//! Taking a result, in every way there is.

use std::future::{Future as _, IntoFuture};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use concurrent_futures::{Future, ResultTimeoutError, SharedFuture};

use super::{Driver, Held};
use crate::ledger::counted::{Grief, Token};
use crate::tally::Event;
use crate::tasks::Watched;

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
