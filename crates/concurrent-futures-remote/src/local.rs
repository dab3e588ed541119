//! The backend that is a pool of this process, with the same registry and the same codec as workers
//! elsewhere have. What cannot travel, for want of a name or for its size, fails here, too.

use crate::Registry;
use concurrent_futures::{
    Future, Rejected, TaskError, ThreadPoolExecutor,
    remote::{Backend, Call, CallError, Outcome, Reply, Run},
};
use std::{
    collections::{HashMap, VecDeque},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// As much as a NATS server carries, unless it is told otherwise.
pub(crate) const MAX_PAYLOAD: usize = 1024 * 1024;

/// So long an outcome is kept, and so many.
const KEPT_FOR: Duration = Duration::from_secs(60 * 60);
const KEPT: usize = 1024;

pub(crate) struct Local {
    pool: ThreadPoolExecutor,
    registry: Registry,
    calls: Arc<Calls>,
}

type Ran = (Outcome, Run);

#[derive(Default)]
struct Calls(Mutex<Desk>);

#[derive(Default)]
struct Desk {
    calls: HashMap<String, State>,
    /// Those that have ended, the oldest first.
    ended: VecDeque<(Instant, String)>,
    closed: bool,
}

enum State {
    UnderWay {
        replies: Vec<Reply>,
        /// Once it has been submitted.
        future: Option<Arc<Future<Ran>>>,
    },
    Ended(Outcome, Option<Run>),
}

impl Local {
    pub(crate) fn new(pool: ThreadPoolExecutor, registry: Registry) -> Self {
        Self {
            pool,
            registry,
            calls: Arc::default(),
        }
    }

    fn run(&self, call: Call) {
        let Call {
            id,
            task,
            arguments,
            ..
        } = call;
        let (registry, queued) = (self.registry.clone(), Instant::now());
        let work = move || {
            let wait = queued.elapsed();
            let outcome = match registry.run(&task, &arguments) {
                Outcome::Returned(bytes) if bytes.len() > MAX_PAYLOAD => too_large(bytes.len()),
                outcome => outcome,
            };
            let worker = thread::current().name().unwrap_or_default().to_owned();
            (
                outcome,
                Run::new(worker, wait, queued.elapsed().saturating_sub(wait)),
            )
        };
        let future = Arc::new(self.pool.submit(work));
        if let Some(State::UnderWay { future: place, .. }) = self.calls.lock().calls.get_mut(&id) {
            *place = Some(Arc::clone(&future));
        }
        let calls = Arc::clone(&self.calls);
        future.add_done_callback(move |outcome| match outcome {
            Ok((outcome, run)) => calls.end(id, outcome, Some(run)),
            Err(error) => calls.end(id, &unrun(error), None),
        });
    }
}

fn too_large(size: usize) -> Outcome {
    Outcome::Refused(CallError::TooLarge {
        size,
        limit: MAX_PAYLOAD,
    })
}

fn unrun(error: &TaskError) -> Outcome {
    match error {
        TaskError::Cancelled => Outcome::Cancelled,
        TaskError::Panicked(panic) => Outcome::Panicked(panic.message().to_owned()),
        TaskError::Rejected(reason) if Rejected::is_shutdown(reason) => {
            Outcome::Refused(CallError::Closed)
        }
        other => Outcome::Refused(CallError::Refused(other.to_string())),
    }
}

impl Calls {
    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a call, or has it answered with others of its key. Whether it is to be run.
    fn enter(&self, id: &str, reply: Reply) -> bool {
        let mut desk = self.lock();
        if desk.closed {
            drop(desk);
            reply.send(Outcome::Refused(CallError::Closed));
            return false;
        }
        match desk.calls.get_mut(id) {
            None => {
                let state = State::UnderWay {
                    replies: vec![reply],
                    future: None,
                };
                desk.calls.insert(id.to_owned(), state);
                true
            }
            Some(state) => {
                let answer = state.join(reply);
                drop(desk);
                answer_with(answer);
                false
            }
        }
    }

    fn end(&self, id: String, outcome: &Outcome, run: Option<&Run>) {
        let mut desk = self.lock();
        let state = desk.calls.get_mut(&id);
        let replies = match state {
            Some(state @ State::UnderWay { .. }) => {
                match mem::replace(state, State::Ended(outcome.clone(), run.cloned())) {
                    State::UnderWay { replies, .. } => replies,
                    State::Ended(..) => Vec::new(),
                }
            }
            _ => Vec::new(),
        };
        desk.ended.push_back((Instant::now(), id));
        let forgotten = desk.forget();
        drop(desk);
        drop(forgotten);
        for reply in replies {
            answer_with(Some((reply, outcome.clone(), run.cloned())));
        }
    }
}

type Answer = (Reply, Outcome, Option<Run>);

fn answer_with(answer: Option<Answer>) {
    match answer {
        Some((reply, outcome, Some(run))) => reply.send_run(outcome, run),
        Some((reply, outcome, None)) => reply.send(outcome),
        None => {}
    }
}

impl State {
    /// One more who wants to know. To be answered at once, if it is known.
    fn join(&mut self, reply: Reply) -> Option<Answer> {
        match self {
            Self::UnderWay { replies, .. } => {
                replies.push(reply);
                None
            }
            Self::Ended(outcome, run) => Some((reply, outcome.clone(), run.clone())),
        }
    }
}

impl Desk {
    /// Takes out what is not to be kept any more.
    fn forget(&mut self) -> Vec<State> {
        let mut forgotten = Vec::new();
        while let Some((ended, id)) = self.ended.front() {
            if self.ended.len() <= KEPT && ended.elapsed() < KEPT_FOR {
                break;
            }
            forgotten.extend(self.calls.remove(id));
            self.ended.pop_front();
        }
        forgotten
    }
}

impl Backend for Local {
    fn start(&self, call: Call, reply: Reply) {
        if call.arguments.len() > MAX_PAYLOAD {
            return reply.send(too_large(call.arguments.len()));
        }
        if self.calls.enter(&call.id, reply) {
            self.run(call);
        }
    }

    fn attach(&self, id: &str, reply: Reply) {
        let mut desk = self.calls.lock();
        let answer = if let Some(state) = desk.calls.get_mut(id) {
            state.join(reply)
        } else {
            let unknown = CallError::UnknownCall(id.to_owned());
            Some((reply, Outcome::Refused(unknown), None))
        };
        drop(desk);
        answer_with(answer);
    }

    fn revoke(&self, id: &str) {
        let future = match self.calls.lock().calls.get(id) {
            Some(State::UnderWay { future, .. }) => future.clone(),
            _ => None,
        };
        if let Some(future) = future {
            future.cancel();
        }
    }

    fn close(&self) {
        let mut desk = self.calls.lock();
        desk.closed = true;
        let ids: Vec<_> = desk
            .calls
            .iter()
            .filter(|(_, state)| matches!(state, State::UnderWay { .. }))
            .map(|(id, _)| id.clone())
            .collect();
        drop(desk);
        for id in ids {
            self.calls
                .end(id, &Outcome::Refused(CallError::Closed), None);
        }
    }
}
