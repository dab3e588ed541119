//! What may stop a task before it starts: a token, a deadline, the group it belongs to.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use concurrent_futures::CancelToken;

use super::ending::Ending;
use super::record::TaskRecord;

/// When a group has no need of its other tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    AfterError,
    AfterValue,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deadline {
    None,
    Some,
}

#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) token: CancelToken,
    pub(crate) deadline: Deadline,
    asked: AtomicBool,
    rule: Option<Rule>,
    members: Mutex<Vec<Arc<TaskRecord>>>,
    above: Vec<Arc<Stop>>,
}

impl Stop {
    pub(crate) fn new(token: CancelToken, deadline: Deadline, above: Vec<Arc<Self>>) -> Arc<Self> {
        Arc::new(Self::of(token, deadline, above, None))
    }

    pub(crate) fn of_group(rule: Rule, deadline: Deadline, above: Vec<Arc<Self>>) -> Arc<Self> {
        Arc::new(Self::of(CancelToken::new(), deadline, above, Some(rule)))
    }

    fn of(
        token: CancelToken,
        deadline: Deadline,
        above: Vec<Arc<Self>>,
        rule: Option<Rule>,
    ) -> Self {
        Self {
            token,
            deadline,
            asked: AtomicBool::new(false),
            rule,
            members: Mutex::default(),
            above,
        }
    }

    /// Called before a cancel, since its effect may be seen before it returns.
    pub(crate) fn ask(&self) {
        self.asked.store(true, SeqCst);
    }

    pub(crate) fn was_asked(&self) -> bool {
        self.asked.load(SeqCst)
    }

    pub(crate) fn enrol(&self, member: &Arc<TaskRecord>) {
        let mut members = self.members.lock().expect("held for a push only");
        members.push(Arc::clone(member));
    }

    /// The members refer to their group.
    pub(crate) fn dissolve(&self) {
        let members = std::mem::take(&mut *self.members.lock().expect("held for a swap only"));
        drop(members);
    }

    pub(crate) fn may_have_stopped(&self) -> bool {
        self.was_asked()
            || self.was_decided()
            || self.above.iter().any(|stop| stop.may_have_stopped())
            // A group whose time is over cancels what is queued.
            || self.rule.is_some() && self.may_be_late()
    }

    fn was_decided(&self) -> bool {
        let members = self.members.lock().expect("held for a look only");
        let decides = |member: &Arc<TaskRecord>| match self.rule {
            Some(Rule::AfterError) if member.has_run() => member.plan != Ending::Result,
            Some(Rule::AfterError) => member.may_have_been_refused(),
            Some(Rule::AfterValue) => member.has_run() && member.plan == Ending::Result,
            Some(Rule::Never) | None => false,
        };
        members.iter().any(decides)
    }

    pub(crate) fn may_be_late(&self) -> bool {
        self.deadline != Deadline::None || self.above.iter().any(|stop| stop.may_be_late())
    }
}
