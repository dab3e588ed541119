//! Many tasks, much traffic, exact accounts: random programs over the whole public interface, and afterwards a
//! reckoning in which every task, closure, result and callback has to appear exactly once.
//!
//! `SOAK_SECONDS` sets how long it goes on, `SOAK_SEED` where it starts.

mod driver;
mod ledger;
mod random;
mod tally;
mod task;
mod world;

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, panic};

use driver::Driver;
use random::Random;
use tally::{Event, Tally};
use world::{LAYERS, World};

const DRIVERS: usize = 4;
const DEFAULT_SECONDS: f64 = 3.0;
const DEFAULT_SEED: u64 = 0x00c0_ffee;

/// No round comes near it; a round that does not end within it hangs.
const LONGEST_ROUND: Duration = Duration::from_secs(90);

#[test]
fn soak() {
    let seconds = variable("SOAK_SECONDS").unwrap_or(DEFAULT_SECONDS);
    let mut seed = variable("SOAK_SEED").unwrap_or(DEFAULT_SEED);
    println!("SOAK_SEED={seed} SOAK_SECONDS={seconds}");
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let tally = Arc::new(Tally::new());
    loop {
        guarded_round(seed, &tally);
        seed = Random::new(seed).next();
        if Instant::now() >= end {
            break;
        }
    }
    println!("{tally}");
}

fn variable<V: std::str::FromStr>(name: &str) -> Option<V> {
    let text = env::var(name).ok()?;
    let value = text.parse().ok();
    assert!(value.is_some(), "{name} is not a number: {text}");
    value
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
    let again = format!(
        "repeat with: SOAK_SEED={seed} SOAK_SECONDS=0 cargo test --test it soak -- --nocapture"
    );
    match outcome.recv_timeout(LONGEST_ROUND) {
        Ok(Ok(mistakes)) => {
            assert!(
                mistakes.is_empty(),
                "{} mistakes\n{}\n{again}",
                mistakes.len(),
                first(&mistakes)
            );
        }
        Ok(Err(_)) => panic!("a driver panicked\n{again}"),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            panic!("a round does not end\n{tally}\n{again}")
        }
    }
    runner.join().expect("its panics are caught inside");
}

fn first(mistakes: &[String]) -> String {
    mistakes
        .iter()
        .take(10)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n")
}

fn round(seed: u64, tally: &Arc<Tally>) -> Vec<String> {
    tally.count(Event::Round);
    let mut random = Random::new(seed);
    let world = World::new(tally, &mut random);
    thread::scope(|scope| {
        for _ in 0..DRIVERS {
            let driver = Driver::new(&world, random.next());
            scope.spawn(move || driver.run());
        }
    });
    // From the lowest layer up: the tasks of a pool still submit to the pools above it.
    for layer in 0..LAYERS {
        drop(world.take(layer));
    }
    // A pool whose last handle was dropped by one of its workers ends by itself, a moment later.
    let patience = Instant::now() + LONGEST_ROUND / 2;
    while !world.is_settled() && Instant::now() < patience {
        thread::sleep(Duration::from_millis(1));
    }
    world.close()
}
