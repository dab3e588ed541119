use super::{Setup, submit};
use crate::{
    pools::Pool,
    sample::Sample,
    sync::{Countdown, Gate},
};

/// Runs as many tasks at once as there are threads: each waits for all others.
fn meet<P: Pool>(pool: &P, threads: u64) {
    let arriving = Countdown::leaked(threads);
    let leaving = Countdown::leaked(threads);
    let gate = Gate::leaked();
    for _ in 0..threads {
        pool.spawn(|| {
            arriving.count_down();
            gate.pass();
            leaving.count_down();
        });
    }
    arriving.wait();
    gate.open();
    leaving.wait();
}

pub(super) fn warm<P: Pool>(setup: &Setup) -> Sample {
    let pool = setup.pool::<P>();
    meet(pool, setup.threads as u64);
    submit::on(pool, setup)
}

/// The pool is started and stopped in the measured time.
pub(super) fn cold<P: Pool>(setup: &Setup) -> Sample {
    let threads = setup.threads as u64;
    setup.sample(threads, || {
        let pool = P::start(setup.threads);
        meet(&pool, threads);
        pool.stop();
    })
}
