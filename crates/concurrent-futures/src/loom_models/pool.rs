//! A whole pool, with workers on the model's threads.

use super::rig::JoinHandle;
use super::rig::{Count, here, large_model, model, pair, spawn};
use crate::{
    Future,
    error::TaskError,
    pool::{
        Initializer, Pool,
        bound::Bound,
        dressing::Dressing,
        sizing::Sizing,
        threads::{Factory, Threads, WorkerThread},
    },
    submission::{WhenFull, submit},
    task::{Handle, work::Plain},
};
use std::{
    convert::Infallible,
    io,
    sync::{Arc, Mutex},
};

/// What the factory of a model does with one more worker.
pub(super) enum Answer {
    Start,
    Refuse,
    /// Says yes, and keeps it.
    Keep,
}

/// A pool and its threads, which are joined by `end`.
pub(super) struct Crew {
    pub(super) pool: Arc<Pool>,
    threads: Arc<Mutex<Vec<JoinHandle<()>>>>,
    kept: Arc<Mutex<Vec<WorkerThread>>>,
}

impl Crew {
    pub(super) fn new(max_workers: usize) -> Self {
        Self::with(max_workers, |_| Answer::Start, None)
    }

    /// One worker, whose queue has room for one.
    pub(super) fn narrow(when_full: WhenFull) -> Self {
        let mut dressing = Dressing::default();
        dressing.set_bound(Bound::new(1, when_full));
        Self::of(Sizing::up_to(1), |_| Answer::Start, None, dressing)
    }

    pub(super) fn sized(sizing: Sizing) -> Self {
        Self::of(sizing, |_| Answer::Start, None, Dressing::default())
    }

    /// `answer` is asked with the number of the start, from 0.
    fn with(
        max_workers: usize,
        answer: impl Fn(usize) -> Answer + Send + Sync + 'static,
        initializer: Option<Box<Initializer>>,
    ) -> Self {
        Self::of(
            Sizing::up_to(max_workers),
            answer,
            initializer,
            Dressing::default(),
        )
    }

    fn of(
        sizing: Sizing,
        answer: impl Fn(usize) -> Answer + Send + Sync + 'static,
        initializer: Option<Box<Initializer>>,
        dressing: Dressing,
    ) -> Self {
        let threads = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::new(Mutex::new(Vec::new()));
        let (started, keep) = (Arc::clone(&threads), Arc::clone(&kept));
        let starts = Count::default();
        // An error, but the worker lives on: the pool is content, and asks for no handle of std.
        let factory = move |worker: WorkerThread| {
            match answer(starts.add() - 1) {
                Answer::Start => {
                    // Before the lock, which is of std and must not be held in a step of the model.
                    let thread = spawn(move || worker.run());
                    started.lock().unwrap().push(thread);
                }
                Answer::Keep => keep.lock().unwrap().push(worker),
                Answer::Refuse => drop(worker),
            }
            Err(io::Error::other("no thread of std"))
        };
        let factory: Box<Factory> = Box::new(factory);
        let all = Threads::new("model".to_owned(), None, Some(factory));
        Self {
            pool: Pool::new(sizing, all, initializer, dressing),
            threads,
            kept,
        }
    }

    pub(super) fn submit<T: Send + 'static>(
        &self,
        f: impl FnOnce() -> T + Send + 'static,
    ) -> Handle<T, Infallible> {
        submit(&self.pool, Plain(f), here())
    }

    /// Closes the pool and joins its threads.
    pub(super) fn end(self) {
        self.pool.close();
        loop {
            let thread = self.threads.lock().unwrap().pop();
            let Some(thread) = thread else { break };
            thread.join().unwrap();
        }
        assert_eq!((self.pool.worker_count(), self.pool.queued()), (0, 0));
    }
}

/// Catches a worker that sleeps through a task or through the close, and a task that keeps its
/// worker from ending.
#[test]
fn two_tasks_and_a_worker() {
    large_model(|| {
        let crew = Crew::new(1);
        let first = crew.submit(|| 1);
        let second = crew.submit(|| 2);
        assert_eq!(first.take().unwrap(), 1);
        assert_eq!(second.take().unwrap(), 2);
        crew.end();
    });
}

/// Catches a worker that has published an outcome and is not counted on for the next task, and one
/// that is counted on and does not come.
#[test]
fn a_task_after_another() {
    large_model(|| {
        let crew = Crew::new(1);
        assert_eq!(crew.submit(|| 1).take().unwrap(), 1);
        assert_eq!(crew.submit(|| 2).take().unwrap(), 2);
        crew.end();
    });
}

/// Catches a task that waits although there is a worker for it, be it asleep or not yet started.
#[test]
fn two_tasks_run_at_once() {
    large_model(|| {
        let crew = Crew::new(2);
        let (run, wait) = pair();
        let older = crew.submit(wait);
        let younger = crew.submit(run);
        older.take().unwrap();
        younger.take().unwrap();
        crew.end();
    });
}

