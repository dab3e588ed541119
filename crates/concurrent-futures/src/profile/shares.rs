//! Where the time of the tasks went.

use super::histogram::nanos;
use std::time::Duration;

/// Sums over all tasks that ran and have ended, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) queued: u128,
    pub(super) cpu: u128,
    pub(super) contended: u128,
    pub(super) blocked: u128,
}

impl Totals {
    /// How long tasks kept their workers.
    pub(super) fn kept_worker(&self) -> u128 {
        self.cpu + self.contended + self.blocked
    }
}

/// Where the time of all tasks that ran and have ended went, from submit to end, in percent.
///
/// `wait`, `cpu` and `blocked` have one decimal and add to exactly 100 (all are zero if no time
/// passed). If a task waits for another one and its thread runs that one meanwhile, the time is counted
/// once, as that one's.
///
/// Being ready to run while no processor is free counts as waiting: for a processor instead of for a
/// worker. Were it counted as blocked, a machine with too many threads would look as if its tasks waited
/// for a network, and the advice would be to start even more.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
/// use std::{thread, time::Duration};
///
/// let pool = ThreadPoolExecutor::builder().profile().build()?;
/// pool.submit(|| thread::sleep(Duration::from_millis(50))).result().unwrap();
/// let shares = pool.profile().expect("asked for above").shares();
/// assert!(shares.blocked > shares.cpu);
/// assert!((shares.wait + shares.cpu + shares.blocked - 100.0).abs() < 1e-9);
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Shares {
    /// Waiting for a worker, in the queue, or for a processor.
    pub wait: f64,
    /// Using a processor.
    pub cpu: f64,
    /// Waiting for something else: the network, a disk, a lock, another task.
    pub blocked: f64,
    /// The part of `wait` that was for a processor.
    pub contended: f64,
    /// What is 100 %: the time of all these tasks together.
    pub total: Duration,
}

impl Shares {
    pub(super) fn of(totals: &Totals) -> Self {
        let parts = [totals.queued + totals.contended, totals.cpu, totals.blocked];
        let all: u128 = parts.iter().sum();
        let [wait, cpu, blocked] = permille(parts);
        let [contended, _] = permille([totals.contended, all - totals.contended]);
        Self {
            wait: percent(wait),
            cpu: percent(cpu),
            blocked: percent(blocked),
            contended: percent(contended.min(wait)),
            total: nanos(all),
        }
    }
}

/// The parts in thousandths of their sum, rounded so that they add to 1000: each down, and then those up
/// that lost most. All zero if the sum is.
fn permille<const N: usize>(parts: [u128; N]) -> [u16; N] {
    let all: u128 = parts.iter().sum();
    if all == 0 {
        return [0; N];
    }
    let mut shares = parts.map(|part| u16::try_from(part * 1000 / all).expect("at most 1000"));
    let mut by_loss: [usize; N] = std::array::from_fn(|index| index);
    by_loss.sort_by_key(|index| std::cmp::Reverse(parts[*index] * 1000 % all));
    let missing = 1000 - shares.iter().sum::<u16>();
    for index in by_loss.into_iter().take(missing.into()) {
        shares[index] += 1;
    }
    shares
}

fn percent(permille: u16) -> f64 {
    f64::from(permille) / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_kept_by_all_but_the_queue() {
        let totals = Totals {
            queued: 1_000,
            cpu: 100,
            contended: 20,
            blocked: 3,
        };
        assert_eq!(totals.kept_worker(), 123);
    }

    #[test]
    fn parts_add_to_the_whole_as_printed() {
        assert_eq!(permille([1, 1, 1]), [334, 333, 333]);
        assert_eq!(permille([1, 1, 5]), [143, 143, 714]);
        assert_eq!(permille([0, 0, 7]), [0, 0, 1000]);
        assert_eq!(permille([9_999, 1, 0]), [1000, 0, 0]);
        for seed in 0..1_000_u128 {
            let parts = [seed * 7919 % 613, seed * 104_729 % 1_009, seed % 17 + 1];
            assert_eq!(permille(parts).iter().sum::<u16>(), 1000, "{parts:?}");
        }
    }

    #[test]
    fn no_time_has_no_shares() {
        let shares = Shares::of(&Totals::default());
        assert_eq!((shares.wait, shares.cpu, shares.blocked), (0.0, 0.0, 0.0));
        assert_eq!(shares.total, Duration::ZERO);
    }

    #[test]
    fn waiting_for_a_processor_is_waiting() {
        let shares = Shares::of(&Totals {
            queued: 100,
            cpu: 600,
            contended: 200,
            blocked: 100,
        });
        assert_eq!(
            (shares.wait, shares.cpu, shares.blocked),
            (30.0, 60.0, 10.0)
        );
        assert!((shares.contended - 20.0).abs() < 1e-9);
        assert_eq!(shares.total, Duration::from_micros(1));
    }
}
