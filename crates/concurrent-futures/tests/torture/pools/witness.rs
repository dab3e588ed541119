//! An observer that remembers how far each task has come, and counts the ends.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::panic::resume_unwind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use concurrent_futures::{EnqueuedTask, FinishedTask, Observer, StartedTask};

use crate::ledger::Sums;
use crate::ledger::ending::Ending;

#[derive(Debug, Default)]
pub(crate) struct Witness(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    /// The tasks that have not ended; true for those that run.
    stories: HashMap<u64, bool>,
    enqueued: usize,
    started: usize,
    finished: usize,
    endings: HashMap<u8, usize>,
    mistakes: Vec<String>,
}

impl Memory {
    fn object(&mut self, id: u64, mistake: &str) {
        self.mistakes.push(format!("observed task {id}: {mistake}"));
    }
}

impl Witness {
    /// What was told against the law, or otherwise than the ledger has it.
    pub(crate) fn mistakes(&self, sums: &Sums) -> Vec<String> {
        let memory = self.0.lock().expect("held for notes only");
        let mut mistakes = memory.mistakes.clone();
        let mut expect = |what: &str, told: usize, known: RangeInclusive<usize>| {
            if !known.contains(&told) {
                mistakes.push(format!("observer: {told} {what}, and there were {known:?}"));
            }
        };
        let tasks = sums.tasks - sums.strays..=sums.tasks;
        expect("enqueued", memory.enqueued, tasks);
        expect("started", memory.started, sums.runs..=sums.runs);
        expect(
            "finished",
            memory.finished,
            memory.enqueued..=memory.enqueued,
        );
        let told = |ending: Ending| memory.endings.get(&ending.bit()).copied().unwrap_or(0);
        // A task that got no thread is rejected, and to observers its pool is broken.
        let failed = [Ending::Broken, Ending::Rejected];
        let others = Ending::ALL
            .into_iter()
            .filter(|ending| !failed.contains(ending));
        let classes = others.map(|ending| vec![ending]).chain([failed.to_vec()]);
        for class in classes {
            let told: usize = class.iter().map(|&ending| told(ending)).sum();
            let known = class.iter().map(|&ending| sums.at_least(ending)).sum();
            if told < known {
                mistakes.push(format!(
                    "observer: {told} ended {class:?}, at least {known} did"
                ));
            }
        }
        mistakes
    }

    /// No story without an end.
    pub(crate) fn is_settled(&self) -> bool {
        let memory = self.0.lock().expect("held for notes only");
        memory.stories.is_empty()
    }

    pub(crate) fn told(&self) -> usize {
        self.0.lock().expect("held for notes only").finished
    }
}

impl Observer for Witness {
    fn enqueued(&self, task: &EnqueuedTask) {
        let mut memory = self.0.lock().expect("held for notes only");
        memory.enqueued += 1;
        if memory.stories.insert(task.id, false).is_some() {
            memory.object(task.id, "enqueued again");
        }
    }

    fn started(&self, fact: &StartedTask<'_>) {
        let mut memory = self.0.lock().expect("held for notes only");
        memory.started += 1;
        let id = fact.task.id;
        match memory.stories.insert(id, true) {
            Some(false) => {}
            Some(true) => memory.object(id, "started again"),
            None => memory.object(id, "started before it was enqueued, or after its end"),
        }
    }

    fn finished(&self, fact: &FinishedTask<'_>) {
        let mut memory = self.0.lock().expect("held for notes only");
        memory.finished += 1;
        let ending = Ending::told(fact.outcome).bit();
        *memory.endings.entry(ending).or_default() += 1;
        let id = fact.task.id;
        match memory.stories.remove(&id) {
            Some(ran) if ran == fact.run.is_some() => {}
            Some(_) => memory.object(id, "another story of its run at its end"),
            None => memory.object(id, "finished again, or never enqueued"),
        }
        if let Some(run) = fact.run {
            if run.nested + run.cpu + run.contended > run.time {
                memory.object(id, "the parts of its time are more than the whole");
            }
        }
    }
}

/// Gives up now and then. That is nobody else's harm.
#[derive(Debug, Default)]
pub(crate) struct Nervous(AtomicUsize);

impl Nervous {
    fn give_up_at_times(&self) {
        if self.0.fetch_add(1, Relaxed) % 7 == 3 {
            resume_unwind(Box::new("an observer gives up"));
        }
    }
}

impl Observer for Nervous {
    fn enqueued(&self, _: &EnqueuedTask) {
        self.give_up_at_times();
    }

    fn started(&self, _: &StartedTask<'_>) {
        self.give_up_at_times();
    }

    fn finished(&self, _: &FinishedTask<'_>) {
        self.give_up_at_times();
    }
}
