//! What is told of times. Bounds are wide, since other tests run beside.

use std::{
    hint::black_box,
    sync::mpsc,
    time::{Duration, Instant},
};

use concurrent_futures::ThreadPoolExecutor;

use crate::{
    support::{Gate, hold, watchdog},
    witness::{Story, Witness},
};

fn one() -> (ThreadPoolExecutor, std::sync::Arc<Witness>) {
    Witness::of(ThreadPoolExecutor::builder().max_workers(1))
}

fn work(steps: u64) -> u64 {
    (0..steps).fold(1, |x, n| {
        black_box(x ^ n).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    })
}

/// Opens the gate when so much time has passed.
fn open_after(gate: &Gate, time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        std::thread::yield_now();
    }
    gate.open();
}

#[test]
fn names_and_numbers() {
    watchdog(|| {
        let (pool, witness) = one();
        pool.task().name("named").submit(|| ()).result().unwrap();
        pool.submit(|| ()).result().unwrap();
        let stories = witness.stories();
        assert_eq!(stories[0].name.as_deref(), Some("named"));
        assert_eq!(stories[1].name, None);
        assert!(stories[0].id > 0 && stories[0].id < stories[1].id);
    });
}

#[test]
fn the_wait_is_from_the_submit_to_the_start() {
    watchdog(|| {
        let (pool, witness) = one();
        let held = hold(&pool, 1);
        let queued = pool.task().name("queued").submit(|| ());
        let wait = Duration::from_millis(20);
        let begun = Instant::now();
        while begun.elapsed() < wait {}
        drop(held);
        queued.result().unwrap();
        let story = witness.story("queued");
        assert!(story.started.unwrap().1 - story.enqueued >= wait);
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_task_that_waits_uses_no_processor() {
    watchdog(|| {
        let (pool, witness) = one();
        let gate = Gate::new();
        let waits = {
            let gate = gate.clone();
            pool.task().name("waits").submit(move || gate.wait())
        };
        while !waits.running() {}
        open_after(&gate, Duration::from_millis(60));
        waits.result().unwrap();
        let run = witness.story("waits").run().clone();
        assert!(run.time >= Duration::from_millis(50), "{run:?}");
        assert!(run.cpu < run.time / 4, "{run:?}");
        assert_eq!(run.blocked + run.cpu, run.time);
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_task_that_works_uses_one_or_wants_one() {
    watchdog(|| {
        let (pool, witness) = one();
        pool.task()
            .name("works")
            .submit(|| work(20_000_000))
            .result()
            .unwrap();
        let run = witness.story("works").run().clone();
        assert!(run.cpu + run.contended > run.time / 2, "{run:?}");
    });
}

#[test]
#[cfg(target_os = "linux")]
fn short_tasks_in_a_row_share_what_they_have_used() {
    watchdog(|| {
        let (pool, witness) = one();
        pool.map(0..5000, |_| work(2_000)).for_each(drop);
        let stories = witness.stories();
        let sum = |part: fn(&Story) -> Duration| stories.iter().map(part).sum::<Duration>();
        let (time, cpu) = (sum(|it| it.run().time), sum(|it| it.run().cpu));
        let contended = sum(|it| it.run().contended);
        assert!(
            cpu + contended > time / 2,
            "{cpu:?} and {contended:?} of {time:?}"
        );
    });
}

#[test]
#[cfg(target_os = "linux")]
fn what_lies_within_is_not_counted_twice() {
    watchdog(|| {
        let (pool, witness) = one();
        let own = pool.clone();
        let outer = pool.task().name("outer").submit(move || {
            let inner = own.task().name("inner").submit(|| work(20_000_000));
            inner.result().unwrap()
        });
        outer.result().unwrap();
        let [outer, inner] = ["outer", "inner"].map(|name| witness.story(name).run().clone());
        assert!(inner.cpu + inner.contended > inner.time / 2, "{inner:?}");
        assert!(outer.cpu < inner.cpu, "{outer:?} around {inner:?}");
        assert!(outer.time >= inner.time);
    });
}

#[test]
fn a_rest_between_tasks_is_no_task_s() {
    watchdog(|| {
        let (pool, witness) = one();
        for _ in 0..50 {
            let (tell, told) = mpsc::channel();
            pool.submit(move || tell.send(()))
                .result()
                .unwrap()
                .unwrap();
            told.recv().unwrap();
        }
        // Each story's parts fit into its own time: the witness has seen to it.
        assert_eq!(witness.stories().len(), 50);
    });
}