/// Catches the same while workers run the initializer.
#[test]
fn two_tasks_run_at_once_in_initialised_workers() {
    large_model(|| {
        let crew = Crew::with(2, |_| Answer::Start, Some(Box::new(|| Ok(()))));
        let (run, wait) = pair();
        let older = crew.submit(wait);
        let younger = crew.submit(run);
        older.take().unwrap();
        younger.take().unwrap();
        crew.end();
    });
}

/// Catches a follow-up that was accepted before the close and is refused or forgotten after it.
#[test]
fn a_follow_up_runs_in_a_closed_pool() {
    model(|| {
        let crew = Crew::new(1);
        let follow_up = Future::new(crew.submit(|| 1)).then(|n| n + 1);
        crew.pool.close();
        assert_eq!(follow_up.result().unwrap(), 2);
        crew.end();
    });
}

/// Catches the same when the tasks come from two producers, and a worker too many.
#[test]
fn two_producers() {
    large_model(|| {
        let crew = Crew::new(1);
        let pool = Arc::clone(&crew.pool);
        let producer = spawn(move || {
            let value = pool.submit(Plain(|| 1)).take().unwrap();
            drop(pool);
            value
        });
        assert_eq!(crew.submit(|| 2).take().unwrap(), 2);
        assert_eq!(producer.join().unwrap(), 1);
        crew.end();
    });
}

/// Catches a task that is accepted and never run because the pool was closed before its submitter
/// had come to starting a worker.
#[test]
fn a_task_is_accepted_or_rejected() {
    model(|| {
        let crew = Crew::new(1);
        let pool = Arc::clone(&crew.pool);
        let producer = spawn(move || {
            let handle = pool.submit(Plain(|| 1));
            drop(pool);
            handle.take()
        });
        crew.pool.close();
        match producer.join().unwrap() {
            Ok(value) => assert_eq!(value, 1),
            Err(error) => assert!(matches!(error, TaskError::Rejected(_))),
        }
        crew.end();
    });
}

/// Catches a queued task that is neither run nor cancelled, or both.
#[test]
fn queued_tasks_are_cancelled() {
    model(|| {
        let crew = Crew::new(1);
        let ran = Count::default();
        let count = ran.clone();
        let task = crew.submit(move || count.add());
        crew.pool.close();
        crew.pool.cancel_queued();
        let outcome = task.take();
        assert_eq!(ran.get(), usize::from(outcome.is_ok()));
        crew.end();
    });
}

/// Catches a task that waits for a thread which the system refuses, and a refusal that is not told.
#[test]
fn no_thread_can_be_started() {
    model(|| {
        let crew = Crew::with(1, |_| Answer::Refuse, None);
        let pool = Arc::clone(&crew.pool);
        let producer = spawn(move || {
            let handle = pool.submit(Plain(|| 1));
            drop(pool);
            handle.take().unwrap_err()
        });
        let error = crew.submit(|| 2).take().unwrap_err();
        assert!(matches!(error, TaskError::Rejected(_)));
        assert!(matches!(producer.join().unwrap(), TaskError::Rejected(_)));
        crew.end();
    });
}

/// Catches a task that is stranded or fails when one thread more is refused and another lives.
#[test]
fn a_second_thread_is_refused() {
    large_model(|| {
        let crew = Crew::with(
            2,
            |number| match number {
                0 => Answer::Start,
                _ => Answer::Refuse,
            },
            None,
        );
        let first = crew.submit(|| 1);
        let second = crew.submit(|| 2);
        assert_eq!(first.take().unwrap(), 1);
        assert_eq!(second.take().unwrap(), 2);
        crew.end();
    });
}

/// Catches a task whose submitter relied on a worker that the factory keeps and then drops.
#[test]
fn a_kept_worker_is_dropped() {
    model(|| {
        let crew = Crew::with(
            1,
            |number| match number {
                0 => Answer::Keep,
                _ => Answer::Start,
            },
            None,
        );
        let first = crew.submit(|| 1);
        let worker = crew.kept.lock().unwrap().pop().unwrap();
        let dropper = spawn(move || drop(worker));
        let second = crew.submit(|| 2).take();
        dropper.join().unwrap();
        assert!(matches!(first.take(), Ok(1) | Err(TaskError::Rejected(_))));
        assert!(matches!(second, Ok(2) | Err(TaskError::Rejected(_))));
        crew.end();
    });
}

/// Catches a task that waits for a pool that broke.
#[test]
fn the_initializer_fails() {
    model(|| {
        let crew = Crew::with(1, |_| Answer::Start, Some(Box::new(|| Err("no".into()))));
        let first = crew.submit(|| 1);
        let second = crew.submit(|| 2);
        assert!(matches!(first.take(), Err(TaskError::Broken(_))));
        assert!(matches!(second.take(), Err(TaskError::Broken(_))));
        crew.end();
    });
}
