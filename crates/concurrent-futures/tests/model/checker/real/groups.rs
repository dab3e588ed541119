//! Groups of each policy.

use std::sync::Arc;
use std::time::Duration;

use concurrent_futures::{
    CollectAll, FailFast, FirstSuccess, Group, GroupError, NoSuccess, TaskError, TaskGroup,
    ThreadPoolExecutor,
};

use super::facts::{Made, delivery_of_owned};
use super::{Driver, Stage, lock};
use crate::checker::command::{Conclusion, Submission};
use crate::checker::program::{Brake, GroupPolicy};
use crate::checker::run::wait_until;

#[derive(Debug)]
pub(super) enum AnyGroup {
    FailFast(TaskGroup<Made, Made, FailFast>),
    CollectAll(TaskGroup<Made, Made, CollectAll>),
    FirstSuccess(TaskGroup<Made, Made, FirstSuccess>),
}

type Outcome = Result<Made, TaskError<Made>>;

fn fail_fast(given: Result<Vec<Made>, GroupError<Made>>) -> Conclusion {
    match given {
        Ok(values) => collect_all(values.into_iter().map(Ok).collect()),
        Err(error) => Conclusion {
            index: Some(error.index()),
            outcomes: vec![delivery_of_owned(Err(error.into_task_error()))],
        },
    }
}

fn collect_all(given: Vec<Outcome>) -> Conclusion {
    Conclusion {
        index: None,
        outcomes: given.into_iter().map(delivery_of_owned).collect(),
    }
}

fn first_success(given: Result<Made, NoSuccess<Made>>) -> Conclusion {
    collect_all(match given {
        Ok(value) => vec![Ok(value)],
        Err(error) => error.into_errors().into_iter().map(Err).collect(),
    })
}

impl AnyGroup {
    fn cancel(&self) {
        match self {
            Self::FailFast(group) => group.cancel(),
            Self::CollectAll(group) => group.cancel(),
            Self::FirstSuccess(group) => group.cancel(),
        }
    }

    fn join(self) -> Conclusion {
        match self {
            Self::FailFast(group) => fail_fast(group.join()),
            Self::CollectAll(group) => collect_all(group.join()),
            Self::FirstSuccess(group) => first_success(group.join()),
        }
    }
}

impl Driver {
    pub(super) fn open_group(&self, number: usize, policy: GroupPolicy, brake: Brake) {
        let Some(pool) = self.stage.pool() else {
            return;
        };
        let group = match policy {
            GroupPolicy::FailFast => AnyGroup::FailFast(self.opened(&pool, FailFast, brake)),
            GroupPolicy::CollectAll => AnyGroup::CollectAll(self.opened(&pool, CollectAll, brake)),
            GroupPolicy::FirstSuccess => {
                AnyGroup::FirstSuccess(self.opened(&pool, FirstSuccess, brake))
            }
        };
        lock(&self.stage.groups).insert(number, Arc::new(group));
    }

    fn opened<P: concurrent_futures::GroupPolicy>(
        &self,
        pool: &ThreadPoolExecutor,
        policy: P,
        brake: Brake,
    ) -> TaskGroup<Made, Made, P> {
        let group = pool.group(policy);
        let group = match brake {
            Brake::None => group,
            Brake::Token(token) => group.token(&self.stage.tokens[token]),
            Brake::DeadlineOver => group.timeout(Duration::ZERO),
        };
        group.open()
    }

    pub(super) fn submit_to_group(&self, group: usize, item: &Submission) {
        let work = self.stage.work(item);
        match self.stage.open_group(group).as_deref() {
            Some(AnyGroup::FailFast(group)) => group.try_submit(work),
            Some(AnyGroup::CollectAll(group)) => group.try_submit(work),
            Some(AnyGroup::FirstSuccess(group)) => group.try_submit(work),
            None => {}
        }
    }

    pub(super) fn join_group(&self, group: usize, conclusion: &Conclusion) {
        if let Some(joined) = self.stage.take_group(group) {
            let seen = joined.join();
            let what = format!("conclusion of group {group}");
            self.stage.expect(&what, conclusion, &seen);
        }
    }
}

impl Stage {
    fn open_group(&self, group: usize) -> Option<Arc<AnyGroup>> {
        let found = lock(&self.groups).get(&group).cloned();
        if found.is_none() {
            self.object(format!("there is no group {group}"));
        }
        found
    }

    pub(super) fn take_group(&self, group: usize) -> Option<AnyGroup> {
        let taken = lock(&self.groups).remove(&group).map(Arc::try_unwrap);
        let Some(Ok(taken)) = taken else {
            self.object(format!("somebody else uses group {group}"));
            return None;
        };
        Some(taken)
    }

    pub(super) fn cancel_group(&self, group: usize) {
        if let Some(group) = self.open_group(group) {
            group.cancel();
        }
    }

    /// A group that ends with the task at hand.
    pub(super) fn group_inside(
        self: &Arc<Self>,
        pool: &ThreadPoolExecutor,
        policy: GroupPolicy,
        items: &[(Submission, u64)],
        conclusion: &Conclusion,
    ) {
        let submit = |group: &Group<'_, '_, Made, Made>| {
            for (item, ended) in items {
                group.try_submit(self.work(item));
                self.settle(item);
                // A task that decides has done so when it counts as ended.
                self.settle_count(pool, *ended);
            }
        };
        let seen = match policy {
            GroupPolicy::FailFast => fail_fast(pool.group(FailFast).scope(submit)),
            GroupPolicy::CollectAll => collect_all(pool.group(CollectAll).scope(submit)),
            GroupPolicy::FirstSuccess => first_success(pool.group(FirstSuccess).scope(submit)),
        };
        self.expect("conclusion of a group", conclusion, &seen);
    }

    fn settle_count(&self, pool: &ThreadPoolExecutor, ended: u64) {
        let seen = || {
            let stats = pool.stats();
            stats.completed + stats.failed + stats.cancelled
        };
        if !wait_until(|| seen() == ended) {
            let seen = seen();
            self.object(format!("{seen} tasks have ended instead of {ended}"));
        }
    }
}
