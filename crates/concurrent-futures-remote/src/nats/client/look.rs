//! Asking the server what has become of calls of which nothing was heard: because they take their time,
//! because we were not connected, or because their worker has died and there is no other.

use super::{Client, order::PAUSE};
use crate::nats::{
    deadline::deadline,
    js::{Fault, Publish, Stored},
    names::CONSUMER,
    record::{self, Order, Record, Sign},
};
use concurrent_futures::remote::{CallError, Outcome};
use futures_util::{StreamExt, stream};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// So many are looked up at a time.
const AT_A_TIME: usize = 32;

impl Client {
    /// Looks after what was silent for a lease, and after everything when the connection is there again.
    pub(super) async fn look_after_calls(self: Arc<Self>) {
        let lease = self.terms.lease;
        let pause = (lease / 3).clamp(Duration::from_millis(50), Duration::from_secs(10));
        loop {
            let silence = match timeout(pause, self.link.reconnected.notified()).await {
                Ok(()) => {
                    self.outage.is_over();
                    Duration::ZERO
                }
                Err(_) => lease,
            };
            let (client, silent) = (&self, self.desk.silent_for(silence));
            stream::iter(silent)
                .for_each_concurrent(AT_A_TIME, |id| async move {
                    // It is looked up again in time.
                    let _ = client.look(&id).await;
                })
                .await;
        }
    }

    /// The first look at a call that others may have a part in.
    pub(super) async fn join_known(&self, id: &str) {
        let deadline = deadline(self.submit_timeout);
        loop {
            let asked = timeout_at(deadline, self.state(id)).await;
            let no_answer = |_| Err(Fault::Unreachable("no answer".to_owned()));
            match asked.unwrap_or_else(no_answer) {
                Ok(Some((_, record, bytes))) if !record.is_claim() => {
                    return self.end(id, &record, &bytes);
                }
                Ok(_) => break,
                Err(Fault::Unreachable(reason)) if Instant::now() >= deadline => {
                    let error = CallError::Unavailable {
                        after: self.submit_timeout,
                        reason,
                    };
                    return self.finish(id, Outcome::Refused(error), None);
                }
                Err(Fault::Unreachable(_)) => sleep(PAUSE).await,
                Err(fault) => {
                    let error = CallError::Refused(fault.to_string());
                    return self.finish(id, Outcome::Refused(error), None);
                }
            }
        }
        if self.desk.order(id).is_some() {
            self.place_order(id, Instant::now()).await;
        }
        // It may have ended between the look and the order, or be known to nobody.
        let _ = self.look(id).await;
    }

    /// Looks for a call, and does what is to be done. Whether it has ended.
    async fn look(&self, id: &str) -> Result<bool, Fault> {
        if !self.desk.is_waited_for(id) {
            return Ok(true);
        }
        match self.state(id).await? {
            Some((_, record, bytes)) if !record.is_claim() => {
                self.end(id, &record, &bytes);
                Ok(true)
            }
            Some((sequence, claim, _)) => self.look_at_claim(id, sequence, &claim).await,
            None => self.look_at_order(id).await,
        }
    }

    async fn state(&self, id: &str) -> Result<Option<(u64, Record, Vec<u8>)>, Fault> {
        let names = &self.link.names;
        let stored = self.link.js.last(&names.state, &names.state_of(id)).await?;
        Ok(stored.and_then(|Stored { sequence, data, .. }| {
            let (record, bytes) = record::read::<Record>(&data)?;
            Some((sequence, record, bytes.to_vec()))
        }))
    }

    fn end(&self, id: &str, record: &Record, bytes: &[u8]) {
        if let Some(outcome) = record.outcome(bytes) {
            self.finish(id, outcome, record.run());
        }
    }

