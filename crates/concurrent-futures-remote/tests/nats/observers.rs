//! Observers are told of calls, with the times that their workers have measured.

use crate::support::prelude::*;
use concurrent_futures::{
    EnqueuedTask, FinishedTask, Observer, StartedTask, TaskOutcome, remote::Recording,
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// A call, as it was told when it had ended.
struct Told {
    name: String,
    outcome: TaskOutcome,
    queue_wait: Duration,
    /// Where it ran, and for how long.
    run: Option<(String, Duration)>,
}

#[derive(Default)]
struct Diary {
    words: Mutex<Vec<&'static str>>,
    calls: Mutex<Vec<Told>>,
}

impl Observer for Diary {
    fn enqueued(&self, _: &EnqueuedTask) {
        self.words.lock().unwrap().push("enqueued");
    }

    fn started(&self, _: &StartedTask<'_>) {
        self.words.lock().unwrap().push("started");
    }

    fn finished(&self, fact: &FinishedTask<'_>) {
        self.words.lock().unwrap().push("finished");
        self.calls.lock().unwrap().push(Told {
            name: fact.task.name.as_deref().unwrap().to_owned(),
            outcome: fact.outcome,
            queue_wait: fact.queue_wait(),
            run: fact
                .run
                .as_ref()
                .map(|run| (run.worker.to_string(), run.time)),
        });
    }
}

#[test]
fn each_call_is_told_with_what_its_worker_has_measured() {
    with_server(|server| {
        let diary = Arc::new(Diary::default());
        let executor = server.executor().observed_by(Arc::clone(&diary));
        let log = server.log();
        let nap = executor.submit(&NAP, (log.clone(), 1, 40));
        let cancelled = executor.submit(&NAP, (log.clone(), 2, 0));
        assert!(cancelled.cancel());
        let worker = Worker::start(&server, 1);
        assert_eq!(nap.result().unwrap(), 1);
        assert!(executor.submit(&PARSE, "x".to_owned()).result().is_err());
        assert!(executor.submit(&PANIC, "x".to_owned()).result().is_err());
        let calls = diary.calls.lock().unwrap();
        let all: Vec<_> = calls
            .iter()
            .map(|call| (&*call.name, call.outcome))
            .collect();
        assert_eq!(
            all,
            [
                ("nap@1", TaskOutcome::Cancelled),
                ("nap@1", TaskOutcome::Completed),
                ("parse@1", TaskOutcome::Failed),
                ("panic@1", TaskOutcome::Panicked),
            ]
        );
        assert!(calls[0].run.is_none());
        let (place, time) = calls[1].run.as_ref().unwrap();
        assert!(place.starts_with(&format!("{}-", worker.id())), "{place}");
        assert!(*time >= Duration::from_millis(40));
        // It was queued before its worker was there.
        assert!(calls[1].queue_wait > Duration::ZERO);
        let stats = executor.stats();
        assert!(stats.longest_run_time >= *time && stats.run_time >= *time);
        assert_eq!(stats.longest_queue_wait, calls[1].queue_wait);
        let words = diary.words.lock().unwrap();
        let count = |word| words.iter().filter(|told| **told == word).count();
        assert_eq!(["enqueued", "started", "finished"].map(count), [4, 3, 4]);
    });
}

#[test]
fn a_profile_has_calls_and_their_workers() {
    with_server(|server| {
        let recording = Arc::new(Recording::new());
        let executor = server.executor().observed_by(Arc::clone(&recording));
        let _worker = Worker::start(&server, 2);
        assert_eq!(executor.map(&DOUBLE, 0..50).count(), 50);
        let profile = recording.profile("remote", 2);
        assert_eq!(profile.counts().completed, 50);
        assert_eq!(profile.workers().len(), 1);
        assert!(
            profile
                .tasks()
                .iter()
                .any(|task| task.name() == Some("double@1"))
        );
    });
}

#[test]
fn what_another_worker_has_taken_over_is_counted() {
    with_mortal_workers(|server| {
        let diary = Arc::new(Diary::default());
        let executor = server.executor().observed_by(Arc::clone(&diary));
        let (log, flag) = (server.log(), server.flag("go"));
        let mut first = Worker::start(&server, 1);
        let future = executor.submit(&HOLD, (log.clone(), flag.clone(), 1));
        until("it runs", || log.count("1") == 1);
        first.kill();
        let second = Worker::start(&server, 1);
        flag.raise();
        assert_eq!(future.result().unwrap(), 1);
        assert_eq!(executor.stats().redelivered, 1);
        let calls = diary.calls.lock().unwrap();
        let [call] = &calls[..] else {
            panic!("one call")
        };
        let (place, _) = call.run.as_ref().unwrap();
        assert!(place.starts_with(&format!("{}-", second.id())), "{place}");
    });
}
