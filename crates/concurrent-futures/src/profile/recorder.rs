//! Writes down what tasks do.
//!
//! Threads write into *lanes*, each behind a lock of its own, chosen by the thread. There are several
//! times as many lanes as processors, so two threads that work at the same moment seldom meet. A
//! snapshot holds all lanes at once while it copies them: nothing is counted twice or lost between two.

use super::{
    ProfileOptions,
    kept::Sample,
    lane::{Lane, Times},
    running::Entry,
    snapshot::Snapshot,
    task::ProfiledTask,
};
use crate::{
    observer::{EnqueuedTask, FinishedTask, Observer, StartedTask, TaskRun},
    observing::{Moment, nanos_of},
};
use std::{
    cell::Cell,
    fmt,
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
};

/// The observer behind [`Builder::profile`](crate::Builder::profile).
pub(crate) struct Recorder {
    options: ProfileOptions,
    /// When the first task was submitted; all times are counted from here.
    beginning: OnceLock<u64>,
    lanes: Box<[Slot]>,
    sample: Sample,
    /// One at a time makes the sample smaller.
    thinning: Mutex<()>,
}

/// A lane, made when it is used first, in cache lines of its own.
#[derive(Default)]
#[repr(align(128))]
struct Slot(Mutex<Option<Box<Lane>>>);

impl Recorder {
    pub(crate) fn new(options: ProfileOptions) -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let lanes = (8 * processors).next_power_of_two().clamp(16, 256);
        Self {
            sample: Sample::new(options.max_tasks, lanes),
            options,
            beginning: OnceLock::new(),
            lanes: (0..lanes).map(|_| Slot::default()).collect(),
            thinning: Mutex::default(),
        }
    }

    pub(super) fn options(&self) -> &ProfileOptions {
        &self.options
    }

    #[inline]
    fn since_beginning(&self, nanos: u64) -> u64 {
        nanos.saturating_sub(*self.beginning.get_or_init(|| nanos))
    }

    /// Calls the closure with the thread's lane.
    #[inline]
    fn with_lane<R>(&self, write: impl FnOnce(&mut Lane) -> R) -> R {
        // Their number is a power of two.
        let lane = thread_number() & (self.lanes.len() - 1);
        let mut lane = lock(&self.lanes[lane].0);
        write(lane.get_or_insert_with(|| Box::new(Lane::new(&self.options))))
    }

    /// Writes down the end of a task, and keeps what is to be kept of it.
    #[inline]
    fn end(&self, write: impl FnOnce(&mut Lane) -> Option<ProfiledTask>) {
        let is_over = self.with_lane(|lane| {
            let Some(task) = write(lane) else {
                return false;
            };
            lane.kept.push(task);
            if lane.reserved > 0 {
                lane.reserved -= 1;
                return false;
            }
            lane.reserved = self.sample.reserve() - 1;
            self.sample.is_over()
        });
        if is_over {
            self.thin();
        }
    }

    #[cold]
    fn thin(&self) {
        let _turn = lock(&self.thinning);
        while self.sample.is_over() {
            self.sample.halve();
            for slot in &self.lanes {
                if let Some(lane) = lock(&slot.0).as_mut() {
                    let before = lane.kept.len() + lane.reserved;
                    lane.kept.retain(|task| self.sample.takes(task.id));
                    lane.reserved = 0;
                    self.sample.give_back(before - lane.kept.len());
                }
            }
        }
    }

    /// Everything until now.
    pub(super) fn snapshot(&self) -> Snapshot {
        let guards: Vec<_> = self.lanes.iter().map(|slot| lock(&slot.0)).collect();
        let now = Moment::now().nanos;
        let lanes: Vec<_> = guards.iter().filter_map(|lane| (**lane).clone()).collect();
        drop(guards);
        let beginning = self.beginning.get().unwrap_or(&now);
        let now = now.saturating_sub(*beginning);
        Snapshot::of(lanes, now, &self.options)
    }
}

impl Observer for Recorder {
    fn enqueued(&self, task: &EnqueuedTask) {
        let at = self.since_beginning(task.enqueued_nanos);
        self.with_lane(|lane| lane.enqueued(at));
    }

    fn started(&self, task: &StartedTask<'_>) {
        let entry = |worker| Entry {
            thread: thread_number(),
            worker,
            facts: task.task.clone(),
            enqueued: self.since_beginning(task.task.enqueued_nanos),
            started: self.since_beginning(task.started_nanos),
            nested: 0,
        };
        self.with_lane(|lane| {
            let worker = lane.workers.index(task.worker);
            lane.started(entry(worker));
        });
    }

    fn finished(&self, finished: &FinishedTask<'_>) {
        let id = finished.task.id;
        if let Some(run) = &finished.run {
            self.end(|lane| {
                let ran = lane.ran(finished.task, times(run), finished.outcome)?;
                let is_kept = self.sample.takes(id);
                is_kept.then(|| lane.profiled(finished.task, ran))
            });
        } else {
            let enqueued = self.since_beginning(finished.task.enqueued_nanos);
            let wait = nanos_of(finished.queue_wait());
            let mut task = ProfiledTask::new(finished.task, enqueued, wait);
            task.outcome = Some(finished.outcome);
            self.end(|lane| {
                lane.ended_unrun(&task, finished.outcome);
                self.sample.takes(id).then_some(task)
            });
        }
    }
}

/// The parts never make more than the whole, whatever the clocks say.
fn times(run: &TaskRun<'_>) -> Times {
    let time = nanos_of(run.time);
    let nested = nanos_of(run.nested).min(time);
    let cpu = nanos_of(run.cpu).min(time - nested);
    let contended = nanos_of(run.contended).min(time - nested - cpu);
    Times {
        run: time,
        nested,
        cpu,
        contended,
    }
}

/// Threads are numbered as they come, so those of one pool have neighbouring lanes.
fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static NUMBER: Cell<Option<usize>> = const { Cell::new(None) });
    NUMBER.get().unwrap_or_else(|| {
        let number = NEXT.fetch_add(1, Relaxed);
        NUMBER.set(Some(number));
        number
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("options", &self.options)
            .field("sample", &self.sample)
            .finish_non_exhaustive()
    }
}
