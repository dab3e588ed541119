//! The tasks that run.

use super::task::ProfiledTask;

/// Those of one lane. A thread runs one task, or several above each other: one that waits for another
/// task of its pool may run it in its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Running {
    /// The innermost of each thread last.
    tasks: Vec<Entry>,
}

/// A task that runs.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The number of the thread.
    pub(super) thread: usize,
    /// The place of the thread in the table of the workers.
    pub(super) worker: usize,
    pub(super) started: u64,
    /// What it would be if it ended now, but for the times.
    pub(super) task: ProfiledTask,
    /// How long other tasks ran above it, in nanoseconds.
    pub(super) nested: u64,
}

impl Running {
    /// Whether the thread was without a task.
    #[inline]
    pub(super) fn begin(&mut self, entry: Entry) -> bool {
        let is_first = self.tasks.iter().all(|other| other.thread != entry.thread);
        self.tasks.push(entry);
        is_first
    }

    /// The task's entry, and whether its thread is without a task now.
    #[inline]
    pub(super) fn end(&mut self, id: u64, run: u64) -> Option<(Entry, bool)> {
        let index = self.tasks.iter().rposition(|entry| entry.task.id == id)?;
        let entry = self.tasks.remove(index);
        let below = self.tasks[..index]
            .iter_mut()
            .rfind(|below| below.thread == entry.thread);
        let is_last = below.is_none();
        if let Some(below) = below {
            below.nested += run;
        }
        Some((entry, is_last))
    }

    /// All of them, with the time until now, and their own part of it: without those above them.
    pub(super) fn until(&mut self, now: u64) -> Vec<(Entry, u64)> {
        let mut all: Vec<(Entry, u64)> = Vec::with_capacity(self.tasks.len());
        for mut entry in self.tasks.drain(..) {
            let run = now.saturating_sub(entry.started);
            entry.task.run = run;
            entry.task.nested = entry.nested;
            let below = all
                .iter_mut()
                .rfind(|(below, _)| below.thread == entry.thread);
            if let Some((below, own)) = below {
                below.task.nested += run;
                *own = own.saturating_sub(run);
            }
            let own = run.saturating_sub(entry.nested);
            all.push((entry, own));
        }
        all
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
            started,
            task: ProfiledTask::new(&submitted(id), 0, started),
            nested: 0,
        }
    }

    #[test]
    fn a_thread_is_busy_from_its_outermost_task_on() {
        let mut running = Running::default();
        assert!(running.begin(entry(1, 1, 0)));
        assert!(running.begin(entry(2, 2, 0)));
        assert!(!running.begin(entry(1, 3, 0)));
        assert!(!running.end(3, 5).unwrap().1);
        assert!(running.end(1, 9).unwrap().1);
        assert!(running.end(2, 9).unwrap().1);
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
            .map(|(entry, own)| (entry.task.id, entry.task.run, entry.task.nested, own))
            .collect();
        assert_eq!(own, [(1, 100, 70, 30), (3, 50, 0, 50)]);
    }
}
