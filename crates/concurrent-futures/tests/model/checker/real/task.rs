//! The tasks and their callbacks.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use concurrent_futures::{QueueFull, ThreadPoolExecutor};

use super::facts::{CallBack, Carried, Made, delivery};
use super::{Owned, Stage, lock};
use crate::checker::command::{Actor, Id, Part, Settled, Submission};
use crate::checker::program::{Brake, Plan, Verb};
use crate::checker::run::wait_until;

impl Stage {
    /// The code of a task.
    pub(super) fn work(
        self: &Arc<Self>,
        item: &Submission,
    ) -> impl FnOnce() -> Result<Made, Made> + Send + 'static {
        let (stage, facts) = (Arc::clone(self), self.facts(item.id));
        let (id, plan, is_gated) = (item.id, item.plan, item.is_gated);
        let carried = Carried(Arc::clone(&facts));
        move || {
            let _carried = carried;
            facts.runs.fetch_add(1, SeqCst);
            if is_gated {
                facts.wait_for_release(&stage);
            }
            stage.act(Actor {
                id,
                part: Part::Body,
            });
            match plan {
                Plan::Value => Ok(Made::new(id, &facts)),
                Plan::Error => Err(Made::new(id, &facts)),
                // The panic hook would print each of them.
                Plan::Panic => resume_unwind(Box::new(Made::new(id, &facts))),
            }
        }
    }

    pub(super) fn submit(
        self: &Arc<Self>,
        pool: &ThreadPoolExecutor,
        item: &Submission,
    ) -> Option<Owned> {
        let mut task = pool.task();
        match item.brake {
            Brake::None => {}
            Brake::Token(token) => task = task.token(&self.tokens[token]),
            Brake::DeadlineOver => task = task.timeout(Duration::ZERO),
        }
        let work = self.work(item);
        let is_plain = item.brake == Brake::None && item.weight == 1;
        let given_back = |full: QueueFull<_>| drop(full.into_task());
        let future = match item.verb {
            Verb::Submit if is_plain => pool.try_submit(work),
            Verb::Submit => task.weight(item.weight).try_submit(work),
            Verb::Offer if is_plain => pool.try_offer(work).map_err(given_back).ok()?,
            Verb::Offer => {
                let offered = task.weight(item.weight).try_offer(work);
                offered.map_err(given_back).ok()?
            }
            Verb::OfferNoTime => {
                let offered = task.weight(item.weight);
                let offered = offered.try_offer_timeout(work, Duration::ZERO);
                offered.map_err(given_back).ok()?
            }
        };
        for index in 0..item.callbacks {
            self.add_callback(&future, item.id, index);
        }
        Some(future)
    }

    pub(super) fn callback(
        self: &Arc<Self>,
        id: Id,
        index: usize,
    ) -> impl FnOnce(Result<&Made, &concurrent_futures::TaskError<Made>>) + Send + 'static {
        let (stage, facts) = (Arc::clone(self), self.facts(id));
        let held = CallBack(Arc::clone(&facts));
        let actor = Actor {
            id,
            part: Part::Callback(index),
        };
        move |outcome| {
            let _held = held;
            facts.calls.fetch_add(1, SeqCst);
            lock(&facts.told).push(delivery(outcome).end);
            lock(&stage.calls).push(actor);
            stage.act(actor);
        }
    }

    fn add_callback(self: &Arc<Self>, future: &Owned, id: Id, index: usize) {
        future.add_done_callback(self.callback(id, index));
    }

    /// Goes on when the task has come as far as it will.
    pub(super) fn settle(&self, item: &Submission) {
        self.settle_as(item.id, item.settled);
    }

    pub(super) fn settle_as(&self, id: Id, settled: Settled) {
        let facts = self.facts(id);
        let has_settled = || match settled {
            Settled::Waiting => true,
            Settled::Started => facts.runs.load(SeqCst) > 0,
            Settled::Ended => facts.closure_drops.load(SeqCst) > 0,
        };
        if !wait_until(has_settled) {
            self.object(format!("task {id} does not come to {settled:?}"));
        }
    }
}
