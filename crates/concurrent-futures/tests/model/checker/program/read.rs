//! Programs from bytes.

use super::{
    Action, Brake, Ending, GroupPolicy, IdleWorkers, Initializer, Item, Limit, Op, Order, Plan,
    Policy, Program, Setup, Spec, Style, Verb, When,
};

/// How many bytes make one operation.
pub(crate) const WIDTH: usize = 8;

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
    const KINDS: [Self; 5] = [
        Self::Value,
        Self::Value,
        Self::Value,
        Self::Error,
        Self::Panic,
    ];

    fn read(bytes: &mut Bytes<'_>) -> Self {
        bytes.one_of(&Self::KINDS)
    }

    fn of(number: usize) -> Self {
        Self::KINDS[number % Self::KINDS.len()]
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
        match bytes.below(28) {
            0..6 => Self::Nothing,
            6 => Self::Check,
            7..9 => Self::Submit(Plan::read(bytes)),
            9..11 => Self::SubmitAndRead(Plan::read(bytes)),
            11 => Self::FollowAndRead(Plan::read(bytes)),
            12 => Self::Scope(1 + bytes.below(3)),
            13 | 14 => {
                let kind = bytes.number();
                Self::Map(Style::of(kind / 3), 1 + kind % 3)
            }
            15 | 16 => Self::group(bytes),
            17 => Self::CancelGroup(bytes.number()),
            18..21 => Self::Cancel(bytes.number()),
            21 => Self::RequestCancel(bytes.number()),
            22 | 23 => Self::DropFuture(bytes.number()),
            24 => Self::SetMaxWorkers(bytes.below(4)),
            25 => Self::Shutdown(Ending::read(bytes)),
            26 => Self::DropPool,
            _ => Self::Panic,
        }
    }

    /// How a body ends is said elsewhere.
    fn of_body(self) -> Self {
        match self {
            Self::Panic => Self::Check,
            action => action,
        }
    }

    /// The policy and up to three tasks in one byte.
    fn group(bytes: &mut Bytes<'_>) -> Self {
        let kind = bytes.number();
        let plans = [3, 12, 48].map(|divisor| match kind / divisor % 4 {
            0 => Some(Plan::Value),
            1 => Some(Plan::Error),
            2 => Some(Plan::Panic),
            _ => None,
        });
        Self::Group(GroupPolicy::of(kind), plans)
    }

    /// By one byte, without what would need more.
    fn brief(number: usize) -> Self {
        let choice = number / 8;
        match number % 8 {
            0..3 => Self::Nothing,
            3 => Self::Check,
            4 => Self::FollowAndRead(Plan::Value),
            5 => Self::Map(Style::of(choice), 1 + choice % 3),
            6 => Self::CancelGroup(choice),
            _ => Self::Cancel(choice),
        }
    }
}

impl Style {
    fn of(number: usize) -> Self {
        Self {
            order: match number % 2 {
                0 => Order::Input,
                _ => Order::Completion,
            },
            buffer: match number / 2 % 4 {
                0 => None,
                buffer => Some(buffer),
            },
        }
    }
}

impl GroupPolicy {
    fn of(number: usize) -> Self {
        [Self::FailFast, Self::CollectAll, Self::FirstSuccess][number % 3]
    }
}

impl Item {
    fn read(bytes: &mut Bytes<'_>) -> Self {
        let number = bytes.number();
        Self {
            plan: Plan::of(number),
            body: Action::brief(number / Plan::KINDS.len()),
        }
    }
}

impl Brake {
    fn read(bytes: &mut Bytes<'_>) -> Self {
        match bytes.below(16) {
            0..12 => Self::None,
            12 | 13 => Self::Token(0),
            14 => Self::Token(1),
            _ => Self::DeadlineOver,
        }
    }
}

impl Spec {
    fn read(bytes: &mut Bytes<'_>) -> Self {
        let plan = Plan::read(bytes);
        let weight = 1 + bytes.below(3);
        let brake = Brake::read(bytes);
        let body = Action::read(bytes).of_body();
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
        match bytes.below(80) {
            0..13 => {
                use Verb::{Offer, OfferNoTime, Submit};
                let verb = bytes.one_of(&[Submit, Submit, Submit, Offer, OfferNoTime]);
                Self::Submit(verb, Spec::read(bytes))
            }
            13..26 => Self::Release(bytes.number()),
            26..29 => Self::Cancel(bytes.number()),
            29 => Self::RequestCancel(bytes.number()),
            30..33 => Self::AddCallback(bytes.number(), Action::read(bytes)),
            33..36 => {
                let parent = bytes.number();
                let plan = Plan::read(bytes);
                let body = Action::read(bytes).of_body();
                Self::Then(parent, Item { plan, body })
            }
            36 | 37 => Self::Share(bytes.number()),
            38 | 39 => Self::DropFuture(bytes.number()),
            40..43 => Self::Read(bytes.number(), Limit::read(bytes)),
            43 => Self::Await(bytes.number()),
            44 | 45 => Self::Poll(bytes.number()),
            46 => Self::DropAwait(bytes.number()),
            47 | 48 => {
                let when = bytes.one_of(&[When::First, When::FirstException, When::All]);
                Self::Wait(bytes.next(), when, Limit::read(bytes))
            }
            49 => Self::AsCompleted(bytes.next()),
            50 | 51 => Self::NextCompleted(bytes.number()),
            52 => Self::PushCompleted(bytes.number(), bytes.number()),
            53 => Self::DropCompleted(bytes.number()),
            number => Self::read_together(number, bytes),
        }
    }

    /// What has to do with maps and groups, and with the pool.
    fn read_together(number: usize, bytes: &mut Bytes<'_>) -> Self {
        match number {
            54..57 => {
                let (style, limit) = (Style::of(bytes.number()), Limit::read(bytes));
                let items = (0..bytes.below(5)).map(|_| Item::read(bytes)).collect();
                Self::Map(style, limit, items)
            }
            57..61 => Self::NextOfMap(bytes.number()),
            61 => Self::UnorderMap(bytes.number()),
            62 => Self::DropMap(bytes.number()),
            63 | 64 => Self::OpenGroup(GroupPolicy::of(bytes.number()), Brake::read(bytes)),
            65..69 => Self::SubmitToGroup(bytes.number(), Item::read(bytes)),
            69 => Self::CancelGroup(bytes.number()),
            70 | 71 => Self::JoinGroup(bytes.number()),
            72 => Self::DropGroup(bytes.number()),
            73 | 74 => Self::SetMaxWorkers(bytes.below(5)),
            75 => Self::Prestart(bytes.below(5)),
            76 => Self::CancelToken(bytes.below(2)),
            77 | 78 => Self::Shutdown(Ending::read(bytes)),
            _ => Self::DropPool,
        }
    }
}
