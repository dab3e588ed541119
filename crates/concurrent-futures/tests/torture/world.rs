//! What one round works on. Pools stand in layers, and whoever blocks on a thread of one layer waits only for a
//! higher layer, for a newer pool of the same one, or for tasks that it has itself given to its own pool: so the
//! waits of a program never close a circle.

use std::any::Any;
use std::mem;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use crate::ledger::Ledger;
use crate::pools::{Pool, PoolRecord};
use crate::random::Random;
use crate::stops::Stops;
use crate::tally::{Event, Tally};
use crate::wakers::Wakers;

pub(crate) const LAYERS: usize = 4;

/// Something to be dropped by another thread.
type Remains = Box<dyn Any + Send>;

#[derive(Debug)]
pub(crate) struct World {
    slots: [Mutex<Option<Pool>>; LAYERS],
    pub(crate) ledger: Ledger,
    pub(crate) stops: Stops,
    pub(crate) wakers: Wakers,
    pub(crate) tally: Arc<Tally>,
    pools: Mutex<Vec<Arc<PoolRecord>>>,
    remains: Mutex<Option<Sender<Remains>>>,
    mistakes: Mutex<Vec<String>>,
}

impl World {
    /// And what the undertaker of this world is to listen to.
    pub(crate) fn new(tally: &Arc<Tally>, random: &mut Random) -> (Arc<Self>, Receiver<Remains>) {
        let (send, receive) = mpsc::channel();
        let world = Arc::new(Self {
            slots: std::array::from_fn(|_| Mutex::new(None)),
            ledger: Ledger::default(),
            stops: Stops::default(),
            wakers: Wakers::default(),
            tally: Arc::clone(tally),
            pools: Mutex::default(),
            remains: Mutex::new(Some(send)),
            mistakes: Mutex::default(),
        });
        for layer in 0..LAYERS {
            world.renew(layer, random);
        }
        (world, receive)
    }

    pub(crate) fn pool(&self, layer: usize) -> Option<Pool> {
        let slot = self.slots[layer].lock().expect("held for a clone only");
        slot.clone()
    }

    /// One of this layer or above.
    pub(crate) fn pool_from(&self, layer: usize, random: &mut Random) -> Option<Pool> {
        self.pool(layer + random.below(LAYERS - layer))
    }

    pub(crate) fn take(&self, layer: usize) -> Option<Pool> {
        self.swap(layer, None)
    }

    /// Takes the pool out unless a newer one stands in its place.
    pub(crate) fn take_this(&self, pool: &Pool) -> Option<Pool> {
        let slot = &self.slots[pool.record.layer];
        let mut slot = slot.lock().expect("held for a swap only");
        slot.take_if(|standing| {
            let same = Arc::ptr_eq(&standing.record, &pool.record);
            standing.record.released.fetch_or(same, SeqCst);
            same
        })
    }

    /// Puts a fresh pool into the place and hands back the old one.
    pub(crate) fn renew(&self, layer: usize, random: &mut Random) -> Option<Pool> {
        let pool = Pool::build(layer, random);
        self.tally.count(Event::PoolBuilt);
        let mut pools = self.pools.lock().expect("held for a push only");
        pools.push(Arc::clone(&pool.record));
        drop(pools);
        self.swap(layer, Some(pool))
    }

    fn swap(&self, layer: usize, next: Option<Pool>) -> Option<Pool> {
        let mut slot = self.slots[layer].lock().expect("held for a swap only");
        if let Some(standing) = &*slot {
            standing.record.released.store(true, SeqCst);
        }
        mem::replace(&mut slot, next)
    }

    /// Lets a thread of no pool drop it, soon.
    pub(crate) fn bury(&self, remains: impl Any + Send) {
        self.tally.count(Event::DroppedElsewhere);
        let sender = self.remains.lock().expect("held for a send only");
        let Some(sender) = &*sender else { return };
        let sent = sender.send(Box::new(remains));
        sent.unwrap_or_else(|_| unreachable!("the undertaker goes last"));
    }

    pub(crate) fn dismiss_undertaker(&self) {
        drop(self.remains.lock().expect("held for a send only").take());
    }

    pub(crate) fn object(&self, mistake: String) {
        let mut mistakes = self.mistakes.lock().expect("held for a push only");
        mistakes.push(mistake);
    }

    pub(crate) fn is_settled(&self) -> bool {
        let ended = |pool: &Arc<PoolRecord>| {
            let told = pool.witness.as_ref();
            pool.threads.load(SeqCst) == 0 && told.is_none_or(|witness| witness.is_settled())
        };
        let pools = self.pools.lock().expect("held for a look only");
        pools.iter().all(ended) && self.ledger.is_settled()
    }

    pub(crate) fn close(&self) -> Vec<String> {
        let mut mistakes = mem::take(&mut *self.mistakes.lock().expect("held for a push only"));
        for pool in &*self.pools.lock().expect("held for a look only") {
            if pool.threads.load(SeqCst) != 0 {
                mistakes.push(format!("threads left: {pool:?}"));
            }
            if let Some(witness) = &pool.witness {
                self.tally.add(Event::Observed, witness.told());
                let found = witness.mistakes(&self.ledger.sums(pool));
                let at = |mistake| format!("{mistake}\n    {pool:?}");
                mistakes.extend(found.into_iter().map(at));
            }
        }
        mistakes.extend(self.ledger.close(&self.tally));
        mistakes.extend(self.stops.close());
        mistakes.extend(self.wakers.close(&self.tally));
        mistakes
    }
}
