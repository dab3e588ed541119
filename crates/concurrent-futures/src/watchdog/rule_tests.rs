use super::{Limits, Rule, Seen, Sight, Trouble, Waits};
use std::time::{Duration, Instant};

const LIMITS: Limits = Limits {
    task: Duration::from_secs(10),
    queue: Duration::from_secs(20),
    standstill: Duration::from_secs(5),
};

/// A rule, and a clock that stands until it is set.
struct Bench {
    rule: Rule,
    zero: Instant,
}

impl Bench {
    fn new() -> Self {
        Self {
            rule: Rule::new(LIMITS),
            zero: Instant::now(),
        }
    }

    fn at(&self, seconds: u64) -> Instant {
        self.zero + Duration::from_secs(seconds)
    }

    fn task(&self, id: u64, started: u64) -> Seen {
        Seen {
            id,
            thread: id,
            started: self.at(started),
            waits: None,
        }
    }

    fn waiting(&self, id: u64, since: u64, for_others: bool) -> Seen {
        Seen {
            waits: Some(Waits {
                since: self.at(since),
                for_others,
            }),
            ..self.task(id, since)
        }
    }

    /// What is reported at that second, with its age in seconds; and in how many seconds to look again.
    fn judge(
        &mut self,
        now: u64,
        queued: u64,
        moved: u64,
        running: &[Seen],
    ) -> (Vec<(Trouble, u64)>, Option<u64>) {
        let sight = Sight {
            now: self.at(now),
            queued,
            moved: self.at(moved),
            running: running.to_vec(),
        };
        let (findings, next) = self.rule.judge(&sight);
        let findings = findings
            .iter()
            .map(|finding| (finding.trouble, finding.duration.as_secs()));
        let next = next.map(|next| next.duration_since(sight.now).as_secs());
        (findings.collect(), next)
    }
}

#[test]
fn nothing_to_see_means_no_next_look() {
    assert_eq!(Bench::new().judge(100, 0, 0, &[]), (vec![], None));
}

#[test]
fn a_task_is_reported_at_its_limit_and_at_each_doubling() {
    let mut bench = Bench::new();
    let task = [bench.task(1, 0)];
    let mut reported = Vec::new();
    for now in 0..100 {
        for (trouble, age) in bench.judge(now, 0, 0, &task).0 {
            assert_eq!(trouble, Trouble::LongTask);
            reported.push(age);
        }
    }
    assert_eq!(reported, [10, 20, 40, 80]);
}

#[test]
fn a_late_look_reports_once() {
    let mut bench = Bench::new();
    let task = [bench.task(1, 0)];
    assert_eq!(bench.judge(90, 0, 0, &task).0, [(Trouble::LongTask, 90)]);
    assert_eq!(bench.judge(159, 0, 0, &task).0, []);
    assert_eq!(bench.judge(160, 0, 0, &task).0, [(Trouble::LongTask, 160)]);
}

#[test]
fn the_next_look_is_when_something_can_be_due() {
    let mut bench = Bench::new();
    // A task that begins now can be due in ten seconds, a standstill in five.
    let task = [bench.task(1, 0)];
    assert_eq!(bench.judge(0, 0, 0, &task).1, Some(5));
    assert_eq!(bench.judge(8, 0, 0, &task).1, Some(2));
    assert_eq!(bench.judge(10, 0, 0, &task).1, Some(5));
}

#[test]
fn a_queue_is_stuck_when_nothing_leaves_it() {
    let mut bench = Bench::new();
    let queue = |bench: &mut Bench, now, moved| bench.judge(now, 3, moved, &[]).0;
    assert_eq!(queue(&mut bench, 19, 0), []);
    assert_eq!(queue(&mut bench, 20, 0), [(Trouble::StuckQueue, 20)]);
    assert_eq!(queue(&mut bench, 39, 0), []);
    assert_eq!(queue(&mut bench, 40, 0), [(Trouble::StuckQueue, 40)]);
    // It has moved: from the beginning.
    assert_eq!(queue(&mut bench, 60, 45), []);
    assert_eq!(queue(&mut bench, 65, 45), [(Trouble::StuckQueue, 20)]);
    // It was empty in between.
    assert_eq!(bench.judge(66, 0, 45, &[]).0, []);
}

#[test]
fn a_standstill_is_when_all_that_runs_waits_and_tasks_are_queued() {
    let mut bench = Bench::new();
    let waiting = [bench.waiting(1, 1, false), bench.waiting(2, 3, true)];
    assert_eq!(bench.judge(7, 1, 2, &waiting).0, []);
    assert_eq!(bench.judge(8, 1, 2, &waiting).0, [(Trouble::Standstill, 5)]);

    let mut bench = Bench::new();
    let one_works = [bench.waiting(1, 0, true), bench.task(2, 3)];
    assert_eq!(bench.judge(9, 1, 0, &one_works).0, []);
}

#[test]
fn with_an_empty_queue_it_is_one_if_they_wait_for_nothing_but_each_other() {
    let mut bench = Bench::new();
    let each_other = [bench.waiting(1, 0, true), bench.waiting(2, 0, true)];
    let findings = bench.judge(6, 0, 0, &each_other).0;
    assert_eq!(findings, [(Trouble::Standstill, 6)]);

    let mut bench = Bench::new();
    let network = [bench.waiting(1, 0, true), bench.waiting(2, 0, false)];
    assert_eq!(bench.judge(6, 0, 0, &network).0, []);
}

#[test]
fn a_task_below_another_one_waits_if_that_does() {
    let mut bench = Bench::new();
    let (outer, inner) = (bench.task(1, 0), bench.waiting(2, 1, true));
    let stack = [
        outer,
        Seen {
            thread: outer.thread,
            ..inner
        },
    ];
    assert_eq!(bench.judge(6, 0, 0, &stack).0, [(Trouble::Standstill, 5)]);
}

#[test]
fn no_limit_is_never_reached() {
    let mut bench = Bench::new();
    bench.rule = Rule::new(Limits {
        task: Duration::MAX,
        queue: Duration::MAX,
        standstill: Duration::MAX,
    });
    let task = [bench.task(1, 0)];
    assert_eq!(bench.judge(1_000_000, 5, 0, &task).0, []);
}
