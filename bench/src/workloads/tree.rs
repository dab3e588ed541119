use super::Setup;
use crate::{pools::Pool, sample::Sample, sync::Countdown};

/// The tree has 2^16 leaves and all of its nodes are tasks.
const LEAVES: u64 = 1 << 16;

pub(super) fn run<P: Pool>(setup: &Setup) -> Sample {
    let leaves = setup.tasks(LEAVES);
    let nodes = 2 * leaves - 1;
    let pool = setup.pool::<P>();
    let countdown = Countdown::leaked(nodes);
    setup.sample(nodes, || {
        pool.spawn(move || grow(pool, leaves, countdown));
        countdown.wait();
    })
}

fn grow<P: Pool>(pool: &'static P, leaves: u64, countdown: &'static Countdown) {
    if leaves > 1 {
        let left = leaves / 2;
        let right = leaves - left;
        pool.spawn(move || grow(pool, left, countdown));
        pool.spawn(move || grow(pool, right, countdown));
    }
    countdown.count_down();
}
