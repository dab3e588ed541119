use super::Setup;
use crate::{
    pools::Pool,
    sample::{Sample, cpu_time_ns},
    sync::Countdown,
};
use std::{fs, thread, time::Duration};

const WORK: u64 = 10_000;
const IDLE: Duration = Duration::from_secs(2);
/// Workers that look for more work before they sleep do so within this time.
const AFTER_WORK: Duration = Duration::from_millis(20);

/// The measured time starts with the end of the last task.
pub(super) fn run<P: Pool>(setup: &Setup) -> Sample {
    let pool = setup.pool::<P>();
    let countdown = Countdown::leaked(WORK);
    for _ in 0..WORK {
        pool.spawn(|| countdown.count_down());
    }
    countdown.wait();

    let before = cpu_time_ns();
    let mut after_work = before;
    let mut sample = setup.sample(1, || {
        thread::sleep(AFTER_WORK);
        after_work = cpu_time_ns();
        thread::sleep((IDLE / setup.divisor).saturating_sub(AFTER_WORK));
    });
    sample.value = sample.cpu_ns_per_task / 1e3;
    let sample = sample.with("of it in 20 ms", (after_work - before) / 1e3);
    match pool_threads() {
        Some(threads) => sample.with("threads", threads),
        None => sample,
    }
}

/// Threads of the process beside this one, where the system tells.
fn pool_threads() -> Option<f64> {
    let threads = fs::read_dir("/proc/self/task").ok()?.count();
    Some(threads as f64 - 1.0)
}
