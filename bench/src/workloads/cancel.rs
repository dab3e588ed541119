use super::Setup;
use crate::{
    pools::Pool,
    sample::Sample,
    sync::{Countdown, Gate, Token},
};

/// All workers are kept busy while the tasks are submitted, so that they are pending.
pub(super) fn run<P: Pool>(setup: &Setup) -> Sample {
    let tasks = setup.tasks(10_000);
    let pool = setup.pool::<P>();
    let countdown = Countdown::leaked(tasks);
    let gate = Gate::leaked();
    for _ in 0..setup.threads {
        pool.spawn(|| gate.pass());
    }
    setup.sample(tasks, || {
        let tokens = (0..tasks).map(|_| Token(countdown));
        pool.first_of(tokens, || gate.open());
        countdown.wait();
    })
}
