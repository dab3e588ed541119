//! Whether all that can be seen is as the reference has it.

use std::fmt::Debug;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use super::command::End;
use super::real::{Driver, Facts, Handle, lock};
use super::reference::{Reference, State, Task};

/// What is not as it should be. Soon after an operation there may be more than later on.
pub(crate) fn differences(reference: &Reference, driver: &Driver) -> Vec<String> {
    let mut found = Found(driver.stage.mistakes());
    for (id, task) in reference.tasks.iter().enumerate() {
        let blocked = reference.blocked == Some(id);
        found.compare_task(id, task, &driver.stage.facts(id), blocked);
    }
    found.compare_futures(reference, driver);
    found.compare_calls(reference, driver);
    for (place, awaited) in reference.awaits.iter().enumerate() {
        let ended = reference.tasks[awaited.id].end().is_some();
        let wakes = driver.awaits[place].wakers.iter();
        let wakes: Vec<_> = wakes.map(|waker| waker.0.load(SeqCst)).collect();
        let mut expected = vec![0; wakes.len()];
        if let (Some(last), true) = (expected.last_mut(), ended && awaited.is_polled) {
            *last = 1;
        }
        found.expect(&format!("wakes of await {place}"), &expected, &wakes);
    }
    if !reference.gone {
        found.compare_pool(reference, driver);
    }
    found.0
}

struct Found(Vec<String>);

impl Found {
    fn expect<T: PartialEq + Debug>(&mut self, what: &str, expected: &T, seen: &T) {
        if expected != seen {
            self.0
                .push(format!("{what}: {seen:?} instead of {expected:?}"));
        }
    }

    fn compare_task(&mut self, id: usize, task: &Task, facts: &Facts, blocked: bool) {
        let ended = task.end().is_some();
        let mut count = |what: &str, expected: usize, seen: &AtomicUsize| {
            self.expect(&format!("task {id}: {what}"), &expected, &seen.load(SeqCst));
        };
        count("runs", usize::from(task.ran), &facts.runs);
        count("closures dropped", usize::from(ended), &facts.closure_drops);
        let made = usize::from(task.ran && ended);
        count("outcomes made", made, &facts.made);
        let gone = usize::from(task.made_is_gone);
        count("outcomes dropped", gone, &facts.made_drops);
        if !blocked {
            count("callbacks called", task.called, &facts.calls);
            count("callbacks dropped", task.called, &facts.callback_drops);
            let expected: Vec<_> = task.end().into_iter().cycle().take(task.called).collect();
            let what = format!("task {id}: told to callbacks");
            self.expect(&what, &expected, &lock(&facts.told).clone());
        }
    }

    fn compare_futures(&mut self, reference: &Reference, driver: &Driver) {
        let handles = lock(&driver.stage.handles);
        let held: Vec<_> = handles.keys().copied().collect();
        let expected: Vec<_> = reference.futures.iter().copied().collect();
        self.expect("futures", &expected, &held);
        for (&id, handle) in &*handles {
            let seen = match &**handle {
                Handle::Owned(future) => (future.running(), future.done(), future.cancelled()),
                Handle::Shared(future) => (future.running(), future.done(), future.cancelled()),
            };
            let expected = match reference.tasks[id].state {
                State::Pending => (false, false, false),
                State::Running => (true, false, false),
                State::Ended(end) => (false, true, end == End::Cancelled),
            };
            let what = format!("task {id}: (running, done, cancelled)");
            self.expect(&what, &expected, &seen);
        }
    }

    /// In their order, those of which the order is not chance.
    fn compare_calls(&mut self, reference: &Reference, driver: &Driver) {
        let mut calls = lock(&driver.stage.calls).clone();
        calls.retain(|call| !reference.tasks[call.id].is_quiet);
        self.expect("callbacks", &reference.calls, &calls);
    }

    fn compare_pool(&mut self, reference: &Reference, driver: &Driver) {
        let pool = lock(&driver.stage.pool);
        let Some(pool) = &*pool else {
            return self.0.push("the pool is gone".to_owned());
        };
        let life = match (reference.broken, reference.closed) {
            (true, _) => "broken",
            (false, true) => "shut down",
            (false, false) => "open",
        };
        let said = format!("{pool:?}");
        if !said.contains(&format!("state: {life},")) {
            self.0.push(format!("{said} instead of {life}"));
        }
        let stats = pool.stats();
        let census = &reference.census;
        let mut count = |what: &str, expected: u64, seen: u64| {
            self.expect(what, &expected, &seen);
        };
        count("submitted", census.submitted, stats.submitted);
        count("completed", census.completed, stats.completed);
        count("failed", census.failed, stats.failed);
        count("cancelled", census.cancelled, stats.cancelled);
        count("rejected", census.rejected, stats.rejected);
        let number = |count: usize| u64::try_from(count).expect("a count");
        count("queued", number(reference.queued()), stats.queued);
        count(
            "running",
            number(reference.running().count()),
            stats.running,
        );
        count(
            "max_workers",
            number(reference.limit),
            number(stats.max_workers),
        );
        // Also those that have not told everybody yet that a task has ended.
        if stats.workers != reference.busy + stats.idle {
            self.0
                .push(format!("{} busy, and {stats:?}", reference.busy));
        }
    }
}
