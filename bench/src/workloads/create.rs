use super::Setup;
use crate::{
    pools::{Pending, Pool},
    sample::Sample,
};

pub(super) fn run<P: Pool>(setup: &Setup) -> Sample {
    let pools = setup.tasks(200);
    setup.sample(pools, || {
        for n in 0..pools {
            let pool = P::start(setup.threads);
            assert_eq!(pool.submit(move || n).wait(), n);
            pool.stop();
        }
    })
}
