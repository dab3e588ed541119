//! Futures in the hands of the program.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use concurrent_futures::{
    AsCompleted, ResultTimeoutError, ReturnWhen, Waitable, wait, wait_timeout,
};

use super::facts::{Made, Wakes, delivery, delivery_of_owned};
use super::{Driver, Handle, Shared, Stage};
use crate::checker::command::{Delivery, End, Id, Submission};
use crate::checker::program::{Limit, When};

pub(crate) struct Await {
    future: Pin<Box<dyn Future<Output = Delivery>>>,
    /// Those that it was polled with, the last one last.
    pub(crate) wakers: Vec<Arc<Wakes>>,
}

pub(super) type Completions = AsCompleted<(Id, Shared)>;

impl Stage {
    /// What runs with the value of another task.
    pub(super) fn follow_up(
        self: &Arc<Self>,
        next: &Submission,
    ) -> impl FnOnce(Made) -> Result<Made, Made> + Send + 'static {
        let work = self.work(next);
        move |value| {
            drop(value);
            work()
        }
    }
}

pub(super) fn limit_of(limit: Limit) -> Duration {
    match limit {
        Limit::Zero => Duration::ZERO,
        Limit::Max => Duration::MAX,
    }
}

impl Driver {
    pub(super) fn read(&self, id: Id, limit: Limit, end: Option<Delivery>) {
        let what = format!("result of task {id}");
        if let Some(Handle::Shared(future)) = self.stage.handle(id).as_deref() {
            let outcome = future.result_timeout(limit_of(limit)).ok();
            let seen = outcome.map(delivery);
            return self.expect_lent(&what, end, seen);
        }
        let Some(Handle::Owned(future)) = self.stage.take(id) else {
            return;
        };
        let seen = match future.result_timeout(limit_of(limit)) {
            Ok(made) => Some(delivery_of_owned(Ok(made))),
            Err(ResultTimeoutError::Task(error)) => Some(delivery_of_owned(Err(error))),
            Err(late) => {
                let future = late.into_future().expect("its time was over");
                self.stage.keep(id, Handle::Owned(future));
                None
            }
        };
        self.stage.expect(&what, &end, &seen);
    }

    /// Of a lent panic the payload is not to be seen.
    fn expect_lent(&self, what: &str, end: Option<Delivery>, seen: Option<Delivery>) {
        let visible = end.map(|mut end| {
            if end.end == End::Panic {
                end.origin = None;
            }
            end
        });
        self.stage.expect(what, &visible, &seen);
    }

    pub(super) fn then(&self, parent: Id, next: &Submission) {
        if let Some(Handle::Owned(future)) = self.stage.take(parent) {
            let future = future.try_then(self.stage.follow_up(next));
            self.stage.keep(next.id, Handle::Owned(future));
        }
    }

    pub(super) fn share(&self, id: Id) {
        if let Some(Handle::Owned(future)) = self.stage.take(id) {
            self.stage.keep(id, Handle::Shared(future.shared()));
        }
    }

    pub(super) fn shared(&self, id: Id) -> Option<Shared> {
        match self.stage.handle(id).as_deref() {
            Some(Handle::Shared(future)) => Some(future.clone()),
            _ => None,
        }
    }

    pub(super) fn wait_async(&mut self, id: Id) {
        let future: Pin<Box<dyn Future<Output = Delivery>>> = match self.shared(id) {
            Some(future) => Box::pin(async move { delivery((&future).await) }),
            None => match self.stage.take(id) {
                Some(Handle::Owned(future)) => {
                    Box::pin(async move { delivery_of_owned(future.await) })
                }
                _ => return,
            },
        };
        self.awaits.push(Await {
            future,
            wakers: Vec::new(),
        });
    }

    pub(super) fn poll(&mut self, place: usize, end: Option<Delivery>) {
        let wakes = Arc::<Wakes>::default();
        let told = Waker::from(Arc::clone(&wakes));
        let awaited = &mut self.awaits[place];
        let seen = match awaited
            .future
            .as_mut()
            .poll(&mut Context::from_waker(&told))
        {
            Poll::Ready(delivery) => Some(delivery),
            Poll::Pending => {
                awaited.wakers.push(wakes);
                None
            }
        };
        // Owned or lent, nobody knows here.
        match (end, seen) {
            (Some(end), Some(seen)) if end.end == End::Panic && seen.end == End::Panic => {}
            _ => self.stage.expect("a poll", &end, &seen),
        }
        if seen.is_some() {
            self.awaits.remove(place);
        }
    }

    pub(super) fn wait(&self, ids: &[Id], when: When, limit: Limit, done: &[bool]) {
        let handles: Vec<_> = ids.iter().filter_map(|&id| self.stage.handle(id)).collect();
        let futures = handles.iter().enumerate().map(|(place, handle)| {
            let future: &dyn Waitable = match &**handle {
                Handle::Owned(future) => future,
                Handle::Shared(future) => future,
            };
            (place, future)
        });
        let when = match when {
            When::First => ReturnWhen::FirstCompleted,
            When::FirstException => ReturnWhen::FirstException,
            When::All => ReturnWhen::AllCompleted,
        };
        let (ended, others) = match limit {
            Limit::Max => wait(futures, when),
            Limit::Zero => wait_timeout(futures, when, Duration::ZERO),
        };
        let places = |half: Vec<(usize, &dyn Waitable)>| -> Vec<usize> {
            half.into_iter().map(|(place, _)| place).collect()
        };
        let expected = |wanted: bool| -> Vec<usize> {
            let places = done.iter().enumerate();
            places
                .filter(|(_, is)| **is == wanted)
                .map(|(place, _)| place)
                .collect()
        };
        self.stage.expect("done", &expected(true), &places(ended));
        self.stage
            .expect("not done", &expected(false), &places(others));
    }

    pub(super) fn next_completed(&mut self, place: usize, id: Option<Id>) {
        let seen = self.completions[place].next().map(|(id, _)| id);
        self.stage.expect("the next that completes", &id, &seen);
    }
}
