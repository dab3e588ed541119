//! The program's own thread.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use concurrent_futures::{ThreadPoolExecutor, WhenFull, as_completed};

use super::futures::{Await, Completions};
use super::maps::Results;
use super::{Handle, Stage, lock};
use crate::checker::command::{Command, Id, Submission};
use crate::checker::program::{IdleWorkers, Initializer, Policy, Setup};

pub(crate) struct Driver {
    pub(crate) stage: Arc<Stage>,
    pub(crate) awaits: Vec<Await>,
    pub(super) completions: Vec<Completions>,
    pub(super) maps: Vec<Results>,
    /// They wait for room, or for the last tasks of a pool.
    helpers: Vec<JoinHandle<()>>,
}

fn build(setup: Setup) -> ThreadPoolExecutor {
    let mut builder = ThreadPoolExecutor::builder().max_workers(setup.workers);
    if let Some((capacity, policy)) = setup.bound {
        builder = builder.queue_capacity(capacity).when_full(match policy {
            Policy::Block => WhenFull::Block,
            Policy::BlockForNoTime => WhenFull::BlockFor(Duration::ZERO),
            Policy::Reject => WhenFull::Reject,
            Policy::CallerRuns => WhenFull::CallerRuns,
            Policy::DiscardOldest => WhenFull::DiscardOldest,
        });
    }
    builder = match setup.initializer {
        Initializer::None => builder,
        Initializer::Succeeds => builder.initializer(|| {}),
        Initializer::Fails => builder.initializer(|| -> Result<(), &str> { Err("no connection") }),
    };
    if setup.idle_workers == IdleWorkers::LeaveAtOnce {
        builder = builder.keep_alive(Duration::ZERO);
    }
    builder.build().expect("all settings are valid")
}

impl Driver {
    pub(crate) fn new(setup: Setup) -> Self {
        Self {
            stage: Stage::new(build(setup)),
            awaits: Vec::new(),
            completions: Vec::new(),
            maps: Vec::new(),
            helpers: Vec::new(),
        }
    }

    pub(crate) fn obey(&mut self, command: Command) {
        if self.stage.obey_anywhere(&command) {
            return;
        }
        match command {
            Command::Submit(item) => self.submit(item),
            Command::Release(id) => self.stage.facts(id).release(),
            Command::AddCallback { id, index } => self.add_callback(id, index),
            Command::Then { parent, next } => self.then(parent, &next),
            Command::Share(id) => self.share(id),
            Command::Read { id, limit, end } => self.read(id, limit, end),
            Command::Await(id) => self.wait_async(id),
            Command::Poll { place, end } => self.poll(place, end),
            Command::DropAwait(place) => drop(self.awaits.remove(place)),
            Command::Wait {
                ids,
                when,
                limit,
                done,
            } => self.wait(&ids, when, limit, &done),
            Command::AsCompleted(ids) => {
                let shared = |id| self.shared(id).map(|future| (id, future));
                let futures: Vec<_> = ids.into_iter().filter_map(shared).collect();
                self.completions.push(as_completed(futures));
            }
            Command::NextCompleted { place, id } => self.next_completed(place, id),
            Command::PushCompleted { place, id } => {
                if let Some(future) = self.shared(id) {
                    self.completions[place].push((id, future));
                }
            }
            Command::DropCompleted(place) => drop(self.completions.remove(place)),
            Command::Map {
                style,
                limit,
                inputs,
                items,
            } => self.map(style, limit, inputs, &items),
            Command::NextOfMap { place, items, next } => self.next_of_map(place, items, next),
            Command::UnorderMap(place) => self.unorder_map(place),
            Command::DropMap(place) => drop(self.maps.remove(place)),
            Command::OpenGroup(group, policy, brake) => self.open_group(group, policy, brake),
            Command::SubmitToGroup(group, item) => self.submit_to_group(group, &item),
            Command::JoinGroup(group, conclusion) => self.join_group(group, &conclusion),
            Command::DropGroup(group) => drop(self.stage.take_group(group)),
            Command::Prestart { workers, most } => self.prestart(workers, most),
            Command::CancelToken(token) => {
                self.stage.tokens[token].cancel();
            }
            Command::DropPool { idle } => self.drop_pool(idle),
            other => self
                .stage
                .object(format!("{other:?} is nothing for the program")),
        }
    }

    fn submit(&mut self, item: Submission) {
        let Some(pool) = self.stage.pool() else {
            return;
        };
        if item.is_blocked {
            let stage = Arc::clone(&self.stage);
            let wait_for_room = move || {
                let submitted = stage.submit(&pool, &item);
                // It is to be no handle any more when the future is seen.
                drop(pool);
                if let Some(future) = submitted {
                    stage.keep(item.id, Handle::Owned(future));
                }
            };
            return self.helpers.push(thread::spawn(wait_for_room));
        }
        if let Some(future) = self.stage.submit(&pool, &item) {
            self.stage.keep(item.id, Handle::Owned(future));
        }
    }

    fn add_callback(&self, id: Id, index: usize) {
        let callback = self.stage.callback(id, index);
        match self.stage.handle(id).as_deref() {
            Some(Handle::Owned(future)) => future.add_done_callback(callback),
            Some(Handle::Shared(future)) => future.add_done_callback(callback),
            None => {}
        }
    }

    fn prestart(&self, workers: usize, most: usize) {
        let Some(pool) = self.stage.pool() else {
            return;
        };
        let started = pool.prestart(workers);
        if started > most {
            let mistake = format!("prestart({workers}) started {started} of at most {most}");
            self.stage.object(mistake);
        }
    }

    /// Where tasks run, the drop waits for them, elsewhere.
    fn drop_pool(&mut self, idle: bool) {
        let pool = lock(&self.stage.pool).take();
        let Some(pool) = pool else { return };
        if idle {
            return drop(pool);
        }
        let closed = pool.shutdown_with(concurrent_futures::Shutdown::new().no_wait());
        if let Err(error) = closed {
            self.stage
                .object(format!("a shutdown that does not wait: {error}"));
        }
        self.helpers.push(thread::spawn(move || drop(pool)));
    }

    /// Nothing of the program is left but the threads that wait for its pool.
    pub(crate) fn end(self) {
        for helper in self.helpers {
            if helper.join().is_err() {
                self.stage.object("a drop or a submit panicked".to_owned());
            }
        }
    }
}
