//! All lanes as one.

use super::{ProfileOptions, lane::Lane, task::ProfiledTask};

#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) sums: Lane,
    /// When it was taken, in nanoseconds since the beginning.
    pub(super) now: u64,
    pub(super) running: usize,
    /// Those kept and those that run, in the order in which they were submitted.
    pub(super) tasks: Vec<ProfiledTask>,
}

impl Snapshot {
    #[allow(clippy::vec_box)] // as they are kept
    pub(super) fn of(lanes: Vec<Box<Lane>>, now: u64, options: &ProfileOptions) -> Self {
        let mut sums = Lane::new(options);
        let mut tasks = Vec::new();
        let mut running = Vec::new();
        for mut lane in lanes {
            running.append(&mut lane.take_running(now));
            sums.merge(&lane);
            tasks.append(&mut lane.kept);
        }
        for task in &running {
            if sums.slowest.admits(task.run) {
                sums.slowest.add(task.clone());
            }
        }
        let count = running.len();
        tasks.append(&mut running);
        tasks.sort_by_key(|task| (task.enqueued, task.id));
        Self {
            sums,
            now,
            running: count,
            tasks,
        }
    }
}
