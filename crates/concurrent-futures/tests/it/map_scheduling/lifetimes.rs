//! Inputs, results and the function itself each die once, and in time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use concurrent_futures::{Map, Shutdown};

use super::MANY;
use crate::support::{Gate, LogCapture, Probe, hold, pool, watchdog};

/// Every way to be done with an iteration.
const ENDINGS: [fn(Map<Counted, Counted>); 5] = [
    |results| drop(results),
    |results| drop(results.collect::<Vec<_>>()),
    |mut results| drop(results.next()),
    |results| drop(results.take(700).collect::<Vec<_>>()),
    |results| drop(results.timeout(Duration::ZERO).collect::<Vec<_>>()),
];

/// A value that tells of its birth and of its death.
struct Counted(Arc<Counters>);

#[derive(Default)]
struct Counters {
    births: AtomicUsize,
    deaths: AtomicUsize,
}

impl Counted {
    fn new(counters: &Arc<Counters>) -> Self {
        counters.births.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(counters))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.deaths.fetch_add(1, Ordering::SeqCst);
    }
}

fn use_it<T>(_value: &T) {}

#[test]
fn every_value_dies_once_however_the_iteration_ends() {
    const ITEMS: usize = 2000;
    watchdog(|| {
        for workers in 1..=4 {
            for failing in [0, 1, 1000, ITEMS] {
                for end in ENDINGS {
                    let pool = pool(workers);
                    let [inputs, outcomes, functions] =
                        [(); 3].map(|()| Arc::<Counters>::default());
                    let values = (0..ITEMS).map(|index| (index, Counted::new(&inputs)));
                    let captured = Counted::new(&functions);
                    let results = pool.try_map(values, {
                        let outcomes = Arc::clone(&outcomes);
                        move |(index, _input)| {
                            let _captured = &captured;
                            let outcome = Counted::new(&outcomes);
                            if index == failing {
                                Err(outcome)
                            } else {
                                Ok(outcome)
                            }
                        }
                    });
                    end(results);
                    pool.shutdown();
                    let count = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);
                    assert_eq!(count(&inputs.births), ITEMS);
                    assert_eq!(count(&functions.births), 1);
                    for counters in [inputs, outcomes, functions] {
                        assert_eq!(count(&counters.births), count(&counters.deaths));
                    }
                }
            }
        }
    });
}

#[test]
fn an_input_is_gone_before_its_result_is_given() {
    watchdog(|| {
        let pool = pool(2);
        let probe = Probe::new();
        let inputs: Vec<_> = (0..1000).map(|_| probe.value()).collect();
        let results = pool.map(inputs, |value| {
            let _used = &value;
        });
        for (index, result) in results.enumerate() {
            result.unwrap();
            assert!(probe.deaths() > index);
        }
    });
}

#[test]
fn the_function_is_gone_when_the_last_result_is_given() {
    watchdog(|| {
        for workers in 1..=4 {
            for items in [1, 2, 100, MANY] {
                let pool = pool(workers);
                let probe = Probe::new();
                let value = probe.value();
                let mut results = pool.map(0..items, move |_| use_it(&value));
                assert_eq!(results.by_ref().count(), items);
                assert_eq!(probe.alive(), 0);
                drop(results);
            }
        }
    });
}

#[test]
fn the_function_of_cancelled_items_goes_with_them() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let probe = Probe::new();
        let value = probe.value();
        let results = pool.map(0..1000, move |_| use_it(&value));
        let mut results = results.timeout(Duration::ZERO);
        assert!(results.next().unwrap().unwrap_err().is_timeout());
        drop(results);
        assert_eq!(probe.alive(), 0, "though the queue has not moved");
        held.release();
    });
}

