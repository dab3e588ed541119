//! The token of the task at hand, found without a parameter.

use std::time::Duration;

use concurrent_futures::{CancelToken, check_cancelled};

use crate::support::{pool, watchdog};

const LONG: Duration = Duration::from_secs(3600);

#[test]
fn outside_of_tasks_nothing_is_cancelled() {
    assert!(check_cancelled().is_ok());
    let token = CancelToken::current();
    assert!(!token.is_cancelled());
    token.cancel();
    assert!(check_cancelled().is_ok());
    assert!(!CancelToken::current().is_cancelled());
}

#[test]
fn enter_makes_a_token_ambient_for_as_long_as_it_runs() {
    let (outer, inner) = (CancelToken::new(), CancelToken::new());
    outer.cancel();
    outer.enter(|| {
        assert!(check_cancelled().is_err());
        assert!(CancelToken::current().is_cancelled());
        inner.enter(|| {
            assert!(check_cancelled().is_ok());
            assert!(!CancelToken::current().is_cancelled());
        });
        assert!(check_cancelled().is_err());
    });
    assert!(check_cancelled().is_ok());
}

#[test]
fn to_cancel_the_current_token_leaves_the_given_one() {
    let token = CancelToken::new();
    token.enter(|| {
        CancelToken::current().cancel();
        assert!(check_cancelled().is_err());
    });
    assert!(!token.is_cancelled());
}

#[test]
fn a_request_reaches_into_an_entered_token() {
    watchdog(|| {
        let pool = pool(1);
        let task = pool.submit(|| CancelToken::new().enter(|| CancelToken::current().sleep(LONG)));
        while !task.running() {}
        task.request_cancel();
        assert!(task.result().unwrap().is_err());
    });
}

#[test]
fn an_entered_token_reaches_into_a_task() {
    watchdog(|| {
        let pool = pool(1);
        let token = CancelToken::new();
        let task = pool.submit({
            let token = token.clone();
            move || {
                // The task's own token first: what is entered later counts all the same.
                assert!(!CancelToken::current().is_cancelled());
                let stopped = token.enter(|| CancelToken::current().sleep(LONG).is_err());
                stopped && check_cancelled().is_ok()
            }
        });
        while !task.running() {}
        token.cancel();
        assert!(task.result().unwrap());
    });
}
