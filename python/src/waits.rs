//! Which worker sleeps for what: how a wait that can never end is found.
//!
//! A worker that is about to sleep without a limit, for futures that it needs every one of, writes
//! down which tasks lie on its stack and what it waits for. If what it waits for leads, over the stacks
//! of other sleepers, back to its own stack, its wait would never end.
//!
//! One register serves all pools, so a circle may lead through several of them. All of it is behind
//! one lock, so whoever closes a circle sees the rest. A task on the stack of somebody who is written
//! down has not ended, because he is struck off before his wait returns.

use crate::{errors, future::Future, running};
use pyo3::prelude::*;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Held for a moment, and never while Python code runs or an object is dropped.
static REGISTER: Mutex<Register> = Mutex::new(Register {
    next: 0,
    sleepers: BTreeMap::new(),
    bearers: BTreeMap::new(),
});

struct Register {
    next: u64,
    sleepers: BTreeMap<u64, Sleeper>,
    /// On whose stack a future's task lies.
    bearers: BTreeMap<usize, u64>,
}

struct Sleeper {
    worker: Arc<running::Running>,
    stack: Vec<Py<Future>>,
    awaited: Vec<Py<Future>>,
}

/// As long as this lives, the sleeper is in the register.
#[must_use]
pub(crate) struct Asleep(Option<u64>);

fn register() -> MutexGuard<'static, Register> {
    REGISTER.lock().unwrap_or_else(PoisonError::into_inner)
}

fn address(future: &Py<Future>) -> usize {
    future.as_ptr() as usize
}

/// The calling thread is about to sleep until all of these are done. An error, if it would sleep for
/// ever.
pub(crate) fn fall_asleep<'a, 'py: 'a>(
    py: Python<'py>,
    awaited: impl IntoIterator<Item = &'a Bound<'py, Future>>,
) -> PyResult<Asleep> {
    let Some(worker) = running::mine() else {
        return Ok(Asleep(None));
    };
    let sleeper = Sleeper {
        stack: worker.stack(py),
        worker,
        awaited: awaited
            .into_iter()
            .map(|future| future.clone().unbind())
            .collect(),
    };
    match register().enter(sleeper) {
        Ok(number) => Ok(Asleep(Some(number))),
        Err((circle, _sleeper)) => Err(errors::deadlock(py, &circle)),
    }
}

/// In the child of a fork, where none of them is any more.
pub(crate) fn forget_all() {
    let gone = {
        let mut register = register();
        register.bearers.clear();
        std::mem::take(&mut register.sleepers)
    };
    drop(gone);
}

impl Drop for Asleep {
    fn drop(&mut self) {
        let Some(number) = self.0 else {
            return;
        };
        let gone = register().leave(number);
        drop(gone);
    }
}

type Circle = Vec<String>;

impl Register {
    /// Gives the sleeper back with the circle that it would close: its objects are not to be dropped
    /// under the lock.
    fn enter(&mut self, sleeper: Sleeper) -> Result<u64, (Circle, Sleeper)> {
        if let Some(circle) = self.circle(&sleeper) {
            return Err((circle, sleeper));
        }
        let number = self.next;
        self.next += 1;
        for future in &sleeper.stack {
            self.bearers.insert(address(future), number);
        }
        self.sleepers.insert(number, sleeper);
        Ok(number)
    }

    fn leave(&mut self, number: u64) -> Option<Sleeper> {
        let sleeper = self.sleepers.remove(&number)?;
        for future in &sleeper.stack {
            self.bearers.remove(&address(future));
        }
        Some(sleeper)
    }

    /// The workers on the way from `first` back to itself, if there is one.
    fn circle(&self, first: &Sleeper) -> Option<Circle> {
        // Each step is a sleeper, and how many of those it awaits were followed.
        let mut way = vec![(first, 0)];
        let mut seen = Vec::new();
        while let Some((sleeper, followed)) = way.last_mut() {
            let sleeper = *sleeper;
            let Some(future) = sleeper.awaited.get(*followed) else {
                way.pop();
                continue;
            };
            *followed += 1;
            if future.get().phase().is_done() {
                continue;
            }
            if first.stack.iter().any(|own| own.is(future)) {
                return Some(
                    way.iter()
                        .map(|(step, _)| step.worker.name.clone())
                        .collect(),
                );
            }
            let Some(bearer) = self.bearers.get(&address(future)) else {
                continue;
            };
            if !seen.contains(bearer) {
                seen.push(*bearer);
                way.extend(self.sleepers.get(bearer).map(|next| (next, 0)));
            }
        }
        None
    }
}
