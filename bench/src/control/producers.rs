use super::{Figures, Scale, Scenario, Unit, column, figures};
use crate::{
    pools::{self, Pool},
    process,
    sync::Countdown,
    workloads::grind,
};
use concurrent_futures::ThreadPoolExecutor;
use std::{hint::black_box, thread, time::Instant};

pub(super) const SCENARIO: Scenario = Scenario {
    id: "producers",
    title: "four threads submit 10 000 000 tasks, faster than two workers run them; `ours` and the channel of \
            `bounded_channel` hold a thousand, the others have no bound",
    columns: &[
        column("peak memory", Unit::Bytes),
        column("time a task", Unit::Nanoseconds),
    ],
    contestants: &[
        "ours",
        "bounded_channel",
        "ours_unbounded",
        "rayon",
        "threadpool",
        "rusty_pool",
        "tokio_blocking",
    ],
    limit: 120,
    run,
};

const PRODUCERS: u64 = 4;
const WORKERS: usize = 2;
const BOUND: usize = 1_000;
/// About 300 ns: more than a submit takes.
const ROUNDS: u32 = 200;

fn run(contestant: &str, scale: &Scale) -> Figures {
    let each = scale.of(10_000_000) / PRODUCERS;
    match contestant {
        "ours" => {
            let pool = ThreadPoolExecutor::builder()
                .max_workers(WORKERS)
                .queue_capacity(BOUND)
                .build()
                .expect("valid numbers");
            flood(each, |left, n| drop(pool.submit(move || step(left, n))))
        }
        "bounded_channel" => {
            let (sender, receiver) = crossbeam_channel::bounded::<Box<dyn FnOnce() + Send>>(BOUND);
            for _ in 0..WORKERS {
                let receiver = receiver.clone();
                thread::spawn(move || receiver.into_iter().for_each(|task| task()));
            }
            flood(each, |left, n| {
                let task = Box::new(move || step(left, n));
                sender.send(task).expect("workers receive");
            })
        }
        "ours_unbounded" => pools::visit(pools::OURS, Flood(each)).expect("ours"),
        peer => pools::visit(peer, Flood(each)).expect("a contestant"),
    }
}

struct Flood(u64);

impl pools::Visitor<Figures> for Flood {
    fn visit<P: Pool>(self) -> Figures {
        let pool = P::start(WORKERS);
        flood(self.0, |left, n| pool.spawn(move || step(left, n)))
    }
}

fn flood(each: u64, submit: impl Fn(&'static Countdown, u64) + Sync) -> Figures {
    let tasks = each * PRODUCERS;
    let left = Countdown::leaked(tasks);
    let start = Instant::now();
    let ((), peak) = process::growth(|| {
        thread::scope(|scope| {
            for _ in 0..PRODUCERS {
                scope.spawn(|| (0..each).for_each(|n| submit(left, n)));
            }
        });
        left.wait();
    });
    let time = start.elapsed().as_secs_f64() * 1e9 / tasks as f64;
    figures([("peak memory", peak), ("time a task", time)])
}

fn step(left: &Countdown, n: u64) {
    black_box(grind(n, ROUNDS));
    left.count_down();
}
