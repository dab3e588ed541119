//! Each step of the word, on one thread: when it is taken, and what is counted afterwards.

use super::*;
use crate::task::notices::SURPLUS;

/// What the word counts: workers, and those of them that are coming, searching and sleeping.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    workers: u64,
    coming: u64,
    searching: u64,
    sleeping: u64,
}

const NOBODY: Counted = Counted {
    workers: 0,
    coming: 0,
    searching: 0,
    sleeping: 0,
};

/// With as many on the stack as sleep.
fn idle(limit: usize, counted: Counted) -> Idle {
    let idle = Idle::new(limit, limit);
    let Counted {
        workers,
        coming,
        searching,
        sleeping,
    } = counted;
    let word = workers * WORKERS + coming * COMING + searching * SEARCHING + sleeping * SLEEPING;
    idle.counts.store(word, SeqCst);
    lock(&idle.stack).extend((0..sleeping).map(|_| Sleeper::new()));
    idle
}

fn counted(idle: &Idle) -> Counted {
    let counts = idle.counts();
    Counted {
        workers: counts.workers(),
        coming: counts.coming(),
        searching: counts.searching(),
        sleeping: counts.sleeping(),
    }
}

fn never() -> usize {
    panic!("there is no need to count what is queued")
}

#[derive(Debug, PartialEq, Eq)]
enum Roused {
    Nobody,
    Woken,
    Start,
}

/// Who is roused, if the word changes as it then must.
fn roused(idle: &Idle, rouse: impl FnOnce(&Idle) -> Rouse) -> Roused {
    let before = counted(idle);
    let (roused, after) = match rouse(idle) {
        Rouse::Nobody => (Roused::Nobody, before),
        Rouse::Woken(_) => {
            let woken = Counted {
                searching: before.searching + 1,
                sleeping: before.sleeping - 1,
                ..before
            };
            (Roused::Woken, woken)
        }
        Rouse::Start => {
            let started = Counted {
                workers: before.workers + 1,
                coming: before.coming + 1,
                ..before
            };
            (Roused::Start, started)
        }
    };
    assert_eq!(counted(idle), after);
    assert_eq!(lock(&idle.stack).len() as u64, after.sleeping);
    roused
}

#[test]
fn each_number_has_a_place_of_its_own() {
    let each = Counted {
        workers: MAX_WORKERS as u64,
        coming: 3,
        searching: 5,
        sleeping: 7,
    };
    let idle = idle(MAX_WORKERS, each);
    assert_eq!(counted(&idle), each);
    assert_eq!(idle.workers(), MAX_WORKERS);
    let Crew { workers, idle } = idle.crew();
    assert_eq!((workers, idle), (MAX_WORKERS, 12));
}

#[test]
fn a_producer_rouses_if_nobody_searches_and_somebody_sleeps_or_may_be_started() {
    for workers in 0..=2 {
        for sleeping in 0..=workers {
            for searching in 0..=workers - sleeping {
                let counted = Counted {
                    workers,
                    searching,
                    sleeping,
                    ..NOBODY
                };
                let should = searching == 0 && (sleeping > 0 || workers < 2);
                assert_eq!(idle(2, counted).should_rouse(), should, "{counted:?}");
            }
        }
    }
}

#[test]
fn a_sleeper_is_woken_before_another_worker_is_started() {
    let idle = idle(
        4,
        Counted {
            workers: 3,
            coming: 1,
            searching: 0,
            sleeping: 1,
        },
    );
    assert_eq!(roused(&idle, |idle| idle.rouse(never)), Roused::Woken);
    assert_eq!(roused(&idle, |idle| idle.rouse(never)), Roused::Nobody);
    assert!(idle.end_search());
    // One task for the one that comes, and another one.
    assert_eq!(roused(&idle, |idle| idle.rouse(|| 1)), Roused::Nobody);
    assert_eq!(roused(&idle, |idle| idle.rouse(|| 2)), Roused::Start);
    assert_eq!(roused(&idle, |idle| idle.rouse(never)), Roused::Nobody);
}

#[test]
fn a_backlog_brings_one_more_of_many_while_others_search() {
    let awake = |workers, sleeping| Counted {
        workers,
        searching: 1,
        sleeping,
        ..NOBODY
    };
    let rouse = |limit, counted, queued| {
        let idle = idle(limit, counted);
        roused(&idle, |idle| idle.rouse_for_backlog(|| queued))
    };
    assert_eq!(rouse(20, awake(4, 0), 5), Roused::Start);
    assert_eq!(rouse(20, awake(4, 0), 4), Roused::Nobody);
    assert_eq!(rouse(20, awake(20, 16), 5), Roused::Woken);
    assert_eq!(rouse(20, awake(20, 16), 4), Roused::Nobody);
    // Fewer than many are left to be woken.
    assert_eq!(rouse(19, awake(4, 0), 50), Roused::Nobody);
    assert_eq!(rouse(20, awake(20, 15), 50), Roused::Nobody);
    // More are awake than there may be.
    assert_eq!(rouse(2, awake(4, 0), 50), Roused::Nobody);
}

#[cfg(feature = "rim")]
#[test]
fn one_is_hired_if_those_that_are_free_are_too_few() {
    let one_of_each = Counted {
        workers: 5,
        coming: 1,
        searching: 1,
        sleeping: 1,
    };
    let hire = |limit, queued| {
        let idle = idle(limit, one_of_each);
        let hired = idle.hire(|| queued);
        let (workers, coming) = if hired { (6, 2) } else { (5, 1) };
        let after = Counted {
            workers,
            coming,
            ..one_of_each
        };
        assert_eq!(counted(&idle), after);
        hired
    };
    assert!(!hire(6, 3));
    assert!(hire(6, 4));
    assert!(!hire(5, 4));
}

