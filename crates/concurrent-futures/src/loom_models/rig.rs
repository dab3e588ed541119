//! What the models share.

use crate::observing::{Audience, Site};
use crate::submission::Ambience;
use crate::sync::mutant::{self, Access, Twist};
use crate::task::{
    Handle, Home, Task, Turn, block::Block, post::Pause, reclaim::Errand, slot::Slot,
    source::Source, state::Done, work::Plain,
};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    convert::Infallible,
    env,
    hint::black_box,
    panic::Location,
    process::Command,
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

#[cfg(not(shuttle))]
pub(super) use loom::thread::{JoinHandle, spawn, yield_now};
#[cfg(shuttle)]
pub(super) use shuttle::thread::{JoinHandle, spawn, yield_now};

/// Checks a model with the bound of preemptions from the environment, else with 2.
pub(super) fn model(f: impl Fn() + Send + Sync + 'static) {
    check(preemptions(), f);
}

/// As [`model`], with one preemption less: for those with three threads or a whole pool, whose
/// states are ten times as many.
pub(super) fn large_model(f: impl Fn() + Send + Sync + 'static) {
    check(preemptions().saturating_sub(1), f);
}

/// As [`model`], with three preemptions at least.
pub(super) fn deep_model(f: impl Fn() + Send + Sync + 'static) {
    check(preemptions().max(3), f);
}

#[cfg(shuttle)]
fn preemptions() -> usize {
    3
}

#[cfg(not(shuttle))]
fn preemptions() -> usize {
    let asked = loom::model::Builder::new().preemption_bound;
    asked.unwrap_or(2)
}

#[cfg(not(shuttle))]
fn check(preemptions: usize, f: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.max_branches = 10_000;
    builder.check(move || one_run(&f));
}

/// Half of the schedules at random, half with few preemptions at the worst places.
#[cfg(shuttle)]
fn check(preemptions: usize, f: impl Fn() + Send + Sync + 'static) {
    use shuttle::{
        Config, Runner,
        scheduler::{PctScheduler, RandomScheduler},
    };
    let asked = env::var("SHUTTLE_SCHEDULES").ok();
    let schedules: usize = asked.map_or(1000, |text| text.parse().expect("a number"));
    let f = Arc::new(f);
    let run = || {
        let f = Arc::clone(&f);
        move || one_run(&*f)
    };
    let half = schedules.div_ceil(2);
    Runner::new(RandomScheduler::new(half), Config::new()).run(run());
    Runner::new(PctScheduler::new(preemptions.max(2), half), Config::new()).run(run());
}

fn one_run(f: &impl Fn()) {
    // A run before this one may have been ended by a panic.
    BLOCKS.set(0);
    f();
    assert_eq!(BLOCKS.get(), 0, "blocks are left");
}

/// Checks that a mutant is caught: that `model`, run by the test of this name, ends with `message`.
///
/// In a process of its own, because a model that fails while threads are waiting does not unwind
/// but aborts.
pub(super) fn catches(test: &str, message: &str, model: impl FnOnce()) {
    const INSIDE: &str = "LOOM_MODELS_MUTANT";
    if env::var_os(INSIDE).is_some() {
        return model();
    }
    let output = Command::new(env::current_exe().unwrap())
        .args([&format!("loom_models::{test}"), "--exact", "--nocapture"])
        .env(INSIDE, "1")
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "the mutant survives");
    assert!(said.contains(message), "not {message:?} but: {said}");
}

/// The same for a mutant of the library's own code, of which one access is another one.
pub(super) fn catches_mutant(
    test: &str,
    message: &str,
    access: Access,
    twist: Twist,
    model: impl FnOnce(),
) {
    catches(test, message, || {
        mutant::set(access, twist);
        model();
    });
}

/// Where a model submits, which no model looks at.
#[track_caller]
pub(super) fn here() -> Site {
    Location::caller()
}

/// Counts events. Of std, so that counting is no step of the model; then it is to be read only where
/// all who count have been joined, or the model leaves orders out in which it would be another number.
#[derive(Clone, Default)]
pub(super) struct Count {
    count: Arc<AtomicUsize>,
    step: Option<Arc<crate::sync::AtomicUsize>>,
}

