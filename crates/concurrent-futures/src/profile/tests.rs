//! The recorder, fed with facts that were made up.

use super::{Profile, ProfileOptions, Recorder};
use crate::{
    TaskOutcome,
    observer::{EnqueuedTask, FinishedTask, Observer, StartedTask, TaskRun},
    observing::Moment,
};
use std::{
    collections::HashSet,
    panic::Location,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// A task of this number, submitted now.
pub(super) fn submitted(id: u64) -> EnqueuedTask {
    let now = Moment::now();
    EnqueuedTask {
        id,
        name: None,
        location: Location::caller(),
        parent: None,
        enqueued: now.at,
        enqueued_nanos: now.nanos,
    }
}

/// Tells a recorder of tasks, at times in milliseconds after a moment a minute ago.
pub(super) struct Teller {
    pub(super) recorder: Recorder,
    beginning: Instant,
    worker: Arc<str>,
}

/// A task that is told of.
pub(super) struct Told<'a> {
    teller: &'a Teller,
    task: EnqueuedTask,
}

/// One that has begun.
pub(super) struct Begun<'a> {
    told: Told<'a>,
    started: Instant,
}

/// What a task used of its time, in milliseconds.
#[derive(Clone, Copy, Default)]
pub(super) struct Used {
    pub(super) cpu: u64,
    pub(super) contended: u64,
    pub(super) nested: u64,
}

impl Teller {
    pub(super) fn new(options: ProfileOptions) -> Self {
        Self {
            recorder: Recorder::new(options),
            beginning: Instant::now()
                .checked_sub(Duration::from_secs(60))
                .expect("the clock has run for longer"),
            worker: Arc::from("w_0"),
        }
    }

    fn at(&self, millis: u64) -> Instant {
        self.beginning + Duration::from_millis(millis)
    }

    fn submitted(&self, id: u64, at: u64) -> EnqueuedTask {
        let Moment { at, nanos } = Moment::of(self.at(at));
        EnqueuedTask {
            enqueued: at,
            enqueued_nanos: nanos,
            ..submitted(id)
        }
    }

    fn enqueue(&self, id: u64, at: u64) -> Told<'_> {
        self.tell(self.submitted(id, at))
    }

    pub(super) fn enqueue_named(&self, id: u64, name: &str, at: u64) -> Told<'_> {
        self.tell(EnqueuedTask {
            name: Some(Arc::from(name)),
            ..self.submitted(id, at)
        })
    }

    fn tell(&self, task: EnqueuedTask) -> Told<'_> {
        self.recorder.enqueued(&task);
        Told { teller: self, task }
    }

    /// A task that came at the beginning, ran at once and computed all the while.
    fn run(&self, id: u64, time: u64) {
        let begun = self.enqueue(id, 0).start(0);
        begun.finish(
            time,
            Used {
                cpu: time,
                ..Used::default()
            },
        );
    }

    fn profile(&self) -> Profile {
        Profile::of(&self.recorder, Arc::from("w"), 2)
    }
}

impl<'a> Told<'a> {
    pub(super) fn start(self, at: u64) -> Begun<'a> {
        let started = self.teller.at(at);
        self.teller.recorder.started(&StartedTask {
            task: &self.task,
            worker: &self.teller.worker,
            started,
            started_nanos: Moment::of(started).nanos,
        });
        Begun {
            told: self,
            started,
        }
    }

    pub(super) fn end(self, at: u64, outcome: TaskOutcome) {
        self.teller.recorder.finished(&FinishedTask {
            task: &self.task,
            outcome,
            finished: self.teller.at(at),
            run: None,
        });
    }
}

impl Begun<'_> {
    pub(super) fn finish(self, at: u64, used: Used) {
        let teller = self.told.teller;
        let finished = teller.at(at);
        teller.recorder.finished(&FinishedTask {
            task: &self.told.task,
            outcome: TaskOutcome::Completed,
            finished,
            run: Some(TaskRun {
                worker: &teller.worker,
                started: self.started,
                time: finished - self.started,
                nested: Duration::from_millis(used.nested),
                cpu: Duration::from_millis(used.cpu),
                contended: Duration::from_millis(used.contended),
            }),
        });
    }
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn a_task_is_queued_then_runs_then_has_ended() {
    let teller = Teller::new(ProfileOptions::new());
    let counts = || {
        let counts = teller.profile().counts();
        (
            counts.submitted,
            counts.queued,
            counts.running,
            counts.completed,
        )
    };
    assert_eq!(counts(), (0, 0, 0, 0));
    let told = teller.enqueue(1, 0);
    assert_eq!(counts(), (1, 1, 0, 0));
    let begun = told.start(10);
    assert_eq!(counts(), (1, 0, 1, 0));
    begun.finish(20, Used::default());
    assert_eq!(counts(), (1, 0, 0, 1));
}

#[test]
fn each_way_to_end_is_counted() {
    let teller = Teller::new(ProfileOptions::new());
    let ways = [
        TaskOutcome::Cancelled,
        TaskOutcome::DeadlineExceeded,
        TaskOutcome::Rejected,
        TaskOutcome::Discarded,
        TaskOutcome::Broken,
    ];
    for (outcome, id) in ways.into_iter().zip(1..) {
        teller.enqueue(id, 0).end(5, outcome);
    }
    let profile = teller.profile();
    let counts = profile.counts();
    assert_eq!((counts.submitted, counts.queued), (5, 0));
    let unrun = [
        counts.cancelled,
        counts.deadline_exceeded,
        counts.rejected,
        counts.discarded,
        counts.broken,
    ];
    assert_eq!(unrun, [1; 5]);
    assert_eq!(profile.wait().count(), 0, "those that ran are measured");
    let outcomes: Vec<_> = profile
        .tasks()
        .iter()
        .map(|task| task.outcome().unwrap())
        .collect();
    assert_eq!(outcomes, ways);
}

