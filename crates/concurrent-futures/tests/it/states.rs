//! pending, running, finished or cancelled: what a future says of itself.

use concurrent_futures::{Future, SharedFuture};

use crate::support::{Gate, hold, pool, watchdog};

#[derive(Debug, PartialEq, Eq)]
struct State {
    running: bool,
    cancelled: bool,
    done: bool,
}

const PENDING: State = State {
    running: false,
    cancelled: false,
    done: false,
};
const RUNNING: State = State {
    running: true,
    ..PENDING
};
const FINISHED: State = State {
    done: true,
    ..PENDING
};
const CANCELLED: State = State {
    cancelled: true,
    done: true,
    ..PENDING
};

fn state<T, E>(future: &Future<T, E>) -> State {
    State {
        running: future.running(),
        cancelled: future.cancelled(),
        done: future.done(),
    }
}

fn shared_state<T, E>(future: &SharedFuture<T, E>) -> State {
    State {
        running: future.running(),
        cancelled: future.cancelled(),
        done: future.done(),
    }
}

#[test]
fn from_pending_through_running_to_finished() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let (entered, leave) = (Gate::new(), Gate::new());
        let task = pool.submit({
            let (entered, leave) = (entered.clone(), leave.clone());
            move || {
                entered.open();
                leave.wait();
            }
        });
        assert_eq!(state(&task), PENDING);
        held.release();
        entered.wait();
        assert_eq!(state(&task), RUNNING);
        leave.open();
        assert!(task.exception().is_none());
        assert_eq!(state(&task), FINISHED);
    });
}

#[test]
fn an_error_is_a_way_to_finish() {
    watchdog(|| {
        let task = pool(1).try_submit(|| Err::<(), _>("failed"));
        assert!(task.exception().is_some());
        assert_eq!(state(&task), FINISHED);
    });
}

#[test]
fn a_panic_is_a_way_to_finish() {
    watchdog(|| {
        let task = pool(1).submit(|| panic!("boom"));
        assert!(task.exception().is_some());
        assert_eq!(state(&task), FINISHED);
    });
}

#[test]
fn cancelled_is_done_and_not_running() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let task = pool.submit(|| ());
        assert!(task.cancel());
        assert_eq!(state(&task), CANCELLED);
        held.release();
        pool.shutdown();
        assert_eq!(state(&task), CANCELLED);
    });
}

#[test]
fn a_refused_task_is_finished_and_not_cancelled() {
    watchdog(|| {
        let pool = pool(1);
        pool.shutdown();
        assert_eq!(state(&pool.submit(|| ())), FINISHED);
    });
}

#[test]
fn a_shared_future_tells_the_same() {
    watchdog(|| {
        let pool = pool(1);
        let held = hold(&pool, 1);
        let task = pool.submit(|| ()).shared();
        let cancelled = pool.submit(|| ()).shared();
        assert_eq!(shared_state(&task), PENDING);
        assert!(cancelled.cancel());
        assert_eq!(shared_state(&cancelled), CANCELLED);
        held.release();
        task.result().unwrap();
        assert_eq!(shared_state(&task), FINISHED);
    });
}

#[test]
fn a_finished_task_stays_as_it_is() {
    watchdog(|| {
        let pool = pool(1);
        let task = pool.submit(|| 1);
        assert!(task.exception().is_none());
        assert!(!task.cancel());
        pool.shutdown();
        assert!(!task.cancel());
        assert_eq!(state(&task), FINISHED);
        assert_eq!(task.result().unwrap(), 1);
    });
}