impl Count {
    /// One that may be read at any time: counting is a step of the model, and so is reading.
    pub(super) fn watched() -> Self {
        Self {
            count: Arc::default(),
            step: Some(Arc::default()),
        }
    }

    pub(super) fn add(&self) -> usize {
        if let Some(step) = &self.step {
            step.fetch_add(1, Relaxed);
        }
        self.count.fetch_add(1, Relaxed) + 1
    }

    pub(super) fn get(&self) -> usize {
        if let Some(step) = &self.step {
            step.load(Relaxed);
        }
        self.count.load(Relaxed)
    }

    /// Something whose drop is counted.
    pub(super) fn probe(&self) -> Probe {
        Probe(self.clone())
    }
}

pub(super) struct Probe(Count);

impl Drop for Probe {
    fn drop(&mut self) {
        self.0.add();
    }
}

/// A turn of a thread that is no worker.
pub(super) struct Alone;

impl Turn for Alone {
    fn about_to_publish(&mut self, _: Option<Done>) {}
    fn leave_search(&mut self) {}
}

/// A pool that runs what it adopts at once.
pub(super) struct Nowhere;

impl Home for Nowhere {
    fn adopt(self: Arc<Self>, task: Task) {
        task.run(&mut Alone);
    }

    fn ambience(&self) -> Option<Ambience> {
        None
    }

    fn audience(&self) -> Option<&Arc<Audience>> {
        None
    }

    fn stand_in(self: Arc<Self>, errand: Errand) -> Result<(), Errand> {
        Err(errand)
    }

    fn pause(self: Arc<Self>, _: Pause) {}

    fn resume(self: Arc<Self>, _: Pause) {}

    fn tidy(&self) {}
}

/// A pool that is gone.
pub(super) fn gone() -> Weak<dyn Home> {
    Weak::<Nowhere>::new()
}

/// The two ends of a task.
pub(super) fn task<F, T>(f: F) -> (Task, Handle<T, Infallible>)
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    Handle::pending(Plain(f), &Source::new(gone()))
}

/// Two tasks that can only end if both run at the same time, or in this order.
pub(super) fn pair() -> (impl FnOnce() + Send, impl FnOnce() + Send) {
    let (task, handle) = task(|| ());
    (
        move || task.run(&mut Alone),
        move || handle.take().expect("the other one ran it"),
    )
}

/// A place where so many have to be at the same time.
#[cfg(shuttle)]
pub(super) struct Meeting(shuttle::sync::Barrier);

#[cfg(shuttle)]
impl Meeting {
    pub(super) fn new(guests: usize) -> Self {
        Self(shuttle::sync::Barrier::new(guests))
    }

    pub(super) fn attend(&self) {
        self.0.wait();
    }
}

/// Overwrites the part of the stack that calls have left behind.
#[inline(never)]
pub(super) fn spoil_stack() {
    black_box([0xdd_u8; 1024]);
}

/// Overwrites memory when it is freed, so that a late access finds nonsense.
/// It also counts blocks, which it knows by their size.
struct Spoiling;

#[global_allocator]
static ALLOCATOR: Spoiling = Spoiling;

thread_local! {
    /// Blocks that live. All threads of a model are one thread of std.
    static BLOCKS: Cell<isize> = const { Cell::new(0) };
}

/// The layout of a block with one slot.
const BLOCK: Layout = {
    assert!(Block::SLOTS == 1);
    match Layout::new::<Block>().extend(Layout::new::<Slot>()) {
        Ok((layout, _)) => layout,
        Err(_) => panic!("a block is small"),
    }
};

fn count_block(layout: Layout, change: isize) {
    if layout.size() == BLOCK.size() && layout.align() == BLOCK.align() {
        BLOCKS.set(BLOCKS.get() + change);
    }
}

// SAFETY: the system's allocator, and memory is written only after its owner has given it up.
unsafe impl GlobalAlloc for Spoiling {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count_block(layout, 1);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count_block(layout, -1);
        // SAFETY: the caller's promise.
        unsafe {
            memory.write_bytes(0xdd, layout.size().min(4096));
            System.dealloc(memory, layout);
        }
    }
}
