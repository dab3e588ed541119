use super::{Figures, Scale, Scenario, Unit, column, figures};
use crate::{
    pools::{self, Pending, Pool},
    process,
    workloads::{grind, ordered},
};
use concurrent_futures::ThreadPoolExecutor;
use std::{collections::VecDeque, time::Instant};

pub(super) const SCENARIO: Scenario = Scenario {
    id: "endless",
    title: "the first 2 000 000 results, in order, of a function over endless input on two workers; `ours` by \
            `map_buffered`, the others by a window of futures written by hand; 64 items are on their way",
    columns: &[
        column("peak memory", Unit::Bytes),
        column("time an item", Unit::Nanoseconds),
    ],
    contestants: &[
        "ours",
        "rayon",
        "threadpool",
        "rusty_pool",
        "tokio_blocking",
        "affinitypool",
        "hand_crossbeam",
    ],
    limit: 60,
    run,
};

const WORKERS: usize = 2;
const ON_THEIR_WAY: usize = 64;
/// About 300 ns.
const ROUNDS: u32 = 200;

fn item(n: u64) -> u64 {
    grind(n, ROUNDS)
}

fn run(contestant: &str, scale: &Scale) -> Figures {
    let items = scale.of(2_000_000);
    if contestant != pools::OURS {
        return pools::visit(contestant, Window(items)).expect("a contestant");
    }
    let pool = ThreadPoolExecutor::builder().max_workers(WORKERS).build();
    let pool = pool.expect("valid numbers");
    let results = pool.map_buffered(ON_THEIR_WAY, 0.., item);
    taken(items, results.map(|result| result.expect("no item fails")))
}

struct Window(u64);

impl pools::Visitor<Figures> for Window {
    fn visit<P: Pool>(self) -> Figures {
        let pool = P::start(WORKERS);
        let submit = |n| pool.submit(move || item(n));
        let mut window: VecDeque<_> = (0..ON_THEIR_WAY as u64).map(submit).collect();
        let mut inputs = ON_THEIR_WAY as u64..;
        let next = || {
            let first = window.pop_front()?.wait();
            window.extend(inputs.next().map(submit));
            Some(first)
        };
        taken(self.0, std::iter::from_fn(next))
    }
}

fn taken(items: u64, results: impl Iterator<Item = u64>) -> Figures {
    let count = usize::try_from(items).expect("not so many");
    let start = Instant::now();
    let (sum, peak) = process::growth(|| results.take(count).fold(0, ordered));
    let time = start.elapsed().as_secs_f64() * 1e9 / items as f64;
    assert_eq!(sum, (0..items).map(item).fold(0, ordered));
    figures([("peak memory", peak), ("time an item", time)])
}
