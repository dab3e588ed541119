//! Many tasks, much traffic, exact accounts: random programs over the whole public interface, and afterwards a
//! reckoning in which every task, closure, result and callback has to appear exactly once.
//!
//! `TORTURE_SECONDS` sets how long it goes on, or `TORTURE_TASKS` until how many tasks are accounted for;
//! `TORTURE_SEED` sets where it starts.

#[path = "../memory/counting.rs"]
#[allow(dead_code, reason = "the other program counts allocations, too")]
mod counting;
mod driver;
mod groups;
mod ledger;
mod maps;
mod memory;
mod pools;
mod random;
mod scopes;
mod stops;
mod tally;
mod tasks;
mod threads;
mod wakers;
mod world;

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, panic};

use driver::Driver;
use memory::Memory;
use random::Random;
use tally::{Event, Tally, grouped};
use threads::Threads;
use world::{LAYERS, World};

const DRIVERS: usize = 4;
const DEFAULT_SECONDS: f64 = 10.0;
/// On a build server.
const CI_SECONDS: f64 = 60.0;
const DEFAULT_SEED: u64 = 0x00c0_ffee;

/// No round comes near it; a round that does not end within it hangs.
const LONGEST_ROUND: Duration = Duration::from_secs(90);

const WARM_UP: [u64; 3] = [1, 2, 3];

/// How often a long run tells how far it has come.
const REPORT: Duration = Duration::from_secs(60);

#[test]
fn torture() {
    let usual = if env::var("CI").is_ok_and(|ci| ci == "true") {
        CI_SECONDS
    } else {
        DEFAULT_SECONDS
    };
    let wanted: Option<u64> = variable("TORTURE_TASKS");
    let seconds = variable("TORTURE_SECONDS").unwrap_or(usual);
    let first = variable("TORTURE_SEED").unwrap_or(DEFAULT_SEED);
    let begun = Instant::now();
    let tally = Arc::new(Tally::new());
    // What a process keeps for good is there after a few rounds of any kind.
    for seed in WARM_UP {
        guarded_round(seed, &Arc::new(Tally::new()));
    }
    let memory = Memory::settled();
    let mut reported = Duration::ZERO;
    let mut seed = first;
    loop {
        guarded_round(seed, &tally);
        let left = memory.left();
        let again = again(seed);
        assert!(left == 0, "a round has left {left} bytes\n{again}");
        seed = Random::new(seed).next();
        let elapsed = begun.elapsed();
        let is_enough = match wanted {
            Some(tasks) => tally.tasks() >= tasks,
            None => elapsed.as_secs_f64() >= seconds,
        };
        if is_enough {
            break;
        }
        if elapsed >= reported + REPORT {
            reported = elapsed;
            println!("{}", summary(&tally, elapsed));
        }
    }
    let summary = summary(&tally, begun.elapsed());
    println!("{tally}\n{summary}\nseed {first}, no byte left");
}

fn summary(tally: &Tally, elapsed: Duration) -> String {
    let (tasks, seconds) = (tally.tasks(), elapsed.as_secs());
    let rate = tasks / seconds.max(1);
    format!(
        "{} tasks in {seconds} s, {} each second",
        grouped(tasks),
        grouped(rate)
    )
}

fn variable<V: std::str::FromStr>(name: &str) -> Option<V> {
    let text = env::var(name).ok()?;
    let value = text.parse().ok();
    assert!(value.is_some(), "{name} is not a number: {text}");
    value
}

fn again(seed: u64) -> String {
    format!("repeat with: cargo xtask torture --seconds 0 --seed {seed}")
}

/// Each round starts from its own seed, so that a failing one can be run first and alone.
fn guarded_round(seed: u64, tally: &Arc<Tally>) {
    let (finished, outcome) = mpsc::channel();
    let for_round = Arc::clone(tally);
    let runner = thread::spawn(move || {
        let mistakes = panic::catch_unwind(|| round(seed, &for_round));
        // Nobody listens any more once the round has taken too long.
        let _ = finished.send(mistakes);
    });
    let again = again(seed);
    match outcome.recv_timeout(LONGEST_ROUND) {
        Ok(Ok(mistakes)) => {
            let first = mistakes.iter().take(10).cloned().collect::<Vec<_>>();
            let (count, first) = (mistakes.len(), first.join("\n"));
            assert!(mistakes.is_empty(), "{count} mistakes\n{first}\n{again}");
        }
        Ok(Err(_)) => panic!("a driver panicked\n{again}"),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            panic!("a round does not end\n{tally}\n{again}")
        }
    }
    runner.join().expect("its panics are caught inside");
}

fn round(seed: u64, tally: &Arc<Tally>) -> Vec<String> {
    tally.count(Event::Round);
    let before = Threads::now();
    let mut random = Random::new(seed);
    let (world, remains) = World::new(tally, &mut random);
    let undertaker = thread::spawn(move || remains.into_iter().for_each(drop));
    thread::scope(|scope| {
        for _ in 0..DRIVERS {
            let driver = Driver::new(&world, random.next());
            let world = &world;
            scope.spawn(move || {
                let run = panic::AssertUnwindSafe(|| driver.run());
                if let Err(payload) = panic::catch_unwind(run) {
                    let said = payload.downcast_ref::<&str>().copied();
                    let said = said.unwrap_or("not a text");
                    world.object(format!("a panic reached a driver: {said}"));
                }
            });
        }
    });
    // From the lowest layer up: the tasks of a pool still submit to the pools above it.
    for layer in 0..LAYERS {
        drop(world.take(layer));
    }
    // A pool whose last handle was dropped by one of its workers ends by itself, a moment later.
    let patience = Instant::now() + LONGEST_ROUND / 2;
    let wait_until = |holds: &dyn Fn() -> bool| {
        while !holds() && Instant::now() < patience {
            thread::sleep(Duration::from_millis(1));
        }
    };
    wait_until(&|| world.is_settled());
    world.dismiss_undertaker();
    let mut mistakes = Vec::new();
    if undertaker.join().is_err() {
        mistakes.push("a drop has panicked".to_owned());
    }
    wait_until(&|| Threads::now() <= before);
    let left = Threads::now();
    if left > before {
        mistakes.push(format!("{before:?} before the round, {left:?} after it"));
    }
    mistakes.extend(world.close());
    mistakes
}
