use super::{Advice, LoadKind, facts::Facts, queue, speedup};
use std::time::Duration;

/// 1,000 tasks of so many microseconds, all submitted at once, on two workers and two processors.
fn load(cpu: u64, blocked: u64) -> Facts {
    let work = Duration::from_micros((cpu + blocked) * 1_000);
    Facts {
        processors: 2,
        workers: 2,
        submitted: 1_000,
        ran: 1_000,
        elapsed: work / 2,
        arriving: Duration::from_micros(100),
        cpu: Duration::from_micros(cpu * 1_000),
        blocked: Duration::from_micros(blocked * 1_000),
        mean_run: work / 1_000,
        longest_run: work / 1_000,
        variation: 0.0,
        wait_wish: Duration::from_secs(1),
    }
}

fn about(found: Option<f64>, expected: f64) -> bool {
    found.is_some_and(|found| (found / expected - 1.0).abs() < 1e-3)
}

#[test]
fn workers_keep_the_processors_busy() {
    for (cpu, blocked, workers) in [(1, 0, 2), (1, 1, 6), (1, 4, 13), (1, 9, 24), (1, 99, 201)] {
        let advice = Advice::of(&load(1_000 * cpu, 1_000 * blocked));
        assert_eq!(advice.workers(), Some(workers), "{cpu} to {blocked}");
    }
}

#[test]
fn the_kind_is_told_by_what_tasks_need() {
    let kind = |cpu, blocked| Advice::of(&load(cpu, blocked)).kind();
    assert_eq!(kind(1_000, 0), Some(LoadKind::CpuBound));
    assert_eq!(kind(1_000, 1_000), Some(LoadKind::Mixed));
    assert_eq!(kind(1_000, 4_000), Some(LoadKind::IoBound));
}

#[test]
fn without_cpu_littles_law_decides() {
    let facts = Facts {
        arriving: Duration::from_millis(500),
        elapsed: Duration::from_millis(600),
        ..load(0, 10_000)
    };
    let advice = Advice::of(&facts);
    assert!(about(advice.rate(), 1_998.0), "{:?}", advice.rate());
    assert!(about(advice.running_at_a_time(), 19.98));
    assert_eq!(advice.workers(), Some(20));
}

#[test]
fn without_cpu_and_all_at_once_each_task_may_have_a_worker() {
    assert_eq!(Advice::of(&load(0, 10_000)).workers(), Some(1_000));
    let few = Facts {
        submitted: 30,
        ran: 30,
        ..load(0, 10_000)
    };
    assert_eq!(Advice::of(&few).workers(), Some(30));
}

#[test]
fn there_are_never_more_workers_than_tasks() {
    let few = Facts {
        submitted: 8,
        ran: 8,
        ..load(1_000, 9_000)
    };
    let advice = Advice::of(&few);
    assert_eq!(advice.workers(), Some(8));
    assert!(
        advice.points()[1]
            .arithmetic
            .ends_with("but there were 8 tasks only")
    );
}

#[test]
fn too_little_is_no_ground_for_advice() {
    let few = Facts {
        ran: 4,
        ..load(1_000, 0)
    };
    let short = load(10, 0);
    for facts in [few, short] {
        let advice = Advice::of(&facts);
        assert_eq!((advice.kind(), advice.workers()), (None, None));
        assert_eq!(advice.points().len(), 1);
        assert_eq!(advice.points()[0].topic, "data");
    }
}

#[test]
fn speedup_is_bounded_by_processors_workers_and_the_longest_task() {
    let facts = load(1_000, 9_000);
    assert!((speedup::reached(&facts) - 2.0).abs() < 1e-9);
    assert!((speedup::possible(&facts, 4) - 4.0).abs() < 1e-9);
    assert!((speedup::possible(&facts, 100) - 20.0).abs() < 1e-9);
    let straggler = Facts {
        longest_run: Duration::from_secs(2),
        ..facts
    };
    assert!((speedup::possible(&straggler, 100) - 5.0).abs() < 1e-9);
}

#[test]
fn a_queue_bound_keeps_the_wait() {
    // Two workers, 10 ms a task: 200 a second.
    let even = load(1_000, 9_000);
    assert_eq!(queue::bound_for(&even, Duration::from_millis(500)), 100);
    assert_eq!(queue::bound_for(&even, Duration::from_millis(1)), 0);
    let varied = Facts {
        variation: 1.0,
        ..even
    };
    let bound = queue::bound_for(&varied, Duration::from_millis(500));
    assert!((75..85).contains(&bound), "{bound}");
}

#[test]
fn the_words_show_the_numbers() {
    let advice = Advice::of(&load(1_000, 9_000));
    let texts: Vec<_> = advice
        .points()
        .iter()
        .map(|point| (point.topic, &*point.arithmetic))
        .collect();
    assert_eq!(
        texts[0],
        (
            "load",
            "1.00 ms CPU / (1.00 ms CPU + 9.00 ms blocked) = 10.0 %"
        )
    );
    assert_eq!(
        texts[1],
        (
            "workers",
            "2 processors x (1 + 9.00 ms blocked / 1.00 ms CPU) = 20.0 if they took turns; 24 as chance has it"
        )
    );
    assert_eq!(
        texts[2],
        ("arrivals", "Little's law: 200/s x 10.0 ms = 2.00")
    );
    assert!(advice.points()[4].text.contains("with 24 workers"));
}

#[test]
fn tasks_that_are_not_worth_their_way_are_named() {
    // 100 milliseconds of work in tasks of a microsecond each, done in so many milliseconds.
    let verdict = |elapsed| {
        let facts = Facts {
            submitted: 100_000,
            ran: 100_000,
            elapsed: Duration::from_millis(elapsed),
            cpu: Duration::from_millis(100),
            ..load(1, 0)
        };
        let advice = Advice::of(&facts);
        advice.points().last().expect("the speed-up").text.clone()
    };
    assert!(verdict(200).contains("shorter than what it takes to hand them over"));
    assert!(verdict(60).contains("is possible"));
}

#[test]
fn a_note_tells_that_there_were_too_few_tasks_for_all_workers() {
    let note = |submitted| {
        let facts = Facts {
            submitted,
            ran: submitted,
            ..load(1_000, 9_000)
        };
        let advice = Advice::of(&facts);
        advice.points()[1].arithmetic.contains("there were")
    };
    // 24 would be advised; one less is no difference worth a note.
    assert!(note(20));
    assert!(!note(23));
}
