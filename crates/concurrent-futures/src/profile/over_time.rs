//! What happened when.
//!
//! Time is cut into bins of one width. Each knows by how much a number has changed in it (tasks queued,
//! workers busy) and what area that makes up to its end, so a task costs four additions however long it
//! waits or runs, and averages are exact. When the bins are used up, every two become one: their number,
//! and so the memory, stays the same on the longest run.

use std::time::Duration;

const BINS: usize = 512;
/// The first width is 2 to this power, in nanoseconds: about 65 us.
const FIRST_SHIFT: u32 = 16;

#[derive(Clone, Debug)]
pub(super) struct Bins {
    shift: u32,
    /// As many as [`BINS`].
    bins: Box<[Bin]>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Bin {
    queued: Change,
    busy: Change,
    finished: u64,
}

/// Of a number, in one bin.
#[derive(Clone, Copy, Debug, Default)]
struct Change {
    by: i64,
    /// The sum, over the changes, of each times what was left of the bin.
    area: i128,
}

impl Change {
    #[inline]
    fn add(&mut self, by: i64, left: u64) {
        self.by += by;
        self.area += i128::from(by) * i128::from(left);
    }

    /// This bin and the next as one; each was so wide.
    fn joined(self, next: Self, width: u64) -> Self {
        Self {
            by: self.by + next.by,
            area: self.area + i128::from(self.by) * i128::from(width) + next.area,
        }
    }

    fn merge(&mut self, other: Self) {
        self.by += other.by;
        self.area += other.area;
    }
}

impl Bins {
    pub(super) fn new() -> Self {
        Self {
            shift: FIRST_SHIFT,
            bins: vec![Bin::default(); BINS].into(),
        }
    }

    #[inline]
    pub(super) fn enqueued(&mut self, at: u64) {
        let (bin, left) = self.at(at);
        bin.queued.add(1, left);
    }

    /// A task has left the queue without having run.
    #[inline]
    pub(super) fn dequeued(&mut self, at: u64) {
        let (bin, left) = self.at(at);
        bin.queued.add(-1, left);
    }

    /// The same as [`started`](Self::started) and [`ended`](Self::ended).
    #[inline]
    pub(super) fn ran(&mut self, from: u64, to: u64, threads: i64) {
        self.reach(to);
        if from >> self.shift != to >> self.shift {
            self.started(from, threads);
            return self.ended(to, threads);
        }
        let (bin, left) = self.at(to);
        let time = to - from;
        bin.queued.add(-1, left + time);
        bin.busy.area += i128::from(threads) * i128::from(time);
        bin.finished += 1;
    }

    /// A task was taken from the queue, and so many threads (none or one) began to be busy with it.
    #[inline]
    pub(super) fn started(&mut self, at: u64, threads: i64) {
        let (bin, left) = self.at(at);
        bin.queued.add(-1, left);
        bin.busy.add(threads, left);
    }

    /// A task that ran has ended, and so many threads have done.
    #[inline]
    pub(super) fn ended(&mut self, at: u64, threads: i64) {
        let (bin, left) = self.at(at);
        bin.busy.add(-threads, left);
        bin.finished += 1;
    }

    /// The bin of a moment, and how much of it is left then.
    #[inline]
    fn at(&mut self, at: u64) -> (&mut Bin, u64) {
        self.reach(at);
        let index = at >> self.shift;
        let left = ((index + 1) << self.shift) - at;
        #[allow(clippy::cast_possible_truncation)] // less than BINS
        (&mut self.bins[index as usize], left)
    }

    /// Until there is a bin for that moment.
    #[inline]
    fn reach(&mut self, at: u64) {
        while at >> self.shift >= BINS as u64 {
            self.widen();
        }
    }

    #[cold]
    fn widen(&mut self) {
        let width = 1 << self.shift;
        for index in 0..BINS / 2 {
            let (one, next) = (self.bins[2 * index], self.bins[2 * index + 1]);
            self.bins[index] = Bin {
                queued: one.queued.joined(next.queued, width),
                busy: one.busy.joined(next.busy, width),
                finished: one.finished + next.finished,
            };
        }
        self.bins[BINS / 2..].fill(Bin::default());
        self.shift += 1;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        while self.shift < other.shift {
            self.widen();
        }
        while other.shift < self.shift {
            other.widen();
        }
        for (bin, other) in self.bins.iter_mut().zip(other.bins.iter()) {
            bin.queued.merge(other.queued);
            bin.busy.merge(other.busy);
            bin.finished += other.finished;
        }
    }

