//! The tasks of a scope that a worker of the pool itself has entered.
//!
//! The end of such a scope waits for tasks of its own pool, and nobody but the scope knows which. So
//! they lie in slots of their own, in a line, and what goes to the pool's queue for each is a runner
//! that takes the front of the line. The end of the scope takes the front, too, until the line is
//! empty; runners that come later find nothing, and once the scope is over they may be swept out.

use crate::{
    pool::Pool,
    queue::Gate,
    sync::{Acquire, AtomicBool, Mutex, Release, Thread, lock},
    task::{
        Ending, Handle, Task, Turn, Work,
        post::Post,
        reclaim::{Item, Items},
        slot::Outcome,
    },
};
use std::{collections::VecDeque, convert::Infallible, sync::Arc};

pub(super) struct Line {
    state: Mutex<State>,
    owner: Thread,
    /// The scope is over: nothing will come any more.
    over: AtomicBool,
}

#[derive(Default)]
struct State {
    tasks: VecDeque<Task>,
    /// The end of the scope is waiting, and is to be told of what comes.
    ending: bool,
    /// It, or a thread in its stead, takes one after the other.
    attended: bool,
    /// How many tasks have come, and so about how many runners stand in the queue.
    submitted: usize,
}

impl Line {
    pub(super) fn new(owner: Thread) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            owner,
            over: AtomicBool::new(false),
        })
    }

    /// Nothing is in the line, and nothing will come any more. About how many runners are left.
    pub(super) fn close(&self) -> usize {
        self.over.store(true, Release);
        lock(&self.state).submitted
    }

    /// Accepts a task for the pool, or ends it with the reason why not. The runner that stands for it.
    pub(super) fn submit(
        self: &Arc<Self>,
        pool: &Arc<Pool>,
        task: Task,
    ) -> Option<Handle<(), Infallible>> {
        let slot = task.address();
        self.push(task);
        let runner = Runner(Arc::clone(self));
        if let Ok(handle) = pool.queue().push(runner, Gate::UntilClosed) {
            return Some(pool.accepted::<Runner>(Ok(handle)));
        }
        // If it is gone from the line already, it was accepted after all.
        if let Some(task) = self.take_back(slot) {
            task.end(&pool.refusal());
        }
        None
    }

    fn push(&self, task: Task) {
        let mut state = lock(&self.state);
        state.tasks.push_back(task);
        state.submitted += 1;
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

    const IS_VOID: Option<fn(&Self) -> bool> = Some(|runner| runner.0.over.load(Acquire));

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
