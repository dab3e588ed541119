//! What each task was meant to do, what was seen of it, and whether the two agree.

pub(crate) mod counted;
pub(crate) mod ending;
mod reckoning;
pub(crate) mod record;
pub(crate) mod stop;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use ending::Ending;
use record::{Draft, TaskRecord};

use crate::pools::PoolRecord;
use crate::tally::{Event, Tally};

#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Vec<Arc<TaskRecord>>>);

/// The tasks of one pool by their endings.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    pub(crate) tasks: usize,
    /// Follow-ups among them that may have had no pool to go to, of which no observer hears then.
    pub(crate) strays: usize,
    pub(crate) runs: usize,
    /// Tasks of which somebody heard that they have ended so.
    heard: BTreeMap<u8, usize>,
    /// Tasks that ran and were to end so.
    ran: BTreeMap<u8, usize>,
}

impl Sums {
    /// No fewer tasks of the pool have ended so.
    pub(crate) fn at_least(&self, ending: Ending) -> usize {
        let heard = self.heard.get(&ending.bit()).copied().unwrap_or(0);
        heard.max(self.ran.get(&ending.bit()).copied().unwrap_or(0))
    }
}

impl Ledger {
    pub(crate) fn open(&self, draft: Draft) -> Arc<TaskRecord> {
        let record = TaskRecord::new(draft);
        let mut records = self.0.lock().expect("held for a push only");
        records.push(Arc::clone(&record));
        record
    }

    pub(crate) fn is_settled(&self) -> bool {
        let records = self.0.lock().expect("held for a look only");
        records.iter().all(|record| record.is_settled())
    }

    pub(crate) fn sums(&self, pool: &Arc<PoolRecord>) -> Sums {
        let mut sums = Sums::default();
        for record in &*self.0.lock().expect("held for a look only") {
            if !Arc::ptr_eq(&record.pool, pool) {
                continue;
            }
            sums.tasks += 1;
            if record.may_be_stray() {
                sums.strays += 1;
                continue;
            }
            if record.has_run() {
                sums.runs += 1;
                *sums.ran.entry(record.plan.bit()).or_default() += 1;
            }
            if let Some(ending) = record.heard_ending() {
                *sums.heard.entry(ending.bit()).or_default() += 1;
            }
        }
        sums
    }

    /// Counts every task under its one ending and returns what does not add up.
    pub(crate) fn close(&self, tally: &Tally) -> Vec<String> {
        let mut mistakes = Vec::new();
        let records = std::mem::take(&mut *self.0.lock().expect("all other users have ended"));
        for record in &records {
            let found = record.mistakes();
            if !found.is_empty() {
                mistakes.push(format!("{}\n    {record:?}", found.join("; ")));
            }
            tally.count(if record.was_refused() {
                Event::Refused
            } else {
                Event::Accepted
            });
            tally.count(record.ending().event());
            if record.heard_ending().is_none() {
                tally.count(Event::Unread);
            }
        }
        for record in &records {
            record.stops.iter().for_each(|stop| stop.dissolve());
        }
        mistakes
    }
}
