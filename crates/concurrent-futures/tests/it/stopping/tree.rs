//! Tokens by themselves: who is cancelled with whom, who wakes, who is called.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use concurrent_futures::CancelToken;

use crate::support::{LogCapture, Probe, watchdog};

const LONG: Duration = Duration::from_secs(3600);

#[test]
fn a_new_token_is_not_cancelled() {
    let token = CancelToken::new();
    assert!(!token.is_cancelled());
    assert!(token.check().is_ok());
    assert_eq!(token.deadline(), None);
}

#[test]
fn is_cancelled_once_and_for_all_its_clones() {
    let token = CancelToken::new();
    let clone = token.clone();
    assert!(clone.cancel());
    assert!(!token.cancel());
    assert!(token.is_cancelled());
    let error = token.check().unwrap_err();
    assert!(!error.is_deadline());
    assert!(!error.is_shutdown());
    assert_eq!(error.to_string(), "asked to stop");
}

#[test]
fn goes_down_the_tree_and_not_up() {
    let root = CancelToken::new();
    let (left, right) = (root.child(), root.child());
    let leaf = left.child();
    left.cancel();
    assert!(leaf.is_cancelled());
    assert!(!right.is_cancelled());
    assert!(!root.is_cancelled());
    root.cancel();
    assert!(right.is_cancelled());
}

#[test]
fn a_child_of_a_cancelled_token_is_born_cancelled() {
    let root = CancelToken::new();
    root.cancel();
    assert!(root.child().child().is_cancelled());
}

#[test]
fn a_parent_whose_handle_is_gone_still_passes_it_on() {
    let root = CancelToken::new();
    let leaf = root.child().child().child();
    root.cancel();
    assert!(leaf.is_cancelled());
}

#[test]
fn any_is_cancelled_with_each_of_its_parents() {
    for cancelled in 0..3 {
        let parents = [CancelToken::new(), CancelToken::new(), CancelToken::new()];
        let any = CancelToken::any(&parents);
        assert!(!any.is_cancelled());
        parents[cancelled].cancel();
        assert!(any.is_cancelled());
    }
    assert!(!CancelToken::any([]).is_cancelled());
}

#[test]
fn the_earliest_deadline_of_the_line_counts() {
    let now = Instant::now();
    let late = CancelToken::new().with_deadline(now + LONG);
    let later = late.with_deadline(now + 2 * LONG);
    assert_eq!(later.deadline(), Some(now + LONG));
    assert_eq!(later.child().deadline(), Some(now + LONG));
    let over = later.with_deadline(now);
    assert!(over.check().unwrap_err().is_deadline());
    assert!(over.child().is_cancelled());
    assert!(!later.is_cancelled());
    let any = CancelToken::any([&later, &CancelToken::new().with_deadline(now + LONG / 2)]);
    assert_eq!(any.deadline(), Some(now + LONG / 2));
}

#[test]
fn a_timeout_beyond_the_clock_is_none() {
    let token = CancelToken::new().with_timeout(Duration::MAX);
    assert_eq!(token.deadline(), None);
}

#[test]
fn who_cancels_before_the_deadline_is_the_cause() {
    let token = CancelToken::new().with_timeout(Duration::ZERO);
    assert!(token.cancel());
    assert!(!token.check().unwrap_err().is_deadline());
}

#[test]
fn a_sleep_ends_by_itself() {
    watchdog(|| {
        let token = CancelToken::new();
        assert!(token.sleep(Duration::ZERO).is_ok());
        assert!(token.sleep(Duration::from_millis(1)).is_ok());
    });
}

#[test]
fn a_sleep_ends_at_the_deadline() {
    watchdog(|| {
        let token = CancelToken::new().with_timeout(Duration::from_millis(1));
        assert!(token.child().sleep(LONG).unwrap_err().is_deadline());
        assert!(token.sleep(Duration::ZERO).is_err());
    });
}

#[test]
fn cancelling_wakes_all_who_sleep_below() {
    watchdog(|| {
        let root = CancelToken::new();
        let tokens = [root.clone(), root.child(), root.child().child()];
        thread::scope(|scope| {
            let (about, ready) = mpsc::channel();
            for token in &tokens {
                for _ in 0..2 {
                    let about = about.clone();
                    scope.spawn(move || {
                        about.send(()).unwrap();
                        assert!(token.sleep(LONG).is_err());
                        assert!(!token.wait().is_deadline());
                    });
                }
            }
            (0..6).for_each(|_| ready.recv().unwrap());
            root.cancel();
        });
    });
}

