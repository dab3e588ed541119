//! What the pool is asked to do, with the answer that the reference expects.

use super::program::{Brake, GroupPolicy, Limit, Plan, Style, Verb, When};

/// A task by its number: tasks are numbered as they are submitted.
pub(crate) type Id = usize;

/// How a task ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    Value,
    Error,
    Panic,
    Cancelled,
    Late,
    ShutDown,
    Full,
    Discarded,
    Broken,
    /// An offer that was not taken.
    GivenBack,
}

/// Where a task has come to when its submit returns, or a moment later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    Waiting,
    Started,
    Ended,
}

/// A task to be submitted, and what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Submission {
    pub(crate) id: Id,
    pub(crate) verb: Verb,
    pub(crate) plan: Plan,
    pub(crate) weight: usize,
    pub(crate) brake: Brake,
    pub(crate) callbacks: usize,
    /// It waits at its start until it is released.
    pub(crate) is_gated: bool,
    /// Its submitter waits for room.
    pub(crate) is_blocked: bool,
    pub(crate) settled: Settled,
    pub(crate) end: Option<End>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Nothing,
    Check {
        asked: bool,
    },
    Submit(Submission),
    SubmitAndRead(Submission, Delivery),
    FollowAndRead {
        parent: Submission,
        next: Submission,
        end: Delivery,
    },
    Scope(Vec<Submission>),
    /// Reads the results of a map over so many inputs.
    MapAndRead {
        style: Style,
        inputs: usize,
        /// Those that are read.
        items: Vec<Submission>,
        results: Vec<Delivery>,
    },
    /// A group that a task waits for, with as many tasks of the pool ended after each submit.
    Group {
        policy: GroupPolicy,
        items: Vec<(Submission, u64)>,
        conclusion: Conclusion,
    },
    Release(Id),
    Cancel {
        id: Id,
        answer: bool,
    },
    RequestCancel {
        id: Id,
        answer: bool,
    },
    AddCallback {
        id: Id,
        index: usize,
    },
    Then {
        parent: Id,
        next: Submission,
    },
    Share(Id),
    DropFuture(Id),
    /// The outcome, and whose it is; none if it is not there.
    Read {
        id: Id,
        limit: Limit,
        end: Option<Delivery>,
    },
    Await(Id),
    Poll {
        place: usize,
        end: Option<Delivery>,
    },
    DropAwait(usize),
    Wait {
        ids: Vec<Id>,
        when: When,
        limit: Limit,
        done: Vec<bool>,
    },
    AsCompleted(Vec<Id>),
    NextCompleted {
        place: usize,
        id: Option<Id>,
    },
    PushCompleted {
        place: usize,
        id: Id,
    },
    DropCompleted(usize),
    Map {
        style: Style,
        limit: Limit,
        inputs: usize,
        /// Those that are read at once.
        items: Vec<Submission>,
    },
    NextOfMap {
        place: usize,
        /// What is read first.
        items: Vec<Submission>,
        next: NextOfMap,
    },
    UnorderMap(usize),
    DropMap(usize),
    OpenGroup(usize, GroupPolicy, Brake),
    SubmitToGroup(usize, Submission),
    CancelGroup(usize),
    JoinGroup(usize, Conclusion),
    DropGroup(usize),
    SetMaxWorkers {
        workers: usize,
        accepted: bool,
        /// What new workers take at once.
        taken: Vec<(Id, Settled)>,
    },
    Prestart {
        workers: usize,
        most: usize,
    },
    CancelToken(usize),
    Shutdown(Shutdown),
    DropPool {
        idle: bool,
    },
    /// A callback gives up.
    Panic,
}

/// An outcome, and the task that has made it, if any has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Delivery {
    pub(crate) end: End,
    pub(crate) origin: Option<Id>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NextOfMap {
    /// The index is said only of what is no value.
    Gives(Delivery, Option<usize>),
    TimesOut(usize),
    IsOver,
}

/// What a group gives in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conclusion {
    /// The task that one error stands for.
    pub(crate) index: Option<usize>,
    pub(crate) outcomes: Vec<Delivery>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shutdown {
    pub(crate) cancel_futures: bool,
    pub(crate) cancel_running: bool,
    pub(crate) wait: Wait,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    NotAtAll,
    /// Nothing is left to be done, so it returns.
    ForEver,
    /// Something is left to be done, so it times out.
    NoTime,
    /// On a worker, which cannot wait for its own end.
    OwnWorker,
}

/// Who runs something: a task's own code, or one of its callbacks by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Actor {
    pub(crate) id: Id,
    pub(crate) part: Part,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Body,
    Callback(usize),
}