    /// A worker has the call. If it has died, another one gets it by itself, if there is one; if there is
    /// none and it was the last attempt, the call has ended.
    async fn look_at_claim(&self, id: &str, sequence: u64, claim: &Record) -> Result<bool, Fault> {
        let names = &self.link.names;
        let worker = names.worker(&claim.worker);
        let beat = self.link.js.last(&names.state, &worker).await?;
        if let Some(beat) = &beat
            && beat.sequence > sequence
            && record::read::<Sign>(&beat.data).is_some_and(|(sign, _)| !sign.has(id))
        {
            return self.look_at_dropped(id, sequence, claim).await;
        }
        let beat = beat.map_or(0, |beat| beat.sequence);
        let silence = self.desk.silence(id, sequence, beat);
        let lease = self.terms.lease;
        if silence < lease + lease / 3 {
            return Ok(false);
        }
        let attempts = match self.desk.attempts(id) {
            Some(attempts) => attempts,
            None => match self.ordered(id).await? {
                Some((_, order)) => order.attempts,
                None => return Ok(false),
            },
        };
        if claim.attempt >= attempts {
            let broken = claim.broken();
            let how = Publish {
                message_id: None,
                after: Some(sequence),
            };
            let message = record::write(&broken, &[]).into();
            match self.link.js.publish(names.state_of(id), message, how).await {
                Ok(_) => {
                    self.delete_order(claim.order).await;
                    self.end(id, &broken, &[]);
                    return Ok(true);
                }
                Err(Fault::Conflict) => return Ok(false),
                Err(fault) => return Err(fault),
            }
        }
        // The server should have given it to another worker long ago. It may also be that there is none, and
        // then a new order does no harm.
        if silence >= 3 * lease && self.desk.order_again(id) {
            self.delete_order(claim.order).await;
            self.place_order(id, Instant::now()).await;
        }
        Ok(false)
    }

    /// The worker of the claim lives, and does not have the call any more. So there is a result, or the server
    /// has lost it.
    async fn look_at_dropped(
        &self,
        id: &str,
        sequence: u64,
        claim: &Record,
    ) -> Result<bool, Fault> {
        match self.state(id).await? {
            Some((now, record, bytes)) if now != sequence => {
                self.end(id, &record, &bytes);
                return Ok(!record.is_claim());
            }
            _ => {}
        }
        let work = &self.link.names.work;
        if self.link.js.by_sequence(work, claim.order).await?.is_some() {
            // Another worker gets it by itself.
            return Ok(false);
        }
        if self.desk.order(id).is_none() {
            self.finish(id, Outcome::Refused(CallError::Lost), None);
            return Ok(true);
        }
        if self.desk.order_again(id) {
            self.place_order(id, Instant::now()).await;
        }
        Ok(false)
    }

    /// No worker has the call.
    async fn look_at_order(&self, id: &str) -> Result<bool, Fault> {
        if let Some((order, _)) = self.ordered(id).await? {
            let silence = self.desk.silence(id, 0, 0);
            if silence >= 3 * self.terms.lease
                && self.is_past(order).await?
                && self.desk.order_again(id)
            {
                self.delete_order(order).await;
                self.place_order(id, Instant::now()).await;
            }
            return Ok(false);
        }
        // A result is stored before the order goes.
        if let Some((_, record, bytes)) = self.state(id).await? {
            self.end(id, &record, &bytes);
            return Ok(!record.is_claim());
        }
        if self.desk.order(id).is_none() {
            let error = CallError::UnknownCall(id.to_owned());
            self.finish(id, Outcome::Refused(error), None);
            return Ok(true);
        }
        // The server has lost it.
        if self.desk.order_again(id) {
            self.place_order(id, Instant::now()).await;
        }
        Ok(false)
    }

    /// Whether the server believes that it has given the message to a worker. After a crash it may remember
    /// more than it still has, and never deliver what comes next.
    async fn is_past(&self, order: u64) -> Result<bool, Fault> {
        let verb = format!("CONSUMER.INFO.{}.{CONSUMER}", self.link.names.work);
        let info = self.link.js.api(&verb, &serde_json::json!({})).await?;
        Ok(info["delivered"]["stream_seq"].as_u64().unwrap_or_default() >= order)
    }

    async fn ordered(&self, id: &str) -> Result<Option<(u64, Order)>, Fault> {
        let names = &self.link.names;
        let stored = self.link.js.last(&names.work, &names.work_of(id)).await?;
        Ok(stored.and_then(|stored| {
            let (order, _) = record::read::<Order>(&stored.data)?;
            Some((stored.sequence, order))
        }))
    }

    /// The message of the order, wherever it comes from.
    pub(super) async fn order_of(&self, id: &str) -> Option<u64> {
        let found = self.ordered(id).await.ok()??;
        Some(found.0)
    }

    /// The state of a call that was to be cancelled, and is not.
    pub(super) async fn is_cancelled(&self, id: &str) -> Result<bool, Fault> {
        let Some((_, record, bytes)) = self.state(id).await? else {
            return Ok(false);
        };
        let cancelled = record.outcome(&bytes) == Some(Outcome::Cancelled);
        if !cancelled {
            self.end(id, &record, &bytes);
        }
        Ok(cancelled)
    }
}