#[test]
fn callbacks_run_once_in_order_when_all_below_is_cancelled() {
    let root = CancelToken::new();
    let child = root.child();
    let calls = Arc::new(Mutex::new(Vec::new()));
    let call = |name| {
        let (calls, child) = (Arc::clone(&calls), child.clone());
        move || calls.lock().unwrap().push((name, child.is_cancelled()))
    };
    root.on_cancel(call("first")).keep();
    child.on_cancel(call("below")).keep();
    root.on_cancel(call("second")).keep();
    root.cancel();
    root.cancel();
    assert_eq!(
        *calls.lock().unwrap(),
        [("first", true), ("second", true), ("below", true)]
    );
    root.on_cancel(call("late")).keep();
    assert_eq!(calls.lock().unwrap().last(), Some(&("late", true)));
}

#[test]
fn a_callback_that_was_taken_back_is_dropped_and_not_called() {
    let token = CancelToken::new();
    let (calls, probe) = (Arc::new(AtomicUsize::new(0)), Probe::new());
    let guard = token.on_cancel({
        let (calls, value) = (Arc::clone(&calls), probe.value());
        move || {
            drop(value);
            calls.fetch_add(1, SeqCst);
        }
    });
    drop(guard);
    assert_eq!(probe.alive(), 0);
    token.cancel();
    assert_eq!(calls.load(SeqCst), 0);
}

#[test]
fn a_callback_that_is_never_called_goes_with_the_token() {
    let probe = Probe::new();
    let token = CancelToken::new();
    let value = probe.value();
    token.on_cancel(move || drop(value)).keep();
    drop(token);
    assert_eq!(probe.alive(), 0);
}

#[test]
fn a_panicking_callback_is_logged_and_the_others_are_called() {
    let log = LogCapture::containing("the callback's bad day");
    let token = CancelToken::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&calls);
    token.on_cancel(|| panic!("the callback's bad day")).keep();
    token
        .on_cancel(move || {
            counting.fetch_add(1, SeqCst);
        })
        .keep();
    token.cancel();
    assert_eq!(calls.load(SeqCst), 1);
    token.on_cancel(|| panic!("the callback's bad day")).keep();
    assert_eq!(log.records().len(), 2);
}

#[test]
fn a_callback_may_use_the_tree() {
    let token = CancelToken::new();
    let inside = token.clone();
    token
        .on_cancel(move || {
            assert!(inside.child().is_cancelled());
            assert!(!inside.cancel());
            inside.on_cancel(|| ()).keep();
            assert!(inside.sleep(LONG).is_err());
        })
        .keep();
    let log = LogCapture::containing("a callback of a token panicked");
    token.cancel();
    assert_eq!(log.records().len(), 0, "{:?}", log.records());
}

#[test]
fn a_long_line_is_cancelled_and_dropped_without_growing_the_stack() {
    watchdog(|| {
        let small = thread::Builder::new().stack_size(64 * 1024);
        let line = small.spawn(|| {
            let root = CancelToken::new();
            let mut leaf = root.child();
            for _ in 0..100_000 {
                leaf = leaf.child();
            }
            let other = leaf.child();
            root.cancel();
            assert!(other.is_cancelled());
            drop((leaf, other));
        });
        line.unwrap().join().unwrap();
    });
}

#[test]
fn many_threads_cancel_and_only_one_is_first() {
    watchdog(|| {
        for _ in 0..100 {
            let root = CancelToken::new();
            let leaf = root.child();
            let firsts = AtomicUsize::new(0);
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        if root.cancel() {
                            firsts.fetch_add(1, SeqCst);
                        }
                        assert!(leaf.is_cancelled() || root.is_cancelled());
                    });
                }
            });
            assert_eq!(firsts.load(SeqCst), 1);
            assert!(leaf.is_cancelled());
        }
    });
}

#[test]
fn prints_whether_it_is_cancelled() {
    let token = CancelToken::new();
    assert_eq!(
        format!("{token:?}"),
        "CancelToken { cancelled: None, deadline: None }"
    );
    token.cancel();
    assert_eq!(
        format!("{token:?}"),
        "CancelToken { cancelled: Some(Requested), deadline: None }"
    );
}
