//! A program: a pool, and what is done with it. It is read from bytes, so that any bytes are one, and fewer and
//! smaller bytes are a simpler one.

/// How many bytes make one operation.
pub(crate) const WIDTH: usize = 8;

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
    Map(usize),
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
    Then(usize, Plan),
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
    Map(Vec<Plan>, Limit),
    NextOfMap(usize),
    DropMap(usize),
    SetMaxWorkers(usize),
    Prestart(usize),
    CancelToken(usize),
    Shutdown(Ending),
    DropPool,
}

impl Program {
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let (head, tail) = bytes.split_at(bytes.len().min(4));
        Self {
            setup: Setup::read(&mut Bytes(head)),
            ops: tail
                .chunks(WIDTH)
                .map(|op| Op::read(&mut Bytes(op)))
                .collect(),
        }
    }
}

/// Zeros come after the last one.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        match self.0.split_first() {
            Some((&first, rest)) => {
                self.0 = rest;
                first
            }
            None => 0,
        }
    }

    fn number(&mut self) -> usize {
        usize::from(self.next())
    }

    fn below(&mut self, bound: usize) -> usize {
        self.number() % bound
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

impl Setup {
    fn read(bytes: &mut Bytes<'_>) -> Self {
        use IdleWorkers::{LeaveAtOnce, Stay};
        use Initializer::{Fails, None as Without, Succeeds};
        const POLICIES: [Policy; 5] = [
            Policy::Block,
            Policy::BlockForNoTime,
            Policy::Reject,
            Policy::CallerRuns,
            Policy::DiscardOldest,
        ];
        let bounded = bytes.next();
        Self {
            workers: 1 + bytes.below(3),
            bound: (bounded & 1 == 1).then(|| {
                let capacity = 1 + usize::from(bounded >> 1) % 4;
                (
                    capacity,
                    POLICIES[usize::from(bounded >> 3) % POLICIES.len()],
                )
            }),
            initializer: match bytes.below(16) {
                0..10 => Without,
                10..14 => Succeeds,
                _ => Fails,
            },
            idle_workers: bytes.one_of(&[Stay, Stay, LeaveAtOnce]),
        }
    }
}

impl Plan {
    fn read(bytes: &mut Bytes<'_>) -> Self {
        use Plan::{Error, Panic, Value};
        bytes.one_of(&[Value, Value, Value, Error, Panic])
    }
}

impl Limit {
    fn read(bytes: &mut Bytes<'_>) -> Self {
        bytes.one_of(&[Self::Zero, Self::Max])
    }
}

impl Ending {
    fn read(bytes: &mut Bytes<'_>) -> Self {
        let bits = bytes.next();
        Self {
            cancel_futures: bits & 1 != 0,
            cancel_running: bits & 2 != 0,
        }
    }
}

impl Action {
    fn read(bytes: &mut Bytes<'_>) -> Self {
        match bytes.below(24) {
            0..6 => Self::Nothing,
            6 => Self::Check,
            7..9 => Self::Submit(Plan::read(bytes)),
            9..11 => Self::SubmitAndRead(Plan::read(bytes)),
            11 => Self::FollowAndRead(Plan::read(bytes)),
            12 => Self::Scope(1 + bytes.below(3)),
            13 => Self::Map(1 + bytes.below(3)),
            14..17 => Self::Cancel(bytes.number()),
            17 => Self::RequestCancel(bytes.number()),
            18..20 => Self::DropFuture(bytes.number()),
            20 => Self::SetMaxWorkers(bytes.below(4)),
            21 => Self::Shutdown(Ending::read(bytes)),
            22 => Self::DropPool,
            _ => Self::Panic,
        }
    }
}

impl Spec {
    fn read(bytes: &mut Bytes<'_>) -> Self {
        let plan = Plan::read(bytes);
        let weight = 1 + bytes.below(3);
        let brake = match bytes.below(16) {
            0..12 => Brake::None,
            12 | 13 => Brake::Token(0),
            14 => Brake::Token(1),
            _ => Brake::DeadlineOver,
        };
        let mut body = Action::read(bytes);
        if body == Action::Panic {
            body = Action::Check;
        }
        let mut callbacks = Vec::new();
        // A third callback would be nothing new, and there are no bytes for it.
        while callbacks.len() < 2 && !bytes.0.is_empty() {
            callbacks.push(Action::read(bytes));
        }
        Self {
            plan,
            weight,
            brake,
            body,
            callbacks,
        }
    }
}

impl Op {
    fn read(bytes: &mut Bytes<'_>) -> Self {
        match bytes.below(64) {
            0..13 => {
                use Verb::{Offer, OfferNoTime, Submit};
                let verb = bytes.one_of(&[Submit, Submit, Submit, Offer, OfferNoTime]);
                Self::Submit(verb, Spec::read(bytes))
            }
            13..24 => Self::Release(bytes.number()),
            24..27 => Self::Cancel(bytes.number()),
            27 => Self::RequestCancel(bytes.number()),
            28..31 => Self::AddCallback(bytes.number(), Action::read(bytes)),
            31..34 => Self::Then(bytes.number(), Plan::read(bytes)),
            34 | 35 => Self::Share(bytes.number()),
            36 | 37 => Self::DropFuture(bytes.number()),
            38..41 => Self::Read(bytes.number(), Limit::read(bytes)),
            41 => Self::Await(bytes.number()),
            42 | 43 => Self::Poll(bytes.number()),
            44 => Self::DropAwait(bytes.number()),
            45 | 46 => {
                let when = bytes.one_of(&[When::First, When::FirstException, When::All]);
                Self::Wait(bytes.next(), when, Limit::read(bytes))
            }
            47 => Self::AsCompleted(bytes.next()),
            48 | 49 => Self::NextCompleted(bytes.number()),
            50 => Self::PushCompleted(bytes.number(), bytes.number()),
            51 => Self::DropCompleted(bytes.number()),
            52 | 53 => {
                let limit = Limit::read(bytes);
                let plans = (0..bytes.below(5)).map(|_| Plan::read(bytes)).collect();
                Self::Map(plans, limit)
            }
            54 | 55 => Self::NextOfMap(bytes.number()),
            56 => Self::DropMap(bytes.number()),
            57 | 58 => Self::SetMaxWorkers(bytes.below(5)),
            59 => Self::Prestart(bytes.below(5)),
            60 => Self::CancelToken(bytes.below(2)),
            61 | 62 => Self::Shutdown(Ending::read(bytes)),
            _ => Self::DropPool,
        }
    }
}