#[test]
fn the_function_stays_for_the_item_that_runs() {
    watchdog(|| {
        for fast in [1, 100, 2000] {
            let pool = pool(1);
            let (entered, leave) = (Gate::new(), Gate::new());
            let probe = Probe::new();
            let value = probe.value();
            let mut results = pool.map(0..3000, {
                let (entered, leave) = (entered.clone(), leave.clone());
                move |index| {
                    let _value = &value;
                    if index == fast {
                        entered.open();
                        leave.wait();
                    }
                }
            });
            results.next().unwrap().unwrap();
            entered.wait();
            drop(results);
            assert_eq!(probe.alive(), 1);
            leave.open();
            probe.wait_for_deaths(1);
        }
    });
}

#[test]
fn results_that_nobody_took_go_with_the_iteration() {
    watchdog(|| {
        let pool = pool(2);
        let probe = Probe::new();
        let results = pool.map(0..1000, {
            let probe = probe.clone();
            move |_| probe.value()
        });
        pool.shutdown();
        assert_eq!(probe.alive(), 1000);
        drop(results);
        assert_eq!(probe.alive(), 0);
    });
}

#[test]
fn a_result_that_comes_after_the_iteration_has_gone_dies_on_its_worker() {
    watchdog(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let probe = Probe::new();
        let results = pool.map(0..10, {
            let (gate, probe) = (gate.clone(), probe.clone());
            move |_| {
                gate.wait();
                probe.value()
            }
        });
        drop(results);
        gate.open();
        let worker = pool.submit(|| thread::current().id()).result().unwrap();
        assert_eq!(probe.died_on(), [worker; 10]);
    });
}

/// Panics when it is dropped, saying whose it was.
struct Bomb(String);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a bomb of {}", self.0);
    }
}

fn told(log: &LogCapture, name: &str) -> usize {
    let text = format!("a bomb of {name}");
    let records = log.records();
    records
        .iter()
        .filter(|record| record.message.contains(&text))
        .count()
}

#[test]
fn a_function_that_panics_in_its_drop_spoils_no_result() {
    watchdog(|| {
        for (workers, name) in [(1, "map_function_1"), (3, "map_function_3")] {
            let log = LogCapture::containing(name);
            let pool = pool(workers);
            let bomb = Bomb(name.to_owned());
            let results = pool.map(0..1000, move |index| {
                let _bomb = &bomb;
                index
            });
            assert!(results.map(Result::unwrap).eq(0..1000));
            pool.shutdown();
            assert_eq!(told(&log, name), 1);
        }
    });
}

#[test]
fn cancelled_inputs_that_panic_in_their_drop_are_all_dropped() {
    watchdog(|| {
        let name = "map_input";
        let log = LogCapture::containing(name);
        let pool = pool(1);
        let held = hold(&pool, 1);
        let inputs = (0..20).map(|_| Bomb(name.to_owned()));
        let results = pool.map(inputs, |_| unreachable!("cancelled"));
        pool.shutdown_with(Shutdown::new().cancel_futures().no_wait())
            .unwrap();
        drop::<Map<()>>(results);
        assert_eq!(told(&log, name), 20);
        held.release();
    });
}

#[test]
fn results_that_panic_in_their_drop_are_all_dropped() {
    watchdog(|| {
        let name = "map_result";
        let log = LogCapture::containing(name);
        let pool = pool(2);
        let results = pool.map(0..20, move |_| Bomb(name.to_owned()));
        pool.shutdown();
        drop(results);
        assert_eq!(told(&log, name), 20);
    });
}

#[test]
fn an_input_that_panics_in_its_drop_is_the_panic_of_its_item() {
    watchdog(|| {
        let pool = pool(2);
        let inputs = (0..10).map(|index| (index == 4).then(|| Bomb("an item".to_owned())));
        let mut results = pool.map(inputs, drop);
        assert_eq!(results.by_ref().take(4).map(Result::unwrap).count(), 4);
        let error = results.next().unwrap().unwrap_err();
        assert_eq!(error.index(), 4);
        assert!(error.task_error().unwrap().is_panic());
        assert!(pool.submit(|| ()).result().is_ok());
    });
}
