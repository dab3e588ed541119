use super::{Setup, grind, ordered};
use crate::{pools::Pool, sample::Sample};

fn item(n: u64) -> u64 {
    grind(n, 64)
}

pub(super) fn run<P: Pool>(setup: &Setup) -> Sample {
    let items = setup.tasks(1_000_000);
    let pool = setup.pool::<P>();
    let mut sum = 0;
    let sample = setup.sample(items, || {
        pool.map(items, item, |result| sum = ordered(sum, result));
    });
    assert_eq!(sum, (0..items).map(item).fold(0, ordered));
    sample
}
