//! A program: a pool, and what is done with it. It is read from bytes, so that any bytes are one, and fewer and
//! smaller bytes are a simpler one.

mod read;

pub(crate) use read::WIDTH;

#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) setup: Setup,
    pub(crate) ops: Vec<Op>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Setup {
    pub(crate) workers: usize,
    pub(crate) bound: Option<(usize, Policy)>,
    pub(crate) initializer: Initializer,
    pub(crate) idle_workers: IdleWorkers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    Block,
    BlockForNoTime,
    Reject,
    CallerRuns,
    DiscardOldest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Initializer {
    None,
    Succeeds,
    Fails,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdleWorkers {
    Stay,
    LeaveAtOnce,
}

/// How a task ends if it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    Value,
    Error,
    Panic,
}

/// What stops a task before its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Brake {
    None,
    Token(usize),
    DeadlineOver,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Submit,
    Offer,
    OfferNoTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    Zero,
    Max,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    First,
    FirstException,
    All,
}

/// In which order a map gives its results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Input,
    Completion,
}

/// Which of the maps it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) order: Order,
    /// How many inputs it reads ahead of its results; all, if there is no number.
    pub(crate) buffer: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroupPolicy {
    FailFast,
    CollectAll,
    FirstSuccess,
}

/// An item of a map, or a task of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) plan: Plan,
    pub(crate) body: Action,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spec {
    pub(crate) plan: Plan,
    pub(crate) weight: usize,
    pub(crate) brake: Brake,
    /// What it does when it is let go on, before it ends.
    pub(crate) body: Action,
    pub(crate) callbacks: Vec<Action>,
}

/// What a task or a callback does. Numbers choose among what there is at that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Nothing,
    Check,
    Submit(Plan),
    SubmitAndRead(Plan),
    FollowAndRead(Plan),
    Scope(usize),
    Map(Style, usize),
    /// With one task for each plan.
    Group(GroupPolicy, [Option<Plan>; 3]),
    CancelGroup(usize),
    Cancel(usize),
    RequestCancel(usize),
    DropFuture(usize),
    SetMaxWorkers(usize),
    Shutdown(Ending),
    DropPool,
    /// Of a callback only.
    Panic,
}

/// What a shutdown does with what is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) cancel_futures: bool,
    pub(crate) cancel_running: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Op {
    Submit(Verb, Spec),
    Release(usize),
    Cancel(usize),
    RequestCancel(usize),
    AddCallback(usize, Action),
    Then(usize, Item),
    Share(usize),
    DropFuture(usize),
    Read(usize, Limit),
    Await(usize),
    Poll(usize),
    DropAwait(usize),
    Wait(u8, When, Limit),
    AsCompleted(u8),
    NextCompleted(usize),
    PushCompleted(usize, usize),
    DropCompleted(usize),
    Map(Style, Limit, Vec<Item>),
    NextOfMap(usize),
    /// From now on a buffered map gives its results as they come.
    UnorderMap(usize),
    DropMap(usize),
    OpenGroup(GroupPolicy, Brake),
    SubmitToGroup(usize, Item),
    CancelGroup(usize),
    JoinGroup(usize),
    DropGroup(usize),
    SetMaxWorkers(usize),
    Prestart(usize),
    CancelToken(usize),
    Shutdown(Ending),
    DropPool,
}