#[test]
fn time_is_shared_out_to_wait_cpu_and_blocked() {
    let teller = Teller::new(ProfileOptions::new());
    let used = Used {
        cpu: 30,
        contended: 10,
        nested: 0,
    };
    teller.enqueue(1, 0).start(20).finish(100, used);
    let profile = teller.profile();
    let shares = profile.shares();
    assert_eq!(
        (shares.wait, shares.cpu, shares.blocked),
        (30.0, 30.0, 40.0)
    );
    assert!((shares.contended - 10.0).abs() < 1e-9);
    assert_eq!(shares.total, millis(100));
    let task = &profile.tasks()[0];
    assert_eq!((task.queue_wait(), task.run()), (millis(20), millis(80)));
    assert_eq!(
        (task.cpu(), task.contended(), task.blocked()),
        (millis(30), millis(10), millis(40))
    );
    assert_eq!((task.worker(), task.started()), (Some("w_0"), millis(20)));
    assert_eq!(profile.elapsed(), millis(100));
}

#[test]
fn a_task_that_runs_has_its_time_until_now() {
    let teller = Teller::new(ProfileOptions::new());
    let _begun = teller.enqueue(1, 0).start(10);
    let profile = teller.profile();
    let task = &profile.tasks()[0];
    assert!(task.is_running());
    assert!(task.run() >= Duration::from_secs(59), "{:?}", task.run());
    assert_eq!(profile.slowest()[0].id(), 1);
    assert_eq!(profile.workers()[0].busy, task.run());
    assert_eq!(profile.workers()[0].tasks, 0);
    assert_eq!(profile.elapsed(), task.run() + millis(10));
    assert!((profile.over_time().busy.last().unwrap() - 1.0).abs() < 1e-9);
}

#[test]
fn a_task_within_a_task_is_counted_once() {
    let teller = Teller::new(ProfileOptions::new());
    let outer = teller.enqueue(1, 0).start(0);
    let inner = teller.enqueue(2, 10).start(10);
    inner.finish(
        60,
        Used {
            cpu: 50,
            ..Used::default()
        },
    );
    outer.finish(
        100,
        Used {
            cpu: 40,
            nested: 50,
            contended: 0,
        },
    );
    let profile = teller.profile();
    assert_eq!(profile.shares().total, millis(100));
    assert_eq!(profile.workers()[0].busy, millis(100));
    assert_eq!(profile.workers()[0].cpu, millis(90));
    assert_eq!(
        profile.run().max(),
        millis(100),
        "the outer one took its time all the same"
    );
    let series = profile.over_time();
    assert!(series.busy.iter().all(|busy| *busy <= 1.0), "one thread");
    assert_eq!(profile.tasks()[0].nested(), millis(50));
}

#[test]
fn what_is_kept_is_bounded_and_even() {
    let teller = Teller::new(ProfileOptions::new().max_tasks(1_000));
    for id in 1..=50_000 {
        teller.run(id, 1);
        assert!(id % 5_000 != 0 || teller.profile().tasks().len() <= 1_000);
    }
    let profile = teller.profile();
    assert_eq!(profile.counts().completed, 50_000);
    assert_eq!(profile.run().count(), 50_000);
    assert_eq!(profile.over_time().finished.iter().sum::<u64>(), 50_000);
    let kept = profile.tasks().len();
    assert!((450..=1_000).contains(&kept), "{kept}");
    let first_half = profile
        .tasks()
        .iter()
        .filter(|task| task.id() <= 25_000)
        .count();
    assert!(
        first_half.abs_diff(kept / 2) <= kept / 20,
        "{first_half} of {kept}"
    );
}

#[test]
fn with_no_task_kept_all_else_is_there() {
    let teller = Teller::new(ProfileOptions::new().max_tasks(0).slowest(0));
    teller.run(1, 7);
    let profile = teller.profile();
    assert!(profile.tasks().is_empty() && profile.slowest().is_empty());
    assert_eq!(profile.run().max(), millis(7));
}

#[test]
fn the_slowest_are_listed_in_order() {
    let teller = Teller::new(ProfileOptions::new().slowest(3).max_tasks(0));
    for id in 1..=100 {
        teller.run(id, id * 37 % 101);
    }
    let times: Vec<_> = teller
        .profile()
        .slowest()
        .iter()
        .map(super::ProfiledTask::run)
        .collect();
    assert_eq!(times, [millis(100), millis(99), millis(98)]);
}

#[test]
fn snapshots_fit_while_many_threads_write() {
    const THREADS: u64 = 8;
    const TASKS: u64 = 2_000;
    let teller = Teller::new(ProfileOptions::new().max_tasks(500));
    let check = |profile: &Profile| {
        let counts = profile.counts();
        assert!(counts.submitted >= counts.completed + counts.running);
        assert!(counts.queued + counts.running <= THREADS);
        assert_eq!(profile.run().count(), counts.completed);
    };
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let teller = &teller;
            scope.spawn(move || (0..TASKS).for_each(|n| teller.run(1 + thread * TASKS + n, 1)));
        }
        for _ in 0..50 {
            check(&teller.profile());
        }
    });
    let profile = teller.profile();
    check(&profile);
    assert_eq!(profile.counts().completed, THREADS * TASKS);
    let ids: HashSet<_> = profile
        .tasks()
        .iter()
        .map(super::ProfiledTask::id)
        .collect();
    assert_eq!(ids.len(), profile.tasks().len(), "none is kept twice");
    assert!(ids.len() <= 500);
}
