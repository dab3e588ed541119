use super::*;
use crate::observer::{EnqueuedTask, FinishedTask, StartedTask, TaskOutcome};
use std::sync::Mutex;

/// What was told, in a word each.
#[derive(Default)]
struct Words(Mutex<Vec<String>>);

impl Words {
    fn add(&self, word: String) {
        self.0.lock().unwrap().push(word);
    }
}

impl Observer for Words {
    fn enqueued(&self, task: &EnqueuedTask) {
        self.add(format!("{} enqueued", task.name.as_deref().unwrap()));
    }

    fn started(&self, fact: &StartedTask<'_>) {
        self.add(format!("{} started", fact.task.name.as_deref().unwrap()));
    }

    fn finished(&self, fact: &FinishedTask<'_>) {
        let name = fact.task.name.as_deref().unwrap();
        self.add(format!("{name} {}", fact.outcome));
    }
}

/// It starts no threads.
pub(super) struct Silent;

impl Host for Silent {
    fn start(&self, _: WorkerThread) -> io::Result<()> {
        Err(io::Error::other("no thread"))
    }

    fn initialize(&self) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(())
    }

    fn park(&self, sleep: &mut (dyn FnMut() + Send)) {
        sleep();
    }
}

pub(super) fn settings(prefix: &str) -> Settings {
    Settings {
        max_workers: 1,
        min_workers: 0,
        keep_alive: None,
        prefix: prefix.to_owned(),
        queue_capacity: None,
    }
}

#[test]
fn the_host_tells_what_becomes_of_its_tasks() {
    let words = Arc::new(Words::default());
    let pool = Pool::observed(settings("rim"), Arc::new(Silent), Arc::clone(&words));
    let observe = |name: &str| pool.observe(Some(name.into())).expect("an observer");
    let (ran, ended, lost) = (observe("a"), observe("b"), observe("c"));
    assert_eq!(format!("{ran:?}"), "Facts { .. }");
    let run = ran.start();
    ran.finish(run, TaskOutcome::Failed);
    ended.end(TaskOutcome::Rejected);
    drop(lost);
    let told = words.0.lock().unwrap().join(", ");
    assert_eq!(
        told,
        "a enqueued, b enqueued, c enqueued, a started, a failed, b rejected, c cancelled"
    );
}

#[test]
fn a_pool_that_nobody_observes_has_no_facts() {
    let pool = Pool::new(settings("rim"), Arc::new(Silent));
    assert!(pool.observe(None).is_none());
}

#[test]
fn a_pool_is_closed_by_its_shutdown() {
    let pool = Pool::new(settings("rim"), Arc::new(Silent));
    assert!(!pool.is_closed());
    pool.close();
    assert!(pool.is_closed());
}

#[cfg(feature = "profile")]
#[test]
fn a_recording_has_the_tasks_of_all_its_pools() {
    let recording = Arc::new(super::Recording::new());
    let pools = ["one", "two"]
        .map(|prefix| Pool::observed(settings(prefix), Arc::new(Silent), Arc::clone(&recording)));
    for pool in &pools {
        let ran = pool.observe(Some("ran".into())).expect("an observer");
        let run = ran.start();
        ran.finish(run, TaskOutcome::Completed);
        drop(pool.observe(None));
    }
    let profile = recording.profile("both", 2);
    let counts = profile.counts();
    assert_eq!((counts.completed, counts.cancelled), (2, 2));
    assert_eq!((profile.pool_name(), profile.max_workers()), ("both", 2));
    assert_eq!(recording.profile_in_turns("both", 2).processors(), 1);
}
