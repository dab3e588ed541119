//! Asking for calls: as many as there are free slots, and none ahead. A call that lay here while another worker
//! was free would wait for nothing, and be held up by whatever runs before it.

use super::{Host, delivery::Delivery};
use crate::nats::names::CONSUMER;
use async_nats::Message;
use serde_json::json;
use std::{
    collections::VecDeque,
    sync::atomic::Ordering::SeqCst,
    time::{Duration, Instant},
};

/// How long the server keeps a request.
const EXPIRES: Duration = Duration::from_secs(30);
/// How often it says that it has it.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// A request of which nothing was heard for so long is lost.
const PATIENCE: Duration = Duration::from_secs(5);
/// After one that was refused.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) struct Pull {
    inbox: String,
    next: u64,
    /// The oldest first, in which order the server serves them.
    requests: VecDeque<Request>,
    not_before: Instant,
}

struct Request {
    number: u64,
    /// How many calls are to come.
    missing: usize,
    heard: Instant,
}

impl Pull {
    pub(super) fn new(inbox: String) -> Self {
        Self {
            inbox,
            next: 0,
            requests: VecDeque::new(),
            not_before: Instant::now(),
        }
    }

    fn missing(&self) -> usize {
        self.requests.iter().map(|request| request.missing).sum()
    }

    /// Asks for a call for each slot that has none, if it is time.
    pub(super) async fn fill(&mut self, host: &Host) {
        let taken = host.busy.load(SeqCst) + self.missing();
        let free = host.slots.saturating_sub(taken);
        if free == 0 || Instant::now() < self.not_before {
            return;
        }
        self.next += 1;
        let number = self.next;
        let wanted = json!({
            "batch": free,
            "expires": u64::try_from(EXPIRES.as_nanos()).unwrap_or(u64::MAX),
            "idle_heartbeat": u64::try_from(HEARTBEAT.as_nanos()).unwrap_or(u64::MAX),
        });
        let subject = format!(
            "$JS.API.CONSUMER.MSG.NEXT.{}.{CONSUMER}",
            host.link.names.work
        );
        let reply = format!("{}.{number}", self.inbox);
        let sent =
            host.link
                .js
                .client
                .publish_with_reply(subject, reply, wanted.to_string().into());
        if sent.await.is_ok() {
            self.requests.push_back(Request {
                number,
                missing: free,
                heard: Instant::now(),
            });
        }
    }

    /// A call, or what the server says of a request.
    pub(super) fn receive(&mut self, message: Message) -> Option<Delivery> {
        let Some(status) = message.status else {
            let served = self.requests.iter_mut().find(|request| request.missing > 0);
            if let Some(request) = served {
                request.missing -= 1;
                request.heard = Instant::now();
            }
            self.requests.retain(|request| request.missing > 0);
            return Delivery::of(message);
        };
        let number = message.subject.rsplit('.').next();
        let number = number.and_then(|number| number.parse::<u64>().ok());
        let place = self
            .requests
            .iter()
            .position(|request| Some(request.number) == number);
        match (status.as_u16(), place) {
            (100, Some(place)) => self.requests[place].heard = Instant::now(),
            (408, place) => {
                place.map(|place| self.requests.remove(place));
            }
            (_, Some(place)) => {
                self.requests.remove(place);
                self.not_before = Instant::now() + PAUSE;
            }
            (_, None) => {}
        }
        None
    }

    /// Requests of which the server says nothing any more are lost.
    pub(super) fn expire(&mut self) {
        self.requests
            .retain(|request| request.heard.elapsed() < PATIENCE);
    }

    /// All are lost.
    pub(super) fn forget(&mut self) {
        self.requests.clear();
    }
}
