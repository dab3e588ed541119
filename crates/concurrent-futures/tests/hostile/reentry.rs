//! Every call from every place where the pool runs or drops what belongs to the user. Each pool has one worker, so a
//! call that waits for that worker from within it would wait for ever.

#[cfg(unix)]
mod hook;
mod told;
mod threads_end;

use std::sync::{Arc, Mutex};

use concurrent_futures::{Future, Shutdown, TaskError, ThreadPoolExecutor};

use crate::support::{Gate, hold, pool, watchdog};

/// Keeps a worker busy until it is dropped.
type Hold = Box<dyn Send>;

type Action = Box<dyn FnOnce() + Send>;

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Submit,
    Cancel,
    AddDoneCallback,
    Resize,
    Shutdown,
    ShutdownWithCancel,
    DropLastHandle,
}

const CALLS: [Call; 7] = [
    Call::Submit,
    Call::Cancel,
    Call::AddDoneCallback,
    Call::Resize,
    Call::Shutdown,
    Call::ShutdownWithCancel,
    Call::DropLastHandle,
];

/// Where it is called: told of the call later, since the call needs the pool and the pool may need the place.
#[derive(Clone, Default)]
struct Place {
    prepared: Gate,
    call: Arc<Mutex<Option<Action>>>,
}

impl Place {
    fn prepare(&self, call: impl FnOnce() + Send + 'static) {
        *self.call.lock().unwrap() = Some(Box::new(call));
        self.prepared.open();
    }

    /// Runs the call the first time it comes here.
    fn reach(&self) {
        self.prepared.wait();
        let call = self.call.lock().unwrap().take();
        if let Some(call) = call {
            call();
        }
    }
}

/// A value whose drop is the place.
struct OnDrop(Place);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.reach();
    }
}

/// Prepares the call with everything that it needs, has the place reached, and checks what became of all.
/// Where the place is reached on the thread of the test, the worker is held: until the call has come through if the
/// call finds the victim in the queue, until it begins if the call waits for the worker.
fn check(
    call: Call,
    pool: ThreadPoolExecutor,
    place: &Place,
    mut held: Option<Hold>,
    reach: impl FnOnce(),
) {
    let victim = pool.submit(|| "ran").shared();
    if call == Call::ShutdownWithCancel {
        // It cancels first and waits then, and this is the last that it cancels.
        let held = held.take();
        pool.submit(|| ()).add_done_callback(move |_| drop(held));
    }
    let (ended, heard) = (Gate::new(), Gate::new());
    let submitted = Arc::new(Mutex::new(None::<Future<u8>>));
    let held_until_call = held.take_if(|_| matches!(call, Call::Shutdown | Call::DropLastHandle));

    let (ends, tells) = (ended.clone(), heard.clone());
    let (theirs, result) = (victim.clone(), Arc::clone(&submitted));
    let kept = (call != Call::DropLastHandle).then(|| pool.clone());
    place.prepare(move || {
        drop(held_until_call);
        match call {
            Call::Submit => *result.lock().unwrap() = Some(pool.submit(|| 7)),
            Call::Cancel => assert!(theirs.cancel()),
            Call::AddDoneCallback => theirs.add_done_callback(move |_| tells.open()),
            Call::Resize => {
                for workers in [3, 1, 2] {
                    pool.set_max_workers(workers).expect("a valid number");
                }
            }
            Call::Shutdown => pool.shutdown(),
            Call::ShutdownWithCancel => {
                let shut_down = pool.shutdown_with(Shutdown::new().cancel_futures());
                assert!(shut_down.is_ok() || shut_down.is_err_and(|error| error.is_own_worker()));
            }
            Call::DropLastHandle => {}
        }
        drop(pool);
        ends.open();
    });
    reach();
    ended.wait();
    drop(held);

    match call {
        Call::Submit => {
            let future = submitted.lock().unwrap().take().unwrap();
            assert_eq!(future.result().unwrap(), 7);
        }
        Call::AddDoneCallback => heard.wait(),
        Call::Resize => assert_eq!(kept.as_ref().unwrap().max_workers(), 2),
        Call::Shutdown | Call::ShutdownWithCancel => {
            let late = kept.as_ref().unwrap().submit(|| ());
            assert!(matches!(late.result(), Err(TaskError::Rejected(_))));
        }
        Call::Cancel | Call::DropLastHandle => {}
    }
    if matches!(call, Call::Cancel | Call::ShutdownWithCancel) {
        assert!(matches!(victim.result(), Err(TaskError::Cancelled)));
    } else {
        assert_eq!(victim.result().unwrap(), &"ran");
    }
    if let Some(pool) = kept {
        pool.shutdown();
        assert_eq!(pool.worker_count(), 0);
    }
}

