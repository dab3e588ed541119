//! Signs of life.

use super::{Host, clock};
use crate::nats::{
    js::Publish,
    record::{self, Sign},
};
use std::{collections::BTreeSet, sync::Arc, time::Instant};

impl Host {
    pub(super) async fn beat_once(self: Arc<Self>) {
        self.beat().await;
    }

    /// Says that the worker lives and has its calls: to the server, which gives them to others else, and to
    /// whoever looks for it.
    pub(super) async fn beat(&self) {
        let replies: Vec<_> = self
            .running()
            .values()
            .map(|running| running.delivery.reply.clone())
            .collect();
        for reply in &replies {
            self.answer(reply, "+WPI").await;
        }
        let names = &self.link.names;
        let subject = names.worker(&self.name);
        // Put together at the last moment: a call that is not in it is claimed after it.
        let mut held: BTreeSet<_> = self.taking().iter().cloned().collect();
        held.extend(self.running().keys().cloned());
        let sign = Sign {
            slots: self.slots,
            running: held.into_iter().collect(),
        };
        let message = record::write(&sign, &[]).into();
        let js = &self.link.js;
        let published = js.publish(subject.clone(), message, Publish::default());
        if published.await.is_ok()
            && let Ok(Some(stored)) = js.last(&names.state, &subject).await
            && let Some(time) = clock::read(&stored.time)
        {
            self.clock.set(time);
        }
        self.renew_claims().await;
    }

    /// What is stored goes after a while; a claim must not go before its call has ended.
    async fn renew_claims(&self) {
        let due = self.terms.results_kept_for / 3;
        let old: Vec<_> = self
            .running()
            .iter()
            .filter(|(_, running)| running.claimed.elapsed() >= due)
            .map(|(id, running)| (id.clone(), running.claim.clone(), running.sequence))
            .collect();
        for (id, claim, sequence) in old {
            let how = Publish {
                message_id: None,
                after: Some(sequence),
            };
            let message = record::write(&claim, &[]).into();
            let subject = self.link.names.state_of(&id);
            if let Ok(sequence) = self.link.js.publish(subject, message, how).await
                && let Some(running) = self.running().get_mut(&id)
            {
                running.sequence = sequence;
                running.claimed = Instant::now();
            }
        }
    }

    /// Whether the worker of a claim has the call still: it has given a sign of life within the lease, and if
    /// that is younger than the claim, it says so.
    pub(super) async fn is_held(&self, id: &str, worker: &str, claim: u64) -> bool {
        let names = &self.link.names;
        let stored = self.link.js.last(&names.state, &names.worker(worker)).await;
        let Ok(Some(stored)) = stored else {
            return false;
        };
        let Some(time) = clock::read(&stored.time) else {
            return false;
        };
        // A little less than the lease, since it gives its signs for the calls first.
        if self.clock.now().saturating_sub(time) >= self.terms.lease * 9 / 10 {
            return false;
        }
        stored.sequence < claim
            || record::read::<Sign>(&stored.data).is_none_or(|(sign, _)| sign.has(id))
    }
}
