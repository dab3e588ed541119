//! Loads as formulas, and where the rule comes to rest.

use super::*;

const BOUNDS: Bounds = Bounds {
    least: 1,
    most: 64,
    processors: 4,
};

/// A load: each task takes the processor for so long, then waits for so long; no more than so many
/// get something done at the same time.
#[derive(Clone, Copy)]
struct Work {
    computes: f64,
    waits: f64,
    most: usize,
}

impl Work {
    fn window(self, size: usize) -> Window {
        let length = Duration::from_millis(100);
        let at_once = exact(size.min(self.most));
        let per_task = self.computes + self.waits;
        let processors = exact(BOUNDS.processors);
        // Without a line for the processors, and with one.
        let rate = (at_once / per_task).min(processors / self.computes.max(1e-9));
        let busy = rate * self.computes / processors;
        let wanted = if busy < 1.0 {
            busy
        } else {
            (at_once - rate * self.waits) / processors
        };
        Window {
            length,
            done: u64::try_from(whole(rate * length.as_secs_f64())).unwrap(),
            backlog: true,
            load: Some(Load { busy, wanted }),
        }
    }

    /// The sizes that the rule goes through.
    fn run(self, rule: &mut Rule, mut size: usize, windows: usize) -> Vec<usize> {
        let mut sizes = vec![size];
        for _ in 0..windows {
            if let Some((next, _)) = rule.judge(size, BOUNDS, self.window(size)) {
                assert_ne!(next, size);
                assert!((BOUNDS.least..=BOUNDS.most).contains(&next));
                size = next;
            }
            sizes.push(size);
        }
        sizes
    }

    fn rate(self, size: usize) -> u64 {
        self.window(size).done
    }
}

const COMPUTING: Work = Work {
    computes: 0.001,
    waits: 0.0,
    most: 64,
};
const WAITING: Work = Work {
    computes: 0.0,
    waits: 0.01,
    most: 64,
};
const BOTH: Work = Work {
    computes: 0.001,
    waits: 0.009,
    most: 64,
};
/// Ten at a time, as at a lock or a service with ten places.
const NARROW: Work = Work {
    computes: 0.0,
    waits: 0.005,
    most: 10,
};
const LOCKED: Work = Work {
    computes: 0.0,
    waits: 0.002,
    most: 1,
};

#[test]
fn work_that_computes_gets_as_many_as_there_are_processors() {
    let sizes = COMPUTING.run(&mut Rule::new(), 4, 50);
    assert!(sizes.iter().all(|size| *size == 4));
    let sizes = COMPUTING.run(&mut Rule::new(), 1, 50);
    assert!(sizes[3..].iter().all(|size| *size == 4), "{sizes:?}");
    let sizes = COMPUTING.run(&mut Rule::new(), 64, 50);
    assert!(sizes[15..].iter().all(|size| *size == 4), "{sizes:?}");
}

#[test]
fn work_that_waits_gets_all() {
    let sizes = WAITING.run(&mut Rule::new(), 4, 10);
    assert_eq!(sizes[..6], [4, 8, 16, 32, 64, 64]);
}

#[test]
fn work_that_does_both_gets_so_many_that_the_processors_are_busy() {
    for start in [1, 4, 64] {
        let sizes = BOTH.run(&mut Rule::new(), start, 100);
        let best = BOTH.rate(64);
        for size in &sizes[20..] {
            assert!(BOTH.rate(*size) * 100 >= best * 88, "{start}: {sizes:?}");
        }
        assert!(*sizes.last().unwrap() <= 48, "{start}: {sizes:?}");
    }
}

#[test]
fn what_does_not_help_is_taken_back_and_tried_ever_more_seldom() {
    let sizes = LOCKED.run(&mut Rule::new(), 4, 200);
    let trials = sizes.windows(2).filter(|pair| pair[1] > pair[0]).count();
    assert!(trials <= 10, "{sizes:?}");
    assert!(sizes.iter().all(|size| *size <= 8));
    let sizes = NARROW.run(&mut Rule::new(), 1, 200);
    let enough = sizes[20..].iter().filter(|size| **size >= 10).count();
    assert!(enough == sizes.len() - 20, "{sizes:?}");
    assert!(sizes.iter().all(|size| *size <= 32), "{sizes:?}");
}

#[test]
fn a_change_of_the_work_is_followed() {
    let mut rule = Rule::new();
    let last = |sizes: Vec<usize>| sizes[sizes.len() - 1];
    let size = last(WAITING.run(&mut rule, 4, 20));
    assert_eq!(size, 64);
    let size = last(COMPUTING.run(&mut rule, size, 20));
    assert_eq!(size, 4);
    assert_eq!(last(WAITING.run(&mut rule, size, 45)), 64);
}

#[test]
fn without_work_that_waits_in_the_queue_nothing_changes() {
    let mut rule = Rule::new();
    let window = Window {
        backlog: false,
        ..WAITING.window(4)
    };
    assert_eq!(rule.judge(4, BOUNDS, window), None);
}

#[test]
fn tasks_too_long_for_a_verdict_grow_as_long_as_processors_are_free() {
    let long = Work {
        computes: 0.0,
        waits: 5.0,
        most: 64,
    };
    let sizes = long.run(&mut Rule::new(), 4, 10);
    assert_eq!(sizes[..6], [4, 8, 16, 32, 64, 64]);
}

#[test]
fn without_figures_of_the_processors_it_goes_by_what_gets_done() {
    let run = |work: Work| {
        let (mut rule, mut size) = (Rule::new(), 4);
        for _ in 0..12 {
            let window = Window {
                load: None,
                ..work.window(size)
            };
            if let Some((next, _)) = rule.judge(size, BOUNDS, window) {
                size = next;
            }
        }
        size
    };
    assert_eq!(run(WAITING), 64);
    assert!(run(COMPUTING) <= 6);
}

#[test]
fn a_rate_is_of_a_second_whatever_the_window() {
    assert!((per_second(50, Duration::from_millis(500)) - 100.0).abs() < 1e-9);
    assert!((per_second(50, Duration::from_secs(2)) - 25.0).abs() < 1e-9);
}

#[test]
fn growth_is_one_worker_at_least_and_twice_as_many_at_most() {
    let more = |size, busy| {
        let window = Window {
            length: Duration::from_millis(100),
            done: 100,
            backlog: true,
            load: Some(Load { busy, wanted: 1.0 }),
        };
        Rule::new().more(size, BOUNDS, window)
    };
    assert_eq!(more(8, 1.0), Some(9));
    assert_eq!(more(8, 0.8), Some(10));
    assert_eq!(more(8, 0.1), Some(16));
    assert_eq!(more(63, 0.1), Some(64));
    assert_eq!(more(64, 0.1), None);
}
