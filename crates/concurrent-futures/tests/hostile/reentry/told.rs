//! From those who are told: wakers, observers, thread factories, contexts.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Wake, Waker},
    thread,
};

use concurrent_futures::{
    Builder, EnqueuedTask, FinishedTask, Observer, StartedTask, ThreadPoolExecutor,
};

use super::{CALLS, Call, Place, check};
use crate::support::{Gate, hold, pool, watchdog};

fn build(arrange: impl FnOnce(Builder) -> Builder) -> ThreadPoolExecutor {
    let builder = ThreadPoolExecutor::builder().max_workers(1);
    arrange(builder).build().unwrap()
}

/// A place that is reached only while it is set.
#[derive(Clone, Default)]
struct Trap {
    set: Arc<AtomicBool>,
    place: Place,
}

impl Trap {
    fn set(&self) {
        self.set.store(true, SeqCst);
    }

    fn pass(&self) {
        if self.set.swap(false, SeqCst) {
            self.place.reach();
        }
    }
}

#[test]
fn from_a_waker() {
    struct Reaches(Place);
    impl Wake for Reaches {
        fn wake(self: Arc<Self>) {
            self.0.reach();
        }
    }
    for call in CALLS {
        watchdog(|| {
            let (pool, place, gate) = (pool(1), Place::default(), Gate::new());
            let waker = Waker::from(Arc::new(Reaches(place.clone())));
            let inside = gate.clone();
            let mut task = pin!(pool.submit(move || inside.wait()));
            let mut context = Context::from_waker(&waker);
            assert!(Future::poll(task.as_mut(), &mut context).is_pending());
            check(call, pool, &place, None, || gate.open());
        });
    }
}

struct Tells {
    enqueued: Trap,
    started: Trap,
    finished: Trap,
}

impl Observer for Tells {
    fn enqueued(&self, _: &EnqueuedTask) {
        self.enqueued.pass();
    }

    fn started(&self, _: &StartedTask<'_>) {
        self.started.pass();
    }

    fn finished(&self, _: &FinishedTask<'_>) {
        self.finished.pass();
    }
}

#[test]
fn from_an_observer_of_a_start_or_an_end() {
    for call in CALLS {
        for ends in [false, true] {
            watchdog(|| {
                let (trap, never) = (Trap::default(), Trap::default());
                let (started, finished) = if ends {
                    (never.clone(), trap.clone())
                } else {
                    (trap.clone(), never.clone())
                };
                let enqueued = never;
                let pool = build(|builder| {
                    builder.observer(Tells {
                        enqueued,
                        started,
                        finished,
                    })
                });
                trap.set();
                let task = pool.submit(|| ());
                check(call, pool, &trap.place, None, || ());
                task.result().expect("the call does no harm");
            });
        }
    }
}

/// It is called while somebody submits, who has a handle: so the call is not the drop of the last.
fn while_submitting(arrange: impl Fn(Builder, Trap) -> Builder) {
    for call in CALLS {
        if call == Call::DropLastHandle {
            continue;
        }
        watchdog(|| {
            let trap = Trap::default();
            let pool = build(|builder| arrange(builder, trap.clone()));
            let held = hold(&pool, 1);
            let submits = pool.clone();
            check(call, pool, &trap.place, Some(Box::new(held)), || {
                trap.set();
                // Where it is not the queue that has been closed by the call, it runs.
                drop(submits.submit(|| ()));
                trap.pass();
            });
        });
    }
}

#[test]
fn from_an_observer_of_a_submit() {
    while_submitting(|builder, enqueued| {
        let (started, finished) = (Trap::default(), Trap::default());
        builder.observer(Tells {
            enqueued,
            started,
            finished,
        })
    });
}

#[test]
fn from_a_context() {
    while_submitting(|builder, trap| {
        builder.context(move || {
            trap.pass();
            |task: &mut dyn FnMut()| task()
        })
    });
}

#[test]
fn from_a_thread_factory() {
    for call in CALLS {
        // Whoever submits has a handle, so the call is not the drop of the last.
        if call == Call::DropLastHandle {
            continue;
        }
        watchdog(|| {
            let (place, entered) = (Place::default(), Gate::new());
            let (inside, opens) = (place.clone(), entered.clone());
            let pool = build(|builder| {
                builder.thread_factory(move |worker| {
                    opens.open();
                    inside.reach();
                    worker.spawn()
                })
            });
            let submits = pool.clone();
            let starting = thread::spawn(move || drop(submits.submit(|| ())));
            entered.wait();
            check(call, pool, &place, None, || ());
            starting.join().unwrap();
        });
    }
}
