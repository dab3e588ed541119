use super::Setup;
use crate::{pools::Pool, sample::Sample};
use std::{thread, time::Duration};

pub(super) fn run<P: Pool>(setup: &Setup) -> Sample {
    let _pool = setup.pool::<P>();
    thread::sleep(Duration::from_millis(100));
    let mut sample = setup.sample(1, || thread::sleep(Duration::from_secs(2)));
    sample.value = sample.cpu_ns_per_task / 1e3;
    sample
}
