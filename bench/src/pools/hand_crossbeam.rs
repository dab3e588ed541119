use super::{Pending, Pool};
use crate::sync::oneshot;
use crossbeam_channel::{Sender, unbounded};
use std::thread::{self, JoinHandle};

type Task = Box<dyn FnOnce() + Send>;

/// What one writes without a pool: a channel and threads that receive from it.
pub(crate) struct HandCrossbeam {
    tasks: Sender<Task>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool for HandCrossbeam {
    fn start(threads: usize) -> Self {
        let (tasks, receiver) = unbounded::<Task>();
        let thread = |_| {
            let receiver = receiver.clone();
            thread::spawn(move || receiver.into_iter().for_each(|task| task()))
        };
        let threads = (0..threads).map(thread).collect();
        Self { tasks, threads }
    }

    fn submit<T, F>(&self, task: F) -> impl Pending<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let (sender, receiver) = oneshot();
        self.spawn(move || sender.send(task()));
        receiver
    }

    fn spawn<F: FnOnce() + Send + 'static>(&self, task: F) {
        self.tasks.send(Box::new(task)).expect("workers receive");
    }

    fn stop(self) {
        drop(self.tasks);
        for thread in self.threads {
            thread.join().expect("workers do not panic");
        }
    }
}
