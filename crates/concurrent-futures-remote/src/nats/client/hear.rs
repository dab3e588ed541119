//! What the server says by itself.

use super::Client;
use crate::nats::record::{self, Record};
use async_nats::Subscriber;
use concurrent_futures::remote::Outcome;
use futures_util::StreamExt;
use std::sync::Arc;

impl Client {
    /// Hears of what has been stored as the state of calls.
    pub(super) async fn hear(self: Arc<Self>, mut states: Subscriber) {
        while let Some(message) = states.next().await {
            let Some(id) = self.link.names.id_in(&message.subject) else {
                continue;
            };
            let Some((record, bytes)) = record::read::<Record>(&message.payload) else {
                continue;
            };
            match record.outcome(bytes) {
                Some(Outcome::Cancelled) if self.desk.is_being_cancelled(id) => {}
                Some(outcome) => self.finish(id, outcome, record.run()),
                None => self.desk.claimed(id),
            }
        }
    }

    /// Sees to a call that others may have a part in: hears of it, looks for what is known, and orders it
    /// if there is something to order.
    pub(super) async fn join(self: Arc<Self>, id: String) {
        if !self.is_own(&id) {
            let subject = self.link.names.heard_of(&id);
            if let Ok(states) = self.link.js.client.subscribe(subject).await {
                let listener = tokio::spawn(Arc::clone(&self).hear(states));
                self.desk.listens(&id, listener.abort_handle());
            }
        }
        self.join_known(&id).await;
    }
}
