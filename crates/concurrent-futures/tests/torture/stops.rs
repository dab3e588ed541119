//! The tokens of a round: new ones, ones below others, ones with a deadline; and what is to happen when they are
//! cancelled.

use std::cell::RefCell;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use concurrent_futures::CancelToken;

use crate::ledger::stop::{Deadline, Stop};
use crate::random::Random;
use crate::tally::Event;
use crate::world::World;

const KEPT: usize = 6;

thread_local! {
    /// What may stop the tasks that are submitted here: the stops of the task that runs.
    static AMBIENT: RefCell<Vec<Arc<Stop>>> = RefCell::default();
}

pub(crate) fn ambient() -> Vec<Arc<Stop>> {
    AMBIENT.with_borrow(Clone::clone)
}

/// With the stops of a task, for as long as it runs.
pub(crate) struct Within(Vec<Arc<Stop>>);

impl Within {
    pub(crate) fn enter(stops: &[Arc<Stop>]) -> Self {
        Self(AMBIENT.replace(stops.to_vec()))
    }

    /// In a callback, which may see those of its task and those of the thread.
    pub(crate) fn add(stops: &[Arc<Stop>]) -> Self {
        let mut both = ambient();
        both.extend_from_slice(stops);
        Self::enter(&both)
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        AMBIENT.set(std::mem::take(&mut self.0));
    }
}

#[derive(Debug, Default)]
pub(crate) struct Stops {
    kept: Mutex<Vec<Arc<Stop>>>,
    reactions: Mutex<Vec<(Arc<Stop>, Arc<Reaction>)>>,
}

/// A callback of a token, kept until it is called.
#[derive(Debug, Default)]
struct Reaction {
    runs: AtomicU32,
    drops: AtomicU32,
}

struct Carried(Arc<Reaction>);

impl Drop for Carried {
    fn drop(&mut self) {
        self.0.drops.fetch_add(1, SeqCst);
    }
}

/// A limit as a deadline, and what the ledger has to know of it.
pub(crate) fn deadline_of(limit: Duration) -> Deadline {
    if limit == Duration::MAX {
        Deadline::None
    } else {
        Deadline::Some
    }
}

impl Stops {
    /// One that others use, too, or a new one.
    pub(crate) fn draw(&self, world: &World, random: &mut Random) -> Arc<Stop> {
        let mut kept = self.kept.lock().expect("held for a choice only");
        if kept.len() == KEPT && random.percent(80) {
            return Arc::clone(&kept[random.below(KEPT)]);
        }
        world.tally.count(Event::TokenMade);
        let place = random.below(KEPT);
        let made = make(&kept, random);
        match kept.get_mut(place) {
            Some(old) => drop(std::mem::replace(old, Arc::clone(&made))),
            None => kept.push(Arc::clone(&made)),
        }
        made
    }

    /// Cancels one, or leaves a callback at it.
    pub(crate) fn use_one(&self, world: &World, random: &mut Random) {
        let stop = self.draw(world, random);
        if random.percent(40) {
            world.tally.count(Event::TokenCancelled);
            stop.ask();
            stop.token.cancel();
            if !stop.token.is_cancelled() || stop.token.check().is_ok() {
                world.object("a cancelled token denies it".to_owned());
            }
            return;
        }
        world.tally.count(Event::OnCancel);
        let reaction = Arc::new(Reaction::default());
        let carried = Carried(Arc::clone(&reaction));
        let gives_up = random.percent(20);
        let guard = stop.token.on_cancel(move || {
            carried.0.runs.fetch_add(1, SeqCst);
            if gives_up {
                resume_unwind(Box::new("a token's callback gives up"));
            }
        });
        if random.percent(30) {
            drop(guard);
            if reaction.drops.load(SeqCst) > 1 || reaction.runs.load(SeqCst) > 1 {
                world.object("a token's callback ran or went twice".to_owned());
            }
            return;
        }
        guard.keep();
        let mut reactions = self.reactions.lock().expect("held for a push only");
        reactions.push((stop, reaction));
    }

    /// Makes one the ambient one of the calling thread for as long as `f` runs.
    pub(crate) fn enter(&self, world: &World, random: &mut Random, f: impl FnOnce()) {
        let stop = self.draw(world, random);
        world.tally.count(Event::TokenEntered);
        stop.token.clone().enter(|| {
            let _within = Within::enter(&[stop]);
            f();
        });
    }

    pub(crate) fn close(&self) -> Vec<String> {
        self.kept.lock().expect("held for a swap only").clear();
        let reactions = std::mem::take(&mut *self.reactions.lock().expect("held for a swap only"));
        let mistake = |(stop, reaction): &(Arc<Stop>, Arc<Reaction>)| {
            let (runs, drops) = (reaction.runs.load(SeqCst), reaction.drops.load(SeqCst));
            let missed = stop.was_asked() && (runs, drops) != (1, 1);
            (missed || runs > 1 || drops > 1)
                .then(|| format!("a token's callback: {runs} runs, {drops} drops, {stop:?}"))
        };
        reactions.iter().filter_map(mistake).collect()
    }
}

fn make(kept: &[Arc<Stop>], random: &mut Random) -> Arc<Stop> {
    if kept.is_empty() || random.percent(40) {
        return Stop::new(CancelToken::new(), Deadline::None, Vec::new());
    }
    let first = &kept[random.below(kept.len())];
    let second = &kept[random.below(kept.len())];
    let below = |token, deadline| Stop::new(token, deadline, vec![Arc::clone(first)]);
    let limit = random.limit();
    match random.below(4) {
        0 => below(first.token.child(), Deadline::None),
        1 => Stop::new(
            CancelToken::any([&first.token, &second.token]),
            Deadline::None,
            vec![Arc::clone(first), Arc::clone(second)],
        ),
        2 => below(first.token.with_timeout(limit), deadline_of(limit)),
        _ => {
            let deadline = Instant::now() + random.short_limit();
            below(first.token.with_deadline(deadline), Deadline::Some)
        }
    }
}
