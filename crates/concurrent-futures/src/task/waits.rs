//! Who sleeps for what, among the workers of a pool: how a wait that can never end is found.
//!
//! A worker that is about to sleep without a limit, for tasks of its own pool that run elsewhere,
//! writes down which tasks lie on its stack and which ones it waits for, all of which it needs.
//! Each task on the stack of a sleeper so waits for each task that the sleeper waits for. If that
//! leads back to the stack of the one who is about to sleep, its wait would never end.
//!
//! All in one lock, so whoever closes a circle sees the rest of it. And no circle is seen that is
//! none: a task on the stack of somebody who is written down has not ended, because he is struck
//! off before his wait returns; so whoever waits for it still waits.

use super::{names::Names, slot::SlotRef, state::Seen};
use crate::{
    error::{Deadlock, Step},
    sync::{Mutex, lock},
};
use std::{collections::BTreeMap, sync::Arc};

/// The sleepers of a pool.
pub(crate) struct Waits(Mutex<Register>);

#[derive(Default)]
struct Register {
    next: u64,
    sleepers: BTreeMap<u64, Sleeper>,
    /// On whose stack a task lies.
    bearers: BTreeMap<usize, u64>,
}

/// One that sleeps.
pub(super) struct Sleeper {
    pub(super) worker: Arc<str>,
    /// The tasks on its stack.
    pub(super) stack: Vec<SlotRef>,
    /// The tasks of which it needs every one.
    pub(super) awaited: Vec<SlotRef>,
    /// When it needs one no longer.
    pub(super) until: fn(Seen) -> bool,
}

// SAFETY: of the slots only the state is looked at, and they are alive while the sleeper is
// registered: it runs some, and has handles of the others.
unsafe impl Send for Sleeper {}

/// As long as this lives, the sleeper is in the register.
#[must_use]
pub(super) struct Asleep<'a> {
    waits: &'a Waits,
    number: u64,
}

impl Waits {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Register::default()))
    }

    /// Registers one that is about to sleep, unless its wait would never end.
    pub(super) fn enter(&self, sleeper: Sleeper) -> Result<Asleep<'_>, Deadlock> {
        let mut register = lock(&self.0);
        if let Some(circle) = register.circle(&sleeper) {
            return Err(Deadlock::new(circle));
        }
        let number = register.next;
        register.next += 1;
        for slot in &sleeper.stack {
            register.bearers.insert(slot.address(), number);
        }
        register.sleepers.insert(number, sleeper);
        Ok(Asleep {
            waits: self,
            number,
        })
    }
}

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        let mut register = lock(&self.waits.0);
        if let Some(sleeper) = register.sleepers.remove(&self.number) {
            for slot in &sleeper.stack {
                register.bearers.remove(&slot.address());
            }
        }
    }
}

impl Register {
    /// The tasks on the way from `first` back to itself, if there is one.
    fn circle(&self, first: &Sleeper) -> Option<Vec<Step>> {
        // Each step is a sleeper, the number of its awaited slots that were followed, and the task
        // on its stack that the step before waits for.
        let mut way = vec![(first, 0, None)];
        let mut seen = Vec::new();
        while let Some((sleeper, followed, _)) = way.last_mut() {
            let sleeper = *sleeper;
            let Some(slot) = sleeper.awaited.get(*followed) else {
                way.pop();
                continue;
            };
            *followed += 1;
            if (sleeper.until)(slot.state.look()) {
                continue;
            }
            if first.stack.contains(slot) {
                way[0].2 = Some(*slot);
                let step = |&(sleeper, _, task): &(&Sleeper, usize, Option<SlotRef>)| Step {
                    worker: Arc::clone(&sleeper.worker),
                    task: task.and_then(Names::of),
                };
                return Some(way.iter().map(step).collect());
            }
            if let Some(bearer) = self.bearers.get(&slot.address()) {
                if !seen.contains(bearer) {
                    seen.push(*bearer);
                    way.extend(self.sleepers.get(bearer).map(|next| (next, 0, Some(*slot))));
                }
            }
        }
        None
    }
}
