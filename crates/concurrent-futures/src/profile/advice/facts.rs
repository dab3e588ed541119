//! The numbers that advice is made of.

use std::time::Duration;

#[derive(Clone, Debug)]
pub(in crate::profile) struct Facts {
    /// Processors that the process may use.
    pub(in crate::profile) processors: usize,
    /// How many workers there may be.
    pub(in crate::profile) workers: usize,
    /// Tasks that were submitted and taken.
    pub(in crate::profile) submitted: u64,
    /// Tasks that ran and have ended.
    pub(in crate::profile) ran: u64,
    pub(in crate::profile) elapsed: Duration,
    /// From the first submit to the last.
    pub(in crate::profile) arriving: Duration,
    /// Of all that ran, the time they used a processor.
    pub(in crate::profile) cpu: Duration,
    /// Of all that ran, the time they waited for something else than a processor.
    pub(in crate::profile) blocked: Duration,
    /// The mean time that a task keeps its worker.
    pub(in crate::profile) mean_run: Duration,
    pub(in crate::profile) longest_run: Duration,
    /// Standard deviation of the run times divided by their mean.
    pub(in crate::profile) variation: f64,
    /// What 99 of 100 tasks are to wait at most.
    pub(in crate::profile) wait_wish: Duration,
}

impl Facts {
    /// With less, the shares are chance: the processor clock is read some thousand times a second.
    const FEWEST_TASKS: u64 = 5;
    const SHORTEST_WORK: Duration = Duration::from_millis(20);

    pub(super) fn suffice(&self) -> bool {
        self.ran >= Self::FEWEST_TASKS && self.work() >= Self::SHORTEST_WORK
    }

    pub(super) fn missing(&self) -> String {
        format!(
            "{} tasks that ran for {:.1} ms; {} and {} ms are needed",
            self.ran,
            self.work().as_secs_f64() * 1e3,
            Self::FEWEST_TASKS,
            Self::SHORTEST_WORK.as_millis()
        )
    }

    /// What one thread with a processor of its own would have needed.
    pub(super) fn work(&self) -> Duration {
        self.cpu + self.blocked
    }

    /// The part of the work that needs a processor, from 0 to 1.
    pub(super) fn cpu_part(&self) -> f64 {
        self.cpu.as_secs_f64() / self.work().as_secs_f64()
    }

    pub(super) fn blocked_to_cpu(&self) -> f64 {
        self.blocked.as_secs_f64() / self.cpu.as_secs_f64()
    }

    /// The work of an average task.
    pub(super) fn mean_work(&self) -> Duration {
        self.work().div_f64(as_f64(self.ran))
    }

    pub(super) fn mean_cpu(&self) -> Duration {
        self.cpu.div_f64(as_f64(self.ran))
    }

    pub(super) fn mean_blocked(&self) -> Duration {
        self.blocked.div_f64(as_f64(self.ran))
    }

    /// Whether tasks came for a good part of the time, and not at once.
    pub(super) fn came_steadily(&self) -> bool {
        self.arriving >= self.elapsed / 10
    }

    /// Tasks per second: those that came, if they came steadily; those that were done, if they came at
    /// once.
    pub(super) fn rate(&self) -> f64 {
        if self.came_steadily() {
            as_f64(self.submitted.saturating_sub(1)) / self.arriving.as_secs_f64()
        } else {
            as_f64(self.ran) / self.elapsed.as_secs_f64()
        }
    }
}

#[allow(clippy::cast_precision_loss)]
pub(super) fn as_f64(number: u64) -> f64 {
    number as f64
}
