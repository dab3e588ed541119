//! Handing calls to the server.

use super::Client;
use crate::nats::{
    deadline::deadline,
    js::{Fault, Publish},
    record::{self, Order},
};
use bytes::Bytes;
use concurrent_futures::remote::{Call, CallError, Outcome};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Semaphore, mpsc::UnboundedReceiver},
    time::{Instant, sleep, sleep_until, timeout_at},
};

/// So many orders may be on their way at a time; the server would drop some of very many more.
const ON_THEIR_WAY: usize = 1024;

/// Between two attempts.
pub(super) const PAUSE: Duration = Duration::from_millis(100);

pub(super) fn message(call: &Call) -> Bytes {
    let order = Order {
        task: call.task.clone(),
        attempts: call.attempts,
    };
    record::write(&order, &call.arguments).into()
}

impl Client {
    /// Places orders as they come, in their order.
    pub(super) async fn place_orders(
        self: Arc<Self>,
        mut orders: UnboundedReceiver<(String, Instant)>,
    ) {
        let room = Arc::new(Semaphore::new(ON_THEIR_WAY));
        while let Some((id, submitted)) = orders.recv().await {
            let Ok(place) = Arc::clone(&room).acquire_owned().await else {
                return;
            };
            let client = Arc::clone(&self);
            tokio::spawn(async move {
                client.place_order(&id, submitted).await;
                drop(place);
            });
        }
    }

    /// Until the order is stored, or it is clear that it will not be.
    pub(super) async fn place_order(&self, id: &str, submitted: Instant) {
        let deadline = self.outage.deadline(submitted, self.submit_timeout);
        let mut last_reason = "no answer".to_owned();
        let error = loop {
            if Instant::now() >= deadline {
                break CallError::Unavailable {
                    after: self.submit_timeout,
                    reason: last_reason,
                };
            }
            // Gone if it was cancelled meanwhile.
            let Some((message, message_id)) = self.desk.order(id) else {
                return self.desk.not_stored(id);
            };
            let how = Publish {
                message_id: Some(&message_id),
                after: None,
            };
            let subject = self.link.names.work_of(id);
            let asked = Instant::now();
            let publishing = self.link.js.publish(subject, message, how);
            let published = match timeout_at(deadline, publishing).await {
                Ok(published) => published,
                Err(_) => Err(Fault::Unreachable(last_reason.clone())),
            };
            match published {
                Ok(sequence) => {
                    self.outage.is_over();
                    if self.desk.stored(id, sequence) {
                        self.delete_order(sequence).await;
                    }
                    return;
                }
                Err(Fault::Unreachable(reason)) => {
                    self.outage.goes_on(asked);
                    last_reason = reason;
                    sleep_until(deadline.min(Instant::now() + PAUSE)).await;
                }
                Err(Fault::Full) => break CallError::QueueFull,
                Err(fault) => break CallError::Refused(fault.to_string()),
            }
        };
        self.desk.not_stored(id);
        self.finish(id, Outcome::Refused(error), None);
    }

    /// Tries to, for as long as a submit is tried. If it is in vain a worker will find that there is
    /// nothing to be done.
    pub(super) async fn delete_order(&self, sequence: u64) {
        let deadline = deadline(self.submit_timeout);
        while let Err(Fault::Unreachable(_)) =
            self.link.js.delete(&self.link.names.work, sequence).await
        {
            if Instant::now() >= deadline {
                return;
            }
            sleep(PAUSE).await;
        }
    }
}
