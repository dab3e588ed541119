//! Taking a call back.

use super::{Client, order::PAUSE};
use crate::nats::{
    deadline::deadline,
    js::{Fault, Publish},
    record::{self, Record},
};
use concurrent_futures::remote::{Outcome, Reply};
use std::sync::{Arc, mpsc::SyncSender};
use tokio::time::{sleep, timeout_at};

impl Client {
    /// Answers with those who are to be told that the call is cancelled; nobody, if it is not.
    pub(super) async fn cancel(self: Arc<Self>, id: String, answer: SyncSender<Vec<Reply>>) {
        self.desk.begin_cancel(&id);
        let deciding = timeout_at(deadline(self.submit_timeout), self.decide(&id));
        if !deciding.await.unwrap_or(false) {
            self.desk.give_up_cancel(&id);
            let _ = answer.send(Vec::new());
            return;
        }
        let Some(entry) = self.desk.take_cancelled(&id) else {
            let _ = answer.send(Vec::new());
            return;
        };
        let stored = entry.stored;
        if let Err(refused) = answer.send(entry.replies) {
            // Whoever asked has not waited for the answer.
            self.reply(refused.0, Outcome::Cancelled, None);
        }
        // Its place in the queue is free from now on. If we do not get to it, a worker will.
        let order = match stored {
            None if !self.is_own(&id) => self.order_of(&id).await,
            stored => stored,
        };
        if let Some(sequence) = order {
            self.delete_order(sequence).await;
        }
    }

    /// Whether the call is cancelled: its state was empty, and now says so.
    async fn decide(&self, id: &str) -> bool {
        let names = &self.link.names;
        let message: bytes::Bytes = record::write(&Record::cancelled(), &[]).into();
        loop {
            let how = Publish {
                message_id: None,
                after: Some(0),
            };
            let written = self
                .link
                .js
                .publish(names.state_of(id), message.clone(), how)
                .await;
            let faulty = match written {
                Ok(_) => return true,
                // It may have been us: an answer can get lost.
                Err(Fault::Conflict) => match self.is_cancelled(id).await {
                    Ok(cancelled) => return cancelled,
                    Err(fault) => fault,
                },
                Err(fault) => fault,
            };
            if !matches!(faulty, Fault::Unreachable(_)) {
                return false;
            }
            sleep(PAUSE).await;
        }
    }
}
