//! Names of tasks: where they are shown, and that they go.

use concurrent_futures::TaskError;

use crate::support::{Gate, hold, pool, watchdog};

#[test]
fn debug_shows_the_name_in_every_state() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let task = pool.task().name("index").submit(|| 7_i32);
        let cancelled = pool.task().name(String::from("more")).submit(|| ());
        assert!(format!("{task:?}").ends_with(" state=pending name=\"index\">"));
        assert!(cancelled.cancel());
        assert!(format!("{cancelled:?}").ends_with(" state=cancelled name=\"more\">"));
        held.release();
        assert!(task.exception().is_none());
        assert!(format!("{task:?}").ends_with(" state=finished returned i32 name=\"index\">"));
    });
}

#[test]
fn slots_that_are_used_again_have_no_old_name() {
    watchdog(|| {
        let pool = pool(1);
        for _ in 0..500 {
            drop(pool.task().name("old").submit(|| ()));
            let plain = pool.submit(|| ());
            assert!(!format!("{plain:?}").contains("old"), "{plain:?}");
            assert!(plain.result().is_ok());
        }
        assert!(pool.running_tasks().is_empty());
    });
}

#[test]
fn running_tasks_are_told_oldest_first() {
    watchdog(|| {
        let pool = pool(3);
        let gate = Gate::new();
        let tasks: Vec<_> = ["first", "second", "third"]
            .into_iter()
            .enumerate()
            .map(|(n, name)| {
                let gate = gate.clone();
                let task = pool.task().name(name).submit(move || gate.wait());
                while pool.running_tasks().len() <= n {}
                task
            })
            .collect();
        let running = pool.running_tasks();
        let names: Vec<_> = running.iter().map(|task| task.name().unwrap()).collect();
        assert_eq!(names, ["first", "second", "third"]);
        assert!(running[0].age() >= running[2].age());
        gate.open();
        for task in tasks {
            task.result().unwrap();
        }
        assert!(pool.running_tasks().is_empty());
    });
}

#[test]
fn a_task_that_panics_or_is_refused_runs_no_more() {
    watchdog(|| {
        let pool = pool(1);
        let task = pool.task().name("bad").submit(|| panic!("bad"));
        assert!(matches!(task.exception(), Some(TaskError::Panicked(_))));
        assert!(pool.running_tasks().is_empty());
        pool.shutdown();
        let refused = pool.task().name("late").submit(|| ());
        assert!(
            format!("{refused:?}").ends_with(" name=\"late\">"),
            "{refused:?}"
        );
    });
}
