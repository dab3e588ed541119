use super::{Figures, Scale, Scenario, Unit, column, figures};
use crate::pools::{self, Pending, Pool};
use std::time::Instant;

pub(super) const SCENARIO: Scenario = Scenario {
    id: "nested",
    title: "one worker; a task submits a task and waits for it inside, 1 000 levels deep",
    columns: &[column("time a level", Unit::Nanoseconds)],
    contestants: &[
        "ours",
        "rayon",
        "threadpool",
        "rusty_pool",
        "tokio_blocking",
        "affinitypool",
        "executors_channel",
        "hand_crossbeam",
    ],
    limit: 5,
    run,
};

const DEPTH: u64 = 1_000;

fn run(contestant: &str, _: &Scale) -> Figures {
    let elapsed = pools::visit(contestant, Descent).expect("a contestant");
    figures([("time a level", elapsed / DEPTH as f64)])
}

struct Descent;

impl pools::Visitor<f64> for Descent {
    fn visit<P: Pool>(self) -> f64 {
        let pool: &P = Box::leak(Box::new(P::start(1)));
        pool.submit(|| ()).wait();
        let start = Instant::now();
        assert_eq!(descend(pool, DEPTH), DEPTH);
        start.elapsed().as_secs_f64() * 1e9
    }
}

/// How many levels there are.
fn descend<P: Pool>(pool: &'static P, levels: u64) -> u64 {
    let below = pool.submit(move || match levels {
        1 => 0,
        _ => descend(pool, levels - 1),
    });
    1 + below.wait()
}