    /// The series from the beginning until now.
    pub(super) fn over_time(&self, now: u64) -> OverTime {
        let width = 1_u64 << self.shift;
        let (mut queued, mut busy) = (0, 0);
        let mut series = OverTime {
            step: Duration::from_nanos(width),
            ..OverTime::default()
        };
        for (bin, index) in self.bins.iter().zip(0_u64..) {
            let seen = width.min(now.saturating_sub(index * width));
            if seen == 0 {
                break;
            }
            series.queued.push(average(queued, bin.queued, width, seen));
            series.busy.push(average(busy, bin.busy, width, seen));
            series.finished.push(bin.finished);
            queued += bin.queued.by;
            busy += bin.busy.by;
        }
        series
    }
}

/// Of a number that was `before` when the bin began, over what was seen of the bin.
#[allow(clippy::cast_precision_loss)]
fn average(before: i64, change: Change, width: u64, seen: u64) -> f64 {
    let unseen = i128::from(change.by) * i128::from(width - seen);
    let area = i128::from(before) * i128::from(seen) + change.area - unseen;
    let average = (area as f64 / seen as f64).max(0.0);
    (average * 1000.0).round() / 1000.0
}

/// Queue, workers and ends over time, in equal steps from the first submit on.
///
/// There are at most 512 steps; their width doubles as time goes on, from 65 µs.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::builder().max_workers(2).profile().build()?;
/// pool.map(0..100, |n| n * n).for_each(drop);
/// let profile = pool.profile().expect("asked for above");
/// let series = profile.over_time();
/// assert_eq!(series.finished.iter().sum::<u64>(), 100);
/// assert!(series.busy.iter().all(|busy| *busy <= 3.0));
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct OverTime {
    /// How long each step is; the last one may be cut off by the end.
    pub step: Duration,
    /// How many tasks were queued, on average over the step, those included that waited for room in a
    /// bounded queue.
    pub queued: Vec<f64>,
    /// How many threads ran tasks, on average over the step.
    pub busy: Vec<f64>,
    /// How many tasks ended in the step, of those that ran.
    pub finished: Vec<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: u64 = 1 << FIRST_SHIFT;

    #[test]
    fn an_average_is_exact() {
        let mut bins = Bins::new();
        bins.enqueued(WIDTH / 2);
        bins.dequeued(WIDTH + WIDTH / 4);
        let series = bins.over_time(3 * WIDTH);
        assert_eq!(series.queued, [0.5, 0.25, 0.0]);
    }

    #[test]
    fn a_step_that_is_not_over_is_averaged_until_now() {
        let mut bins = Bins::new();
        bins.started(WIDTH, 1);
        let series = bins.over_time(WIDTH + WIDTH / 2);
        assert_eq!(series.busy, [0.0, 1.0]);
        bins.ended(WIDTH + WIDTH / 4, 1);
        assert_eq!(bins.over_time(WIDTH + WIDTH / 2).busy, [0.0, 0.5]);
    }

    #[test]
    fn a_run_is_its_start_and_its_end() {
        let (mut together, mut apart) = (Bins::new(), Bins::new());
        for (from, to) in [
            (5, 5),
            (7, 900),
            (WIDTH - 1, WIDTH),
            (10, 3 * WIDTH),
            (0, 9_000 * WIDTH),
        ] {
            together.ran(from, to, 1);
            apart.started(from, 1);
            apart.ended(to, 1);
        }
        assert_eq!(
            together.over_time(10_000 * WIDTH),
            apart.over_time(10_000 * WIDTH)
        );
    }

    #[test]
    fn the_number_of_steps_is_bounded_and_nothing_is_lost() {
        let mut bins = Bins::new();
        let end = WIDTH * BINS as u64 * 1_000;
        bins.enqueued(0);
        for n in 0..10_000 {
            bins.ended(n * (end / 10_000), 0);
        }
        bins.dequeued(end / 2);
        let series = bins.over_time(end);
        assert!(series.step.as_nanos() * BINS as u128 >= end.into());
        assert!(
            (BINS / 2..=BINS).contains(&series.queued.len()),
            "{}",
            series.queued.len()
        );
        assert_eq!(series.finished.iter().sum::<u64>(), 10_000);
        let area: f64 = series.queued.iter().sum::<f64>() * series.step.as_secs_f64();
        let exact = Duration::from_nanos(end / 2).as_secs_f64();
        assert!((area / exact - 1.0).abs() < 1e-3, "{area} {exact}");
    }

    #[test]
    fn bins_of_different_width_are_put_together() {
        let (mut short, mut long) = (Bins::new(), Bins::new());
        let end = WIDTH * BINS as u64 * 4;
        for n in 0..100 {
            short.enqueued(n * 10);
            long.dequeued(end - 1 - n * 10);
        }
        let mut one = short.clone();
        one.merge(&long);
        long.merge(&short);
        assert_eq!(one.over_time(end), long.over_time(end));
        assert!((one.over_time(end).queued[1] - 100.0).abs() < 1e-9);
    }
}
