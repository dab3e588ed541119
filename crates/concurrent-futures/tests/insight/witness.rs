//! An observer that remembers all, and sees to it that each task's story is told in order.

use std::{
    collections::BTreeMap,
    panic::Location,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use concurrent_futures::{
    Builder, EnqueuedTask, FinishedTask, Observer, StartedTask, TaskOutcome, ThreadPoolExecutor,
};

#[derive(Debug, Default)]
pub(crate) struct Witness(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    stories: BTreeMap<u64, Story>,
    /// What was told against the law.
    wrong: Vec<String>,
}

/// What was told of one task.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) id: u64,
    pub(crate) name: Option<String>,
    pub(crate) location: &'static Location<'static>,
    pub(crate) parent: Option<u64>,
    pub(crate) enqueued: Instant,
    pub(crate) started: Option<(String, Instant)>,
    pub(crate) end: Option<End>,
}

#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) outcome: TaskOutcome,
    pub(crate) finished: Instant,
    pub(crate) run: Option<Run>,
}

#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) worker: String,
    pub(crate) time: Duration,
    pub(crate) nested: Duration,
    pub(crate) cpu: Duration,
    pub(crate) contended: Duration,
    pub(crate) blocked: Duration,
}

impl Story {
    pub(crate) fn outcome(&self) -> TaskOutcome {
        self.end.as_ref().expect("it has ended").outcome
    }

    pub(crate) fn run(&self) -> &Run {
        let run = self.end.as_ref().expect("it has ended").run.as_ref();
        run.expect("it has run")
    }

    /// Its outcome, and whether it has run.
    pub(crate) fn fate(&self) -> (TaskOutcome, bool) {
        (self.outcome(), self.started.is_some())
    }
}

impl Witness {
    /// A pool with a witness.
    pub(crate) fn of(builder: Builder) -> (ThreadPoolExecutor, Arc<Self>) {
        let witness = Arc::new(Self::default());
        let pool = builder.observer(Arc::clone(&witness)).build();
        (pool.expect("valid settings"), witness)
    }

    /// All that was told, in the order of the submits; nothing of it against the law.
    pub(crate) fn stories(&self) -> Vec<Story> {
        let memory = self.0.lock().unwrap();
        assert!(memory.wrong.is_empty(), "{:?}", memory.wrong);
        memory.stories.values().cloned().collect()
    }

    /// The same of tasks that all have ended.
    pub(crate) fn fates(&self) -> Vec<(TaskOutcome, bool)> {
        self.stories().iter().map(Story::fate).collect()
    }

    /// That of the only task with this name.
    pub(crate) fn story(&self, name: &str) -> Story {
        let mut stories = self.stories();
        stories.retain(|story| story.name.as_deref() == Some(name));
        assert_eq!(stories.len(), 1, "{name}");
        stories.remove(0)
    }

    fn note(&self, id: u64, note: impl FnOnce(&mut Story) -> Result<(), String>) {
        let mut memory = self.0.lock().unwrap();
        let noted = match memory.stories.get_mut(&id) {
            Some(story) => note(story),
            None => Err("not enqueued".to_owned()),
        };
        if let Err(wrong) = noted {
            memory.wrong.push(format!("task {id}: {wrong}"));
        }
    }
}

impl Observer for Witness {
    fn enqueued(&self, task: &EnqueuedTask) {
        let story = Story {
            id: task.id,
            name: task.name.as_deref().map(str::to_owned),
            location: task.location,
            parent: task.parent,
            enqueued: task.enqueued,
            started: None,
            end: None,
        };
        let mut memory = self.0.lock().unwrap();
        if memory.stories.insert(task.id, story).is_some() {
            memory
                .wrong
                .push(format!("task {}: enqueued again", task.id));
        }
    }

    fn started(&self, fact: &StartedTask<'_>) {
        self.note(fact.task.id, |story| {
            let begun = (fact.worker.to_string(), fact.started);
            if story.end.is_some() || story.started.replace(begun).is_some() {
                return Err("started late or again".to_owned());
            }
            let waited = fact.started.duration_since(fact.task.enqueued);
            (waited == fact.queue_wait())
                .then_some(())
                .ok_or("another wait".to_owned())
        });
    }

    fn finished(&self, fact: &FinishedTask<'_>) {
        self.note(fact.task.id, |story| {
            if fact.run.is_some() != story.started.is_some() {
                return Err(format!("run {:?}, started {:?}", fact.run, story.started));
            }
            let run = fact.run.as_ref().map(|run| Run {
                worker: run.worker.to_string(),
                time: run.time,
                nested: run.nested,
                cpu: run.cpu,
                contended: run.contended,
                blocked: run.blocked(),
            });
            let fits = |run: &Run| run.nested + run.cpu + run.contended <= run.time;
            if !run.as_ref().is_none_or(fits) {
                return Err(format!("parts do not fit: {run:?}"));
            }
            let end = End {
                outcome: fact.outcome,
                finished: fact.finished,
                run,
            };
            match story.end.replace(end) {
                None => Ok(()),
                Some(before) => Err(format!("finished again, after {before:?}")),
            }
        });
    }
}