#[test]
fn some_are_hired_ahead_and_no_more_than_there_may_be() {
    let two = Counted {
        workers: 2,
        ..NOBODY
    };
    let hired = |limit, wanted| idle(limit, two).hire_up_to(wanted);
    assert!(hired(3, 3) && hired(3, 9));
    assert!(!hired(3, 2) && !hired(2, 3));
    let idle = idle(3, two);
    assert!(idle.hire_up_to(3));
    let coming = Counted {
        workers: 3,
        coming: 1,
        ..NOBODY
    };
    assert_eq!(counted(&idle), coming);
}

#[test]
fn a_worker_comes_searches_and_lies_down() {
    let idle = idle(4, NOBODY);
    assert!(idle.hire_up_to(4) && idle.hire_up_to(4));
    assert!(idle.arrive(), "the only one that searches");
    assert!(!idle.arrive());
    let searching = |workers, searching, sleeping| Counted {
        workers,
        searching,
        sleeping,
        ..NOBODY
    };
    assert_eq!(counted(&idle), searching(2, 2, 0));
    assert!(!idle.end_search());
    assert!(idle.end_search(), "the last one that searches");
    assert!(idle.begin_search());
    assert!(!idle.begin_search());
    let (first, second) = (Sleeper::new(), Sleeper::new());
    idle.lie_down(&first);
    assert_eq!(counted(&idle), searching(2, 1, 1));
    idle.lie_down(&second);
    let Rouse::Woken(woken) = idle.rouse(never) else {
        panic!("two sleep");
    };
    assert!(Arc::ptr_eq(&woken, &second), "the one that lay down last");
    assert_eq!(counted(&idle), searching(2, 1, 1));
    idle.leave();
    assert_eq!(counted(&idle), searching(1, 0, 1));
}

#[test]
fn a_failed_start_says_whether_nobody_is_left() {
    let idle = idle(4, NOBODY);
    assert!(idle.hire_up_to(4) && idle.hire_up_to(4));
    assert!(!idle.start_failed());
    assert!(idle.start_failed());
    assert_eq!(counted(&idle), NOBODY);
}

#[test]
fn all_that_sleep_are_woken_and_nobody_else() {
    let idle = idle(
        5,
        Counted {
            workers: 4,
            coming: 1,
            searching: 1,
            sleeping: 2,
        },
    );
    assert_eq!(idle.rouse_all().len(), 2);
    let after = Counted {
        workers: 4,
        coming: 1,
        searching: 3,
        sleeping: 0,
    };
    assert_eq!(counted(&idle), after);
    assert!(idle.rouse_all().is_empty());
}

#[test]
fn a_worker_leaves_only_if_those_that_have_come_are_too_many() {
    let crew = Counted {
        workers: 5,
        coming: 2,
        searching: 1,
        sleeping: 1,
    };
    // Three have come.
    let enough = idle(3, crew);
    assert!(!enough.has_surplus());
    assert!(!enough.leave_surplus() && !enough.leave_surplus_searching());
    assert!(enough.take_surplus_sleeper().is_none());
    assert_eq!(counted(&enough), crew);
    let leaves = |leave: fn(&Idle) -> bool, after| {
        let idle = idle(2, crew);
        assert!(idle.has_surplus() && leave(&idle));
        assert_eq!(counted(&idle), after);
        assert!(!idle.has_surplus() && !leave(&idle));
    };
    let four = Counted { workers: 4, ..crew };
    leaves(Idle::leave_surplus, four);
    let of_searching = Counted {
        searching: 0,
        ..four
    };
    leaves(Idle::leave_surplus_searching, of_searching);
    let of_sleeping = Counted {
        sleeping: 0,
        ..four
    };
    leaves(|idle| idle.take_surplus_sleeper().is_some(), of_sleeping);
}

#[test]
fn nobody_who_is_about_to_be_woken_is_taken_for_a_sleeper() {
    let idle = idle(
        1,
        Counted {
            workers: 3,
            ..NOBODY
        },
    );
    // Picked already, and not yet off the stack.
    lock(&idle.stack).push_back(Sleeper::new());
    assert!(idle.take_surplus_sleeper().is_none());
    assert_eq!(lock(&idle.stack).len(), 1);
}

#[test]
fn the_notice_is_posted_if_there_are_too_many_and_withdrawn_if_not() {
    let three = Counted {
        workers: 3,
        coming: 3,
        ..NOBODY
    };
    let idle = idle(3, three);
    assert!(!idle.post_surplus() && !idle.notices.has(SURPLUS));
    idle.quota.set_most(2);
    assert!(idle.post_surplus() && idle.notices.has(SURPLUS));
    idle.withdraw_surplus();
    assert!(idle.notices.has(SURPLUS), "there still are");
    idle.quota.set_most(3);
    idle.withdraw_surplus();
    assert!(!idle.notices.has(SURPLUS));
}

#[test]
fn a_sleeper_expires_only_while_more_are_left_than_have_to_stay() {
    let two = Counted {
        workers: 2,
        sleeping: 2,
        ..NOBODY
    };
    let idle = idle(2, two);
    let (colder, other) = (Arc::clone(&lock(&idle.stack)[0]), Sleeper::new());
    assert!(!idle.expire(&other, 0), "does not lie there");
    assert!(!idle.expire(&colder, 2));
    assert_eq!(counted(&idle), two);
    assert!(idle.expire(&colder, 1));
    let one = Counted {
        workers: 1,
        sleeping: 1,
        ..NOBODY
    };
    assert_eq!(counted(&idle), one);
    assert!(
        !lock(&idle.stack)
            .iter()
            .any(|left| Arc::ptr_eq(left, &colder))
    );
}
