//! Running a call, and storing what came of it.

use super::{Host, claim::Claim, delivery::Delivery};
use crate::nats::{
    js::{Fault, Publish},
    record::{self, Order, Record},
};
use concurrent_futures::{
    TaskError,
    remote::{CallError, Outcome},
};
use std::{
    sync::{Arc, atomic::Ordering::SeqCst},
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// Between two attempts to store a result.
const PAUSE: Duration = Duration::from_millis(200);

/// A call that this worker has.
pub(super) struct Running {
    pub(super) delivery: Delivery,
    pub(super) claim: Record,
    /// The number of the claim, and when it was written.
    pub(super) sequence: u64,
    pub(super) claimed: Instant,
}

/// A call that has run.
pub(super) struct Ended {
    id: String,
    outcome: Outcome,
    time: Duration,
}

impl Host {
    /// Sees to a message of work, for which a slot is kept.
    pub(super) async fn take(self: Arc<Self>, delivery: Delivery) {
        let id = self.link.names.id_in(&delivery.subject).map(str::to_owned);
        let order = record::read::<Order>(&delivery.payload);
        let (Some(id), Some((order, _))) = (id, order) else {
            log::error!(target: "concurrent_futures", "what is in {} is no call", delivery.subject);
            self.answer(&delivery.reply, "+TERM").await;
            return self.free_slot();
        };
        // The server may deliver it again while it is about to be claimed, or is at work here.
        if self.has(&id, &delivery) || !self.taking().insert(id.clone()) {
            return self.free_slot();
        }
        let claim = self.claim(&id, &delivery, order.attempts).await;
        match claim {
            Claim::Mine(claim, sequence) => {
                self.run(id.clone(), &order.task, delivery, claim, sequence);
            }
            Claim::Over => {
                self.acknowledge(&delivery).await;
                self.free_slot();
            }
            Claim::Busy => {
                self.give_back(&delivery, self.terms.lease / 3).await;
                self.free_slot();
            }
            Claim::Unknown => self.free_slot(),
        }
        self.taking().remove(&id);
    }

    /// Whether the call is at work here, and the message only says that the server has forgotten it.
    fn has(&self, id: &str, delivery: &Delivery) -> bool {
        self.running().get_mut(id).is_some_and(|running| {
            if running.delivery.order == delivery.order {
                running.delivery.reply.clone_from(&delivery.reply);
                log::debug!(
                    target: "concurrent_futures",
                    "{id} was delivered {} times and runs here", delivery.delivered
                );
            }
            true
        })
    }

    fn run(&self, id: String, task: &str, delivery: Delivery, claim: Record, sequence: u64) {
        let (registry, task, payload) = (
            self.registry.clone(),
            task.to_owned(),
            delivery.payload.clone(),
        );
        let running = Running {
            delivery,
            claim,
            sequence,
            claimed: Instant::now(),
        };
        self.running().insert(id.clone(), running);
        let limit = self.link.js.client.max_payload();
        let future = self.pool.submit(move || {
            let started = Instant::now();
            let arguments = record::read::<Order>(&payload).map_or(&[][..], |(_, rest)| rest);
            let outcome = match registry.run(&task, arguments) {
                // The line before the value is short.
                Outcome::Returned(bytes) if bytes.len() + HEAD > limit => {
                    Outcome::Refused(CallError::TooLarge {
                        size: bytes.len(),
                        limit: limit - HEAD,
                    })
                }
                outcome => outcome,
            };
            (outcome, started.elapsed())
        });
        let (ended, started) = (self.ended.clone(), Instant::now());
        future.add_done_callback(move |outcome| {
            let (outcome, time) = match outcome {
                Ok((outcome, time)) => (outcome.clone(), *time),
                Err(TaskError::Panicked(panic)) => (
                    Outcome::Panicked(panic.message().to_owned()),
                    started.elapsed(),
                ),
                Err(error) => {
                    let error = CallError::Task(error.to_string());
                    (Outcome::Refused(error), started.elapsed())
                }
            };
            let _ = ended.send(Ended { id, outcome, time });
        });
    }

    /// Stores the result of a call, for as long as it takes, and then lets the message of work go.
    pub(super) async fn store(self: Arc<Self>, ended: Ended) {
        self.try_store(ended).await;
        self.storing.fetch_sub(1, SeqCst);
        self.changed.notify_one();
    }

    async fn try_store(&self, ended: Ended) {
        let Ended { id, outcome, time } = ended;
        let Some((claim, mut after)) = self.claim_of(&id) else {
            return;
        };
        let (record, bytes) = claim.ended(outcome, time);
        let message: bytes::Bytes = record::write(&record, &bytes).into();
        let is_over = loop {
            let how = Publish {
                message_id: None,
                after: Some(after),
            };
            let subject = self.link.names.state_of(&id);
            let stored = self.link.js.publish(subject, message.clone(), how).await;
            match stored {
                Ok(_) => break true,
                Err(Fault::Unreachable(_)) => sleep(PAUSE).await,
                Err(fault) => {
                    if fault != Fault::Conflict {
                        log::error!(
                            target: "concurrent_futures",
                            "the result of {id} could not be stored: {fault}"
                        );
                        sleep(PAUSE).await;
                    }
                    match self.state(&id).await {
                        // Still, or again, our own claim.
                        Ok(Some((sequence, found))) if found == claim => after = sequence,
                        // Another worker has it now, and its message.
                        Ok(Some((_, found))) if found.is_claim() => break false,
                        Ok(Some(_)) => break true,
                        Ok(None) => after = 0,
                        Err(_) => sleep(PAUSE).await,
                    }
                }
            }
        };
        let running = self.running().remove(&id);
        if let (Some(running), true) = (running, is_over) {
            self.acknowledge(&running.delivery).await;
        }
    }

    fn claim_of(&self, id: &str) -> Option<(Record, u64)> {
        let running = self.running();
        let running = running.get(id)?;
        Some((running.claim.clone(), running.sequence))
    }
}

/// As many bytes as the line of a record has at most.
const HEAD: usize = 1024;
