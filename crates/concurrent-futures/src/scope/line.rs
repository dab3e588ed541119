//! The tasks of a scope that a worker of the pool itself has entered.
//!
//! The end of such a scope waits for tasks of its own pool, and nobody but the scope knows which. So
//! they lie in slots of their own, in a line, and what goes to the pool's queue for each is a runner
//! that takes the front of the line. The end of the scope takes the front, too, until the line is
//! empty; runners that come later find nothing.

use crate::{
    pool::Pool,
    queue::Gate,
    sync::{Mutex, Thread, lock},
    task::{
        Ending, Task, Turn, Work,
        post::Post,
        reclaim::{Item, Items},
        slot::Outcome,
    },
};
use std::{collections::VecDeque, convert::Infallible, sync::Arc};

pub(super) struct Line {
    state: Mutex<State>,
    owner: Thread,
}

#[derive(Default)]
struct State {
    tasks: VecDeque<Task>,
    /// The end of the scope is waiting, and is to be told of what comes.
    ending: bool,
    /// It, or a thread in its stead, takes one after the other.
    attended: bool,
}

impl Line {
    pub(super) fn new(owner: Thread) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            owner,
        })
    }

    /// Accepts a task for the pool, or ends it with the reason why not.
    pub(super) fn submit(self: &Arc<Self>, pool: &Arc<Pool>, task: Task) {
        let slot = task.address();
        self.push(task);
        match pool
            .queue()
            .push(Runner(Arc::clone(self)), Gate::UntilClosed)
        {
            Ok(handle) => drop(pool.accepted::<Runner>(Ok(handle))),
            // If it is gone from the line already, it was accepted after all.
            Err(_) => {
                if let Some(task) = self.take_back(slot) {
                    task.end(&pool.refusal());
                }
            }
        }
    }

    fn push(&self, task: Task) {
        let mut state = lock(&self.state);
        state.tasks.push_back(task);
        let wake = state.ending && !state.attended;
        drop(state);
        if wake {
            self.owner.unpark();
        }
    }

    fn take(&self) -> Option<Task> {
        lock(&self.state).tasks.pop_front()
    }

    fn take_back(&self, slot: usize) -> Option<Task> {
        let tasks = &mut lock(&self.state).tasks;
        let place = tasks.iter().rposition(|task| task.address() == slot)?;
        tasks.remove(place)
    }

    /// The end of the scope, on the worker that has entered it: sees to what is in the line. From now
    /// on the owner is told of what comes.
    pub(super) fn attend(self: &Arc<Self>, post: &Post) {
        let mut state = lock(&self.state);
        state.ending = true;
        if state.tasks.is_empty() || state.attended {
            return;
        }
        state.attended = true;
        drop(state);
        post.run_item(Item {
            row: self.clone(),
            place: 0,
        });
    }

    /// The next task for whoever attends, or the end of that.
    fn next(&self) -> Option<Task> {
        let mut state = lock(&self.state);
        let task = state.tasks.pop_front();
        state.attended = task.is_some();
        task
    }
}

impl Items for Line {
    fn run(&self, _: usize) {
        while let Some(task) = self.next() {
            task.run_outside();
        }
    }

    fn end(&self, ending: &Ending) {
        while let Some(task) = self.next() {
            task.end(ending);
        }
    }
}

/// What stands in the pool's queue for a task of the line.
struct Runner(Arc<Line>);

impl Work for Runner {
    const STANDS_IN: bool = true;

    type Value = ();
    type Error = Infallible;
    type After = ();

    fn perform(self, turn: &mut dyn Turn) -> (Outcome<(), Infallible>, ()) {
        if let Some(task) = self.0.take() {
            task.run(turn);
        }
        (Ok(()), ())
    }

    fn refuse(self, ending: &Ending) {
        if let Some(task) = self.0.take() {
            task.end(ending);
        }
    }
}
