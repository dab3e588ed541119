//! What is too long, and when to look again.

use super::report::Trouble;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// How long each thing may last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) task: Duration,
    pub(super) queue: Duration,
    pub(super) standstill: Duration,
}

impl Limits {
    /// However short the limits are, it is not looked more often.
    const SHORTEST: Duration = Duration::from_millis(1);

    fn shortest(self) -> Duration {
        let shortest = self.task.min(self.queue).min(self.standstill);
        shortest.max(Self::SHORTEST)
    }
}

/// What is seen at one moment.
pub(super) struct Sight {
    pub(super) now: Instant,
    /// How many tasks are queued.
    pub(super) queued: u64,
    /// Since when the queue has not moved.
    pub(super) moved: Instant,
    /// What runs, the oldest first.
    pub(super) running: Vec<Seen>,
}

/// A task that runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) id: u64,
    pub(super) thread: u64,
    pub(super) started: Instant,
    pub(super) waits: Option<Waits>,
}

/// A task that waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waits {
    pub(super) since: Instant,
    /// For tasks of the same pool that run, without a limit in time.
    pub(super) for_others: bool,
}

/// What is to be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) trouble: Trouble,
    pub(super) duration: Duration,
    /// Of one task.
    pub(super) task: Option<u64>,
}

/// Goes off at a limit, and at each doubling of it.
#[derive(Clone, Copy, Debug)]
struct Alarm {
    next: Duration,
}

impl Alarm {
    fn at(limit: Duration) -> Self {
        Self {
            next: limit.max(Limits::SHORTEST),
        }
    }

    fn goes_off(&mut self, age: Duration) -> bool {
        let goes_off = age >= self.next;
        while age >= self.next {
            self.next = self.next.saturating_mul(2);
        }
        goes_off
    }
}

pub(super) struct Rule {
    limits: Limits,
    /// By the task's id.
    tasks: BTreeMap<u64, Alarm>,
    queue: Alarm,
    standstill: Alarm,
}

impl Rule {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            tasks: BTreeMap::new(),
            queue: Alarm::at(limits.queue),
            standstill: Alarm::at(limits.standstill),
        }
    }

    /// What is to be reported, and when to look again; never, if nothing is queued or runs.
    pub(super) fn judge(&mut self, sight: &Sight) -> (Vec<Finding>, Option<Instant>) {
        let mut findings = Vec::new();
        let mut next = (sight.queued > 0 || !sight.running.is_empty())
            .then(|| after(sight.now, self.limits.shortest()));
        let mut look = |since: Instant, alarm: &mut Alarm, trouble, task| {
            let duration = sight.now.saturating_duration_since(since);
            if alarm.goes_off(duration) {
                findings.push(Finding {
                    trouble,
                    duration,
                    task,
                });
            }
            let due = after(since, alarm.next);
            next = next.map(|next| next.min(due));
        };

        let mut before = std::mem::take(&mut self.tasks);
        for seen in &sight.running {
            let alarm = before.remove(&seen.id);
            let mut alarm = alarm.unwrap_or(Alarm::at(self.limits.task));
            look(seen.started, &mut alarm, Trouble::LongTask, Some(seen.id));
            self.tasks.insert(seen.id, alarm);
        }
        // What has moved since the last look is a new matter.
        let is_new = |since, limit| sight.now.saturating_duration_since(since) < limit;
        if sight.queued == 0 || is_new(sight.moved, self.limits.queue) {
            self.queue = Alarm::at(self.limits.queue);
        }
        if sight.queued > 0 {
            look(sight.moved, &mut self.queue, Trouble::StuckQueue, None);
        }
        let standstill = sight.standstill();
        if standstill.is_none_or(|since| is_new(since, self.limits.standstill)) {
            self.standstill = Alarm::at(self.limits.standstill);
        }
        if let Some(since) = standstill {
            look(since, &mut self.standstill, Trouble::Standstill, None);
        }
        (findings, next)
    }
}

impl Sight {
    /// Since when all that runs waits, for what only tasks can bring.
    fn standstill(&self) -> Option<Instant> {
        // Of the tasks on one thread, those below the last one wait for it.
        let innermost: BTreeMap<u64, &Seen> = self
            .running
            .iter()
            .map(|seen| (seen.thread, seen))
            .collect();
        let waits = innermost.values().map(|seen| seen.waits);
        let waits = waits.collect::<Option<Vec<_>>>()?;
        let since = waits.iter().map(|waits| waits.since).max()?;
        if self.queued > 0 {
            Some(since.max(self.moved))
        } else {
            waits.iter().all(|waits| waits.for_others).then_some(since)
        }
    }
}

/// A limit may lie beyond the clock.
fn after(since: Instant, time: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    since + time.min(FAR)
}

#[cfg(all(test, not(loom)))]
#[path = "rule_tests.rs"]
mod tests;
