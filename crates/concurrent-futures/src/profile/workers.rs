//! What each thread did.

use super::histogram::nanos;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// What one thread did for the pool: a worker, or one that ran tasks while it waited or submitted.
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::builder().max_workers(2).profile().build()?;
/// pool.submit(|| ()).result().unwrap();
/// let profile = pool.profile().expect("asked for above");
/// assert_eq!(profile.workers()[0].tasks, 1);
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkerLoad {
    /// The name of the thread.
    pub name: Arc<str>,
    /// How many tasks it has run to their ends.
    pub tasks: u64,
    /// How long it ran tasks, the one included that it runs now.
    pub busy: Duration,
    /// For how much of that it used a processor, without the one that it runs now.
    pub cpu: Duration,
}

/// The threads that one lane knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Workers {
    loads: Vec<Load>,
}

#[derive(Clone, Debug)]
struct Load {
    name: Arc<str>,
    tasks: u64,
    /// In nanoseconds.
    busy: u128,
    cpu: u128,
}

impl Workers {
    /// Threads that come later are counted together, so that a pool whose threads come and go for years
    /// needs no more memory for it.
    const MOST: usize = 256;
    const OTHERS: &'static str = "(others)";

    /// The place of a thread in this table.
    #[inline]
    pub(super) fn index(&mut self, name: &Arc<str>) -> usize {
        let found = self
            .loads
            .iter()
            .position(|load| Arc::ptr_eq(&load.name, name));
        found.unwrap_or_else(|| self.enter(name))
    }

    #[cold]
    fn enter(&mut self, name: &Arc<str>) -> usize {
        if let Some(index) = self.loads.iter().position(|load| load.name == *name) {
            return index;
        }
        let name = match self.loads.len() {
            0..Self::MOST => Arc::clone(name),
            Self::MOST => Arc::from(Self::OTHERS),
            _ => return Self::MOST,
        };
        self.loads.push(Load {
            name,
            tasks: 0,
            busy: 0,
            cpu: 0,
        });
        self.loads.len() - 1
    }

    pub(super) fn name(&self, index: usize) -> Arc<str> {
        Arc::clone(&self.loads[index].name)
    }

    #[inline]
    pub(super) fn ran(&mut self, index: usize, busy: u64, cpu: u64) {
        let load = &mut self.loads[index];
        load.tasks += 1;
        load.busy += u128::from(busy);
        load.cpu += u128::from(cpu);
    }

    /// It runs a task and has for so long.
    pub(super) fn runs(&mut self, index: usize, busy: u64) {
        self.loads[index].busy += u128::from(busy);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.loads.extend_from_slice(&other.loads);
    }

    /// By name, and by number where names differ by that.
    pub(super) fn into_loads(self) -> Vec<WorkerLoad> {
        let mut by_name = BTreeMap::new();
        for load in self.loads {
            let sum = by_name.entry(key(&load.name)).or_insert(Load {
                tasks: 0,
                busy: 0,
                cpu: 0,
                ..load.clone()
            });
            sum.tasks += load.tasks;
            sum.busy += load.busy;
            sum.cpu += load.cpu;
        }
        let loads = by_name.into_values().map(|load| WorkerLoad {
            name: load.name,
            tasks: load.tasks,
            busy: nanos(load.busy),
            cpu: nanos(load.cpu),
        });
        loads.collect()
    }
}

/// `download_9` comes before `download_10`.
fn key(name: &str) -> (String, Option<u64>, String) {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = name[stem.len()..].parse().ok();
    (stem.to_owned(), number, name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_put_together_by_name_and_sorted_by_number() {
        let mut one = Workers::default();
        let mut two = Workers::default();
        for n in (0..12).rev() {
            let name = Arc::from(format!("w_{n}"));
            for workers in [&mut one, &mut two] {
                let index = workers.index(&name);
                workers.ran(index, 10, 4);
            }
        }
        one.merge(&two);
        let loads = one.into_loads();
        let names: Vec<_> = loads.iter().map(|load| &*load.name).collect();
        assert_eq!(names[..3], ["w_0", "w_1", "w_2"]);
        assert_eq!(names[10..], ["w_10", "w_11"]);
        assert!(loads.iter().all(|load| load.tasks == 2));
        assert!(
            loads
                .iter()
                .all(|load| load.busy == Duration::from_nanos(20))
        );
        assert!(loads.iter().all(|load| load.cpu == Duration::from_nanos(8)));
    }

    #[test]
    fn threads_without_end_need_bounded_memory() {
        let mut workers = Workers::default();
        for n in 0..100_000 {
            let index = workers.index(&Arc::from(format!("w_{n}")));
            workers.ran(index, 1, 1);
        }
        assert_eq!(workers.loads.len(), Workers::MOST + 1);
        let loads = workers.into_loads();
        assert_eq!(loads.iter().map(|load| load.tasks).sum::<u64>(), 100_000);
    }
}
