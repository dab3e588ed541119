//! Runs one program to its end.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::compare::differences;
use super::program::{Op, Program};
use super::real::Driver;
use super::reference::Reference;

/// So long may a correct pool take on a busy machine for what it does at once.
const PATIENCE: Duration = Duration::from_secs(60);
/// So long is a failing program waited for, that is to be made smaller.
const LITTLE_PATIENCE: Duration = Duration::from_secs(1);
/// A program that does not end at all: so many times its patience.
const HANGS: u32 = 3;

static HAS_FAILED: AtomicBool = AtomicBool::new(false);

/// What has gone otherwise than in the reference, and where.
pub(crate) fn run(program: &Program) -> Result<(), String> {
    let (tell, told) = mpsc::channel();
    let (own, progress) = (program.clone(), Arc::new(AtomicUsize::new(0)));
    let watched = Arc::clone(&progress);
    thread::spawn(move || {
        // Nobody listens any more once it has taken too long.
        let _ = tell.send(run_here(&own, &watched));
    });
    let step = || progress.load(SeqCst);
    let outcome = match told.recv_timeout(HANGS * patience()) {
        Ok(outcome) => outcome,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(format!("operation {} does not end", step())),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(format!("operation {} panicked", step())),
    };
    if outcome.is_err() {
        HAS_FAILED.store(true, SeqCst);
    }
    outcome
}

fn run_here(program: &Program, progress: &AtomicUsize) -> Result<(), String> {
    let mut reference = Reference::new(program.setup);
    let mut driver = Driver::new(program.setup);
    let mut ops = program.ops.iter().cloned();
    for step in 0.. {
        progress.store(step, SeqCst);
        let Some(op) = ops.next().or_else(|| reference.last_op()) else {
            break;
        };
        if let Err(differences) = obey(&mut reference, &mut driver, &op) {
            driver.stage.give_up();
            // What is wrong may be that it cannot be waited for.
            std::mem::forget(driver);
            return Err(format!("operation {step}, {op:?}:\n  {differences}"));
        }
    }
    let stage = Arc::clone(&driver.stage);
    driver.end();
    match stage.mistakes() {
        mistakes if mistakes.is_empty() => Ok(()),
        mistakes => Err(format!("at the end:\n  {}", mistakes.join("\n  "))),
    }
}

fn obey(reference: &mut Reference, driver: &mut Driver, op: &Op) -> Result<(), String> {
    let command = reference.apply(op);
    let script = std::mem::take(&mut reference.script);
    super::real::lock(&driver.stage.script).extend(script);
    driver.obey(command);
    if wait_until(|| differences(reference, driver).is_empty()) {
        return Ok(());
    }
    Err(differences(reference, driver).join("\n  "))
}

fn patience() -> Duration {
    if HAS_FAILED.load(SeqCst) {
        LITTLE_PATIENCE
    } else {
        PATIENCE
    }
}

/// Whether it came to hold in the time that there is.
pub(crate) fn wait_until(holds: impl Fn() -> bool) -> bool {
    let (patience, begun) = (patience(), Instant::now());
    for round in 0_u32.. {
        if holds() {
            return true;
        }
        if begun.elapsed() > patience {
            break;
        }
        if round < 200 {
            thread::yield_now();
        } else {
            thread::sleep(Duration::from_micros(100));
        }
    }
    holds()
}
