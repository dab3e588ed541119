//! Making a call one's own. What is written here is compared and set by the server, so of several
//! workers one gets the call, and one that comes after a cancellation none.

use super::{Host, delivery::Delivery};
use crate::nats::{
    js::{Fault, Publish},
    record::{self, Record},
};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const PAUSE: Duration = Duration::from_millis(100);

/// What to do with a message of work.
pub(super) enum Claim {
    /// Run the call. The claim is this one, and has this number.
    Mine(Record, u64),
    /// There is nothing to be done any more.
    Over,
    /// Somebody else is at it: look again after a while.
    Busy,
    /// The server could not be asked. It will deliver the message again.
    Unknown,
}

impl Host {
    pub(super) async fn claim(&self, id: &str, delivery: &Delivery, attempts: u32) -> Claim {
        // After the lease the message is another worker's.
        let deadline = Instant::now() + self.terms.lease;
        let queue_wait = self.clock.now().saturating_sub(delivery.stored);
        let mut claim = Record::claimed(&self.name, delivery.order, 1, queue_wait);
        // Mostly there is nothing yet.
        let mut after = 0;
        loop {
            match self.try_claim(id, &claim, after).await {
                Ok(sequence) => return Claim::Mine(claim, sequence),
                Err(Fault::Conflict) => {}
                Err(Fault::Unreachable(_)) if Instant::now() < deadline => {
                    sleep(PAUSE).await;
                    continue;
                }
                Err(_) => return Claim::Unknown,
            }
            let found = match self.state(id).await {
                Ok(found) => found,
                Err(Fault::Unreachable(_)) if Instant::now() < deadline => {
                    sleep(PAUSE).await;
                    continue;
                }
                Err(_) => return Claim::Unknown,
            };
            let Some((sequence, before)) = found else {
                // It has gone in between.
                after = 0;
                continue;
            };
            if !before.is_claim() {
                return Claim::Over;
            }
            if before == claim {
                // An answer got lost.
                return Claim::Mine(claim, sequence);
            }
            if before.order != delivery.order {
                match self.is_ordered(before.order).await {
                    // This is a second order of the same call; the first one is under way.
                    Ok(true) => return Claim::Over,
                    Ok(false) => {}
                    Err(_) => return Claim::Unknown,
                }
            }
            if before.worker == self.name {
                // Ours, and it came to nothing, for want of an answer.
                claim.attempt = before.attempt;
            } else if self.is_held(id, &before.worker, sequence).await {
                return Claim::Busy;
            } else if before.attempt >= attempts {
                return self.give_up(id, &before, sequence).await;
            } else {
                claim.attempt = before.attempt + 1;
            }
            after = sequence;
        }
    }

    async fn try_claim(&self, id: &str, claim: &Record, after: u64) -> Result<u64, Fault> {
        let how = Publish {
            message_id: None,
            after: Some(after),
        };
        let message = record::write(claim, &[]).into();
        let subject = self.link.names.state_of(id);
        self.link.js.publish(subject, message, how).await
    }

    /// The state of a call, and its number.
    pub(super) async fn state(&self, id: &str) -> Result<Option<(u64, Record)>, Fault> {
        let names = &self.link.names;
        let stored = self.link.js.last(&names.state, &names.state_of(id)).await?;
        Ok(stored.and_then(|stored| {
            let (record, _) = record::read::<Record>(&stored.data)?;
            Some((stored.sequence, record))
        }))
    }

    async fn is_ordered(&self, order: u64) -> Result<bool, Fault> {
        let found = self
            .link
            .js
            .by_sequence(&self.link.names.work, order)
            .await?;
        Ok(found.is_some())
    }

    /// The worker of the last attempt has died.
    async fn give_up(&self, id: &str, before: &Record, sequence: u64) -> Claim {
        match self.try_claim(id, &before.broken(), sequence).await {
            Ok(_) => Claim::Over,
            // Somebody else has written, or nobody knows: it will be seen when the message comes again.
            Err(_) => Claim::Unknown,
        }
    }
}
