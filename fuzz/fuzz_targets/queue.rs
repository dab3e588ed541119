//! The queue and its blocks, on one thread: what is pushed comes out once and in order, whoever takes it out.
//!
//! The pool gets workers that nobody runs, until the program closes it.
#![no_main]

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};

use concurrent_futures::WorkerThread;
use concurrent_futures::rim::{Ended, Host, Item, Pool, Refusal, Settings};
use libfuzzer_sys::fuzz_target;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Keeps the workers that are started.
#[derive(Default)]
struct Keeper(Mutex<Vec<WorkerThread>>);

impl Host for Keeper {
    fn start(&self, worker: WorkerThread) -> io::Result<()> {
        self.0.lock().expect("held for a push only").push(worker);
        Ok(())
    }

    fn initialize(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn park(&self, _: &mut (dyn FnMut() + Send)) {
        unreachable!("workers run only when their pool is closed");
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Ran,
    Cancelled,
    Abandoned,
    /// Given back by a closed queue.
    Dropped,
}

/// How tasks have ended, in order.
type Ends = Arc<Mutex<Vec<(usize, End)>>>;

struct Task {
    number: usize,
    end: Option<Ends>,
}

/// More than a slot holds.
struct Large {
    task: Task,
    load: [usize; 8],
}

impl Task {
    fn end(&mut self, end: End) {
        let ends = self.end.take().expect("a task ends once");
        ends.lock()
            .expect("held for a push only")
            .push((self.number, end));
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if self.end.is_some() {
            self.end(End::Dropped);
        }
    }
}

impl Item for Task {
    fn taken(&self) {}

    fn run(mut self) -> Ended {
        self.end(End::Ran);
        Ended::Completed
    }

    fn refuse(mut self, reason: Refusal) {
        self.end(match reason {
            Refusal::Cancelled => End::Cancelled,
            Refusal::Abandoned => End::Abandoned,
            other => panic!("nobody refuses a task so: {other:?}"),
        });
    }
}

impl Item for Large {
    fn taken(&self) {}

    fn run(self) -> Ended {
        assert_eq!(self.load, [self.task.number; 8]);
        self.task.run()
    }

    fn refuse(self, reason: Refusal) {
        self.task.refuse(reason);
    }
}

struct Model {
    pool: Pool,
    keeper: Arc<Keeper>,
    ends: Ends,
    queued: VecDeque<usize>,
    expected: Vec<(usize, End)>,
    tasks: usize,
    is_closed: bool,
}

impl Model {
    fn new() -> Self {
        let keeper = Arc::<Keeper>::default();
        let settings = Settings {
            max_workers: 2,
            min_workers: 0,
            keep_alive: None,
            prefix: "fuzz".to_owned(),
            queue_capacity: None,
        };
        Self {
            pool: Pool::new(settings, Arc::clone(&keeper)),
            keeper,
            ends: Ends::default(),
            queued: VecDeque::new(),
            expected: Vec::new(),
            tasks: 0,
            is_closed: false,
        }
    }

    fn submit(&mut self, is_large: bool) {
        let number = self.tasks;
        self.tasks += 1;
        let task = Task {
            number,
            end: Some(Arc::clone(&self.ends)),
        };
        let load = [number; 8];
        let is_refused = if is_large {
            self.pool.submit(Large { task, load }).is_err()
        } else {
            self.pool.submit(task).is_err()
        };
        assert_eq!(is_refused, self.is_closed);
        if self.is_closed {
            self.expected.push((number, End::Dropped));
        } else {
            self.queued.push_back(number);
        }
    }

    fn abandon_one(&mut self) {
        let oldest = self.queued.pop_front();
        assert_eq!(self.pool.abandon_one(), oldest.is_some());
        self.expected
            .extend(oldest.map(|number| (number, End::Abandoned)));
    }

    fn take_all(&mut self, end: End) {
        let all = self.queued.drain(..);
        self.expected.extend(all.map(|number| (number, end)));
    }

    fn step(&mut self, op: u8, times: u8) {
        match op % 16 {
            0..6 => (0..times).for_each(|_| self.submit(op & 16 != 0)),
            6..12 => (0..times).for_each(|_| self.abandon_one()),
            12 => {
                self.pool.cancel_queued();
                self.take_all(End::Cancelled);
            }
            13 => {
                self.pool.abandon();
                self.take_all(End::Abandoned);
            }
            14 => self.close(),
            _ => {}
        }
        self.compare();
    }

    /// What is queued runs then, on workers that were started for it.
    fn close(&mut self) {
        self.pool.close();
        self.is_closed = true;
        loop {
            let worker = self.keeper.0.lock().expect("held for a pop only").pop();
            let Some(worker) = worker else { break };
            worker.run();
            self.take_all(End::Ran);
        }
    }

    fn compare(&self) {
        assert_eq!(self.pool.queued(), self.queued.len());
        assert_eq!(
            *self.ends.lock().expect("held for a push only"),
            self.expected
        );
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut model = Model::new();
    for op in bytes.chunks_exact(2) {
        model.step(op[0], op[1]);
    }
    model.close();
    model.compare();
    assert!(model.queued.is_empty());
});
