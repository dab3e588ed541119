//! The tasks that ran longest.

use super::task::ProfiledTask;
use std::cmp::Reverse;

#[derive(Clone, Debug)]
pub(super) struct Slowest {
    most: usize,
    /// What runs no longer than this is not among them, in nanoseconds.
    bar: u64,
    tasks: Vec<ProfiledTask>,
}

impl Slowest {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            bar: if most == 0 { u64::MAX } else { 0 },
            tasks: Vec::new(),
        }
    }

    #[inline]
    pub(super) fn admits(&self, run: u64) -> bool {
        run > self.bar
    }

    /// Sorts only when twice as many are there as are asked for, so that ever slower tasks cost little.
    pub(super) fn add(&mut self, task: ProfiledTask) {
        self.tasks.push(task);
        if self.tasks.len() >= 2 * self.most {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.tasks.sort_by_key(|task| Reverse(task.run));
        self.tasks.truncate(self.most);
        if self.tasks.len() == self.most {
            self.bar = self.tasks.last().map_or(u64::MAX, |task| task.run);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for task in &other.tasks {
            if self.admits(task.run) {
                self.add(task.clone());
            }
        }
    }

    /// The slowest first.
    pub(super) fn into_tasks(mut self) -> Vec<ProfiledTask> {
        self.cut();
        self.tasks
    }
}
