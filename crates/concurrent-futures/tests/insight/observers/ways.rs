//! All ways to come to a pool, and to be run.

use std::{sync::mpsc, thread};

use concurrent_futures::{
    Builder, CollectAll, TaskOutcome, ThreadPoolExecutor, WhenFull, as_completed,
};

use crate::{
    support::{Gate, hold, watchdog},
    witness::Witness,
};

const RAN: (TaskOutcome, bool) = (TaskOutcome::Completed, true);

fn builder(max_workers: usize) -> Builder {
    ThreadPoolExecutor::builder().max_workers(max_workers)
}

#[test]
fn errors_and_panics_of_tasks_are_told_apart() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder(1));
        drop(pool.submit(|| 1).result());
        drop(pool.try_submit(|| Err::<(), _>("no")).result());
        drop(pool.submit(|| panic!("a task of a test")).result());
        let ran = |outcome| (outcome, true);
        let told = [
            TaskOutcome::Completed,
            TaskOutcome::Failed,
            TaskOutcome::Panicked,
        ]
        .map(ran);
        assert_eq!(witness.fates(), told);
    });
}

#[test]
fn each_item_of_a_map_is_a_task() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder(2));
        assert_eq!(pool.map(0..100, |n| n).flatten().sum::<i32>(), 4950);
        assert_eq!(
            pool.map_buffered(4, 0..100, |n| n).flatten().sum::<i32>(),
            4950
        );
        let unordered = pool.map_buffered(4, 0..100, |n| n).unordered();
        assert_eq!(unordered.flatten().sum::<i32>(), 4950);
        let unordered = pool.map_unordered(0..100, |n| n);
        assert_eq!(unordered.flatten().sum::<i32>(), 4950);
        assert_eq!(witness.fates(), [RAN; 400]);
    });
}

#[test]
fn an_offer_that_finds_room_is_a_task() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder(1).queue_capacity(10));
        pool.offer(|| 1).unwrap().result().unwrap();
        assert_eq!(witness.fates(), [RAN]);
    });
}

#[test]
fn tasks_of_scopes_and_groups_are_tasks() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder(2));
        let mut numbers = [0; 10];
        pool.scope(|scope| {
            for number in &mut numbers {
                scope.submit(move || *number = 1);
            }
        });
        assert_eq!(numbers, [1; 10]);
        let outcomes = pool.group(CollectAll).scope(|group| {
            for n in 0..10 {
                group.submit(move || n);
            }
        });
        assert_eq!(outcomes.len(), 10);
        assert_eq!(witness.fates(), [RAN; 20]);
    });
}

#[test]
fn a_scope_on_a_worker_of_the_pool_runs_its_tasks_itself() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder(1));
        let own = pool.clone();
        let outer = pool.task().name("outer").submit(move || {
            own.scope(|scope| {
                for _ in 0..5 {
                    scope.submit(|| ());
                }
            });
        });
        outer.result().unwrap();
        let outer = witness.story("outer");
        let inner: Vec<_> = witness.stories().into_iter().skip(1).collect();
        assert_eq!(inner.len(), 5);
        assert!(inner.iter().all(|story| story.parent == Some(outer.id)));
        assert!(
            inner
                .iter()
                .all(|story| story.run().worker == outer.run().worker)
        );
        let within: std::time::Duration = inner.iter().map(|story| story.run().time).sum();
        assert_eq!(outer.run().nested, within);
    });
}

#[test]
fn a_task_that_its_waiter_runs_lies_within_that() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder(1));
        let own = pool.clone();
        let outer = pool.task().name("outer").submit(move || {
            let inner = own.task().name("inner").submit(|| spin(3));
            inner.result().unwrap();
            own.task().name("later").submit(|| ());
        });
        outer.result().unwrap();
        pool.shutdown();
        let [outer, inner, later] = ["outer", "inner", "later"].map(|name| witness.story(name));
        assert_eq!(inner.parent, Some(outer.id));
        assert_eq!(later.parent, Some(outer.id));
        assert_eq!(outer.parent, None);
        assert_eq!(outer.run().nested, inner.run().time);
        assert_eq!(inner.run().nested, std::time::Duration::ZERO);
        let outer = outer.run();
        assert_eq!(outer.cpu + outer.blocked + outer.nested, outer.time);
    });
}

fn spin(milliseconds: u64) {
    let begun = std::time::Instant::now();
    while begun.elapsed().as_millis() < u128::from(milliseconds) {}
}