#[test]
fn from_a_task() {
    for call in CALLS {
        watchdog(|| {
            let (pool, place) = (pool(1), Place::default());
            let inside = place.clone();
            let task = pool.submit(move || inside.reach());
            check(call, pool, &place, None, || ());
            task.result().expect("the call does no harm");
        });
    }
}

#[test]
fn from_a_callback() {
    for call in CALLS {
        watchdog(|| {
            let (pool, place) = (pool(1), Place::default());
            let inside = place.clone();
            let gate = Gate::new();
            let opens = gate.clone();
            let task = pool.submit(move || gate.wait());
            task.add_done_callback(move |_| inside.reach());
            check(call, pool, &place, None, || opens.open());
        });
    }
}

#[test]
fn from_a_callback_of_a_cancelled_task() {
    for call in CALLS {
        watchdog(|| {
            let (pool, place) = (pool(1), Place::default());
            let inside = place.clone();
            let held = hold(&pool, 1);
            let task = pool.submit(|| ());
            task.add_done_callback(move |_| inside.reach());
            check(call, pool, &place, Some(Box::new(held)), || {
                assert!(task.cancel());
            });
        });
    }
}

#[test]
fn from_the_initializer() {
    for call in CALLS {
        watchdog(|| {
            let place = Place::default();
            let inside = place.clone();
            let pool = ThreadPoolExecutor::builder()
                .max_workers(1)
                .initializer(move || inside.reach())
                .build()
                .unwrap();
            check(call, pool, &place, None, || ());
        });
    }
}

#[test]
fn from_the_drop_of_a_closure_that_ran() {
    for call in CALLS {
        watchdog(|| {
            let (pool, place) = (pool(1), Place::default());
            let capture = OnDrop(place.clone());
            let task = pool.submit(move || {
                let _borrowed = &capture;
            });
            check(call, pool, &place, None, || ());
            task.result().expect("the call does no harm");
        });
    }
}

#[test]
fn from_the_drop_of_a_cancelled_closure() {
    for call in CALLS {
        watchdog(|| {
            let (pool, place) = (pool(1), Place::default());
            let held = hold(&pool, 1);
            let capture = OnDrop(place.clone());
            let task = pool.submit(move || drop(capture));
            check(call, pool, &place, Some(Box::new(held)), || {
                assert!(task.cancel());
            });
        });
    }
}

#[test]
fn from_the_drop_of_a_result_that_nobody_wanted() {
    for call in CALLS {
        watchdog(|| {
            let (pool, place) = (pool(1), Place::default());
            let gate = Gate::new();
            let (opens, result) = (gate.clone(), OnDrop(place.clone()));
            drop(pool.submit(move || {
                gate.wait();
                result
            }));
            check(call, pool, &place, None, || opens.open());
        });
    }
}

#[test]
fn from_the_drop_of_a_result_that_nobody_took() {
    for call in CALLS {
        watchdog(|| {
            let (pool, place) = (pool(1), Place::default());
            let result = OnDrop(place.clone());
            let future = pool.submit(move || result);
            assert!(future.exception().is_none());
            let held = hold(&pool, 1);
            check(call, pool, &place, Some(Box::new(held)), || drop(future));
        });
    }
}
