//! The tasks that run.

use super::task::ProfiledTask;
use crate::observer::EnqueuedTask;

/// Those of one lane. A thread runs one task, or several above each other: one that waits for another
/// task of its pool may run it in its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Running {
    /// The innermost of each thread last.
    tasks: Vec<Entry>,
}

/// A task that runs. Times are in nanoseconds since the beginning.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The number of the thread.
    pub(super) thread: usize,
    /// The place of the thread in the table of the workers.
    pub(super) worker: usize,
    pub(super) facts: EnqueuedTask,
    pub(super) enqueued: u64,
    pub(super) started: u64,
    /// How long other tasks ran above it.
    pub(super) nested: u64,
}

/// What is known of a task that ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) worker: usize,
    pub(super) enqueued: u64,
    pub(super) started: u64,
    /// Whether it lay on no other task of its thread.
    pub(super) is_outermost: bool,
}

impl Running {
    #[inline]
    pub(super) fn begin(&mut self, entry: Entry) {
        self.tasks.push(entry);
    }

    /// `None` if it has not begun.
    #[inline]
    pub(super) fn end(&mut self, id: u64, run: u64) -> Option<Ended> {
        let index = self.tasks.iter().rposition(|entry| entry.facts.id == id)?;
        let (below, here) = self.tasks.split_at_mut(index);
        let entry = &here[0];
        let below = below.iter_mut().rfind(|below| below.thread == entry.thread);
        let ended = Ended {
            worker: entry.worker,
            enqueued: entry.enqueued,
            started: entry.started,
            is_outermost: below.is_none(),
        };
        if let Some(below) = below {
            below.nested += run;
        }
        if index + 1 == self.tasks.len() {
            self.tasks.truncate(index);
        } else {
            self.tasks.remove(index);
        }
        Some(ended)
    }

    /// When each has begun, and whether it lies on no other task of its thread.
    pub(super) fn starts(&self) -> impl Iterator<Item = (u64, bool)> {
        self.tasks.iter().enumerate().map(|(index, entry)| {
            let below = &self.tasks[..index];
            let is_outermost = below.iter().all(|below| below.thread != entry.thread);
            (entry.started, is_outermost)
        })
    }

    /// All of them with the time until now, the places of their threads, and their own part of the time:
    /// without those above them.
    pub(super) fn until(&self, now: u64) -> Vec<(ProfiledTask, usize, u64)> {
        let until = |(index, entry): (usize, &Entry)| {
            let above = &self.tasks[index + 1..];
            let above = above.iter().find(|above| above.thread == entry.thread);
            let above = above.map_or(0, |above| now.saturating_sub(above.started));
            let mut task =
                ProfiledTask::new(&entry.facts, entry.enqueued, entry.started - entry.enqueued);
            task.run = now.saturating_sub(entry.started);
            task.nested = entry.nested + above;
            let own = task.run.saturating_sub(task.nested);
            (task, entry.worker, own)
        };
        self.tasks.iter().enumerate().map(until).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::submitted;

    fn entry(thread: usize, id: u64, started: u64) -> Entry {
        Entry {
            thread,
            worker: 0,
            facts: submitted(id),
            enqueued: 0,
            started,
            nested: 0,
        }
    }

    #[test]
    fn a_thread_is_busy_from_its_outermost_task_on() {
        let mut running = Running::default();
        running.begin(entry(1, 1, 0));
        running.begin(entry(2, 2, 1));
        running.begin(entry(1, 3, 2));
        let starts: Vec<_> = running.starts().collect();
        assert_eq!(starts, [(0, true), (1, true), (2, false)]);
        assert!(!running.end(3, 5).unwrap().is_outermost);
        assert!(running.end(1, 9).unwrap().is_outermost);
        assert!(running.end(2, 9).unwrap().is_outermost);
        assert!(running.end(2, 9).is_none());
    }

    #[test]
    fn the_time_until_now_is_counted_once() {
        let mut running = Running::default();
        running.begin(entry(1, 1, 0));
        running.begin(entry(1, 2, 10));
        running.end(2, 20);
        running.begin(entry(1, 3, 50));
        let own: Vec<_> = running
            .until(100)
            .into_iter()
            .map(|(task, _, own)| (task.id, task.run, task.nested, own))
            .collect();
        assert_eq!(own, [(1, 100, 70, 30), (3, 50, 0, 50)]);
    }
}