#[test]
fn deep_waits_are_told_too_also_those_on_threads_that_stand_in() {
    fn dig(pool: &ThreadPoolExecutor, depth: u32) -> u32 {
        if depth == 0 {
            return 0;
        }
        let own = pool.clone();
        let below = pool.submit(move || dig(&own, depth - 1));
        below.result().unwrap() + 1
    }
    watchdog(|| {
        let (pool, witness) = Witness::of(builder(1).stack_size(128 * 1024));
        let own = pool.clone();
        assert_eq!(pool.submit(move || dig(&own, 300)).result().unwrap(), 300);
        let stories = witness.stories();
        assert_eq!(witness.fates(), [RAN; 301]);
        for pair in stories.windows(2) {
            assert_eq!(pair[1].parent, Some(pair[0].id));
            assert!(pair[0].run().time >= pair[1].run().time);
        }
        let mut workers: Vec<_> = stories.iter().map(|story| &story.run().worker).collect();
        workers.dedup();
        assert!(workers.len() > 1, "nobody stood in");
    });
}

#[test]
fn a_task_that_the_submitter_runs_has_its_thread() {
    watchdog(|| {
        let bounded = builder(1).queue_capacity(1).when_full(WhenFull::CallerRuns);
        let (pool, witness) = Witness::of(bounded);
        let held = hold(&pool, 1);
        let queued = pool.submit(|| ());
        let own = pool.clone();
        let submitter = thread::Builder::new().name("submitter".to_owned());
        let submits = submitter.spawn(move || own.task().name("here").submit(|| ()));
        submits.unwrap().join().unwrap().result().unwrap();
        assert_eq!(witness.story("here").run().worker, "submitter");
        drop(held);
        queued.result().unwrap();
    });
}

#[test]
fn a_follow_up_is_enqueued_when_what_it_follows_has_ended() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder(1));
        let gate = Gate::new();
        let first = {
            let gate = gate.clone();
            pool.submit(move || gate.wait())
        };
        let second = first.then(|()| ());
        assert_eq!(witness.stories().len(), 1);
        gate.open();
        second.result().unwrap();
        let [first, second] = &witness.stories()[..] else {
            panic!("two stories");
        };
        assert!(second.enqueued >= first.end.as_ref().unwrap().finished);
        assert_eq!([first.fate(), second.fate()], [RAN; 2]);
    });
}

#[test]
fn a_follow_up_of_nothing_does_not_start() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder(1));
        let failed = pool
            .try_submit(|| Err::<i32, _>("no"))
            .then(|n| n)
            .then(|n| n);
        assert!(failed.result().is_err());
        let panicked = pool.submit(|| -> i32 { panic!("a task of a test") });
        assert!(panicked.then(|n| n).result().is_err());
        let told = [
            (TaskOutcome::Failed, true),
            (TaskOutcome::Failed, false),
            (TaskOutcome::Failed, false),
            (TaskOutcome::Panicked, true),
            (TaskOutcome::Panicked, false),
        ];
        assert_eq!(witness.fates(), told);
    });
}

#[test]
fn a_follow_up_that_its_waiter_runs_starts_after_what_it_follows() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder(1));
        let own = pool.clone();
        let outer = pool.submit(move || {
            let good = own.submit(|| 1).then(|n| n + 1).result().unwrap();
            let failed = own.try_submit(|| Err::<i32, _>("no")).then(|n| n);
            (good, failed.result().is_err())
        });
        assert_eq!(outer.result().unwrap(), (2, true));
        let mut fates = witness.fates();
        fates.sort_by_key(|(_, ran)| *ran);
        assert_eq!(fates[0], (TaskOutcome::Failed, false));
        assert!(fates[1..].iter().all(|(_, ran)| *ran));
        assert_eq!(fates.len(), 5);
    });
}

#[test]
fn a_follow_up_that_is_cancelled_before_it_is_due_is_told_then() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder(1));
        let gate = Gate::new();
        let first = {
            let gate = gate.clone();
            pool.submit(move || gate.wait())
        };
        let second = first.then(|()| ());
        assert!(second.cancel());
        let fate = witness.stories()[1].fate();
        assert_eq!(fate, (TaskOutcome::Cancelled, false));
        gate.open();
        pool.shutdown();
        assert_eq!(witness.stories().len(), 2);
    });
}

#[test]
fn a_follow_up_that_is_cancelled_as_it_falls_due_is_told_once() {
    watchdog(|| {
        let (pool, witness) = Witness::of(builder(2));
        for _ in 0..300 {
            let (release, gate) = mpsc::channel::<()>();
            let followed = pool.submit(move || gate.recv().is_err()).then(|n| n);
            drop(release);
            followed.cancel();
        }
        pool.shutdown();
        assert_eq!(witness.fates().len(), 600);
    });
}

#[test]
fn tasks_of_two_pools_have_each_other_as_parents() {
    watchdog(|| {
        let (first, seen) = Witness::of(builder(1));
        let (second, other) = Witness::of(builder(1));
        let outer = first.submit(move || {
            as_completed([second.submit(|| 1)]).count();
        });
        outer.result().unwrap();
        assert_eq!(other.stories()[0].parent, Some(seen.stories()[0].id));
    });
}
