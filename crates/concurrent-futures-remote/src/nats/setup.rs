//! Makes the streams of a queue, or takes those that are there.

use super::{deadline::deadline, js::Fault, link::Link, names::CONSUMER, options::ConnectOptions};
use concurrent_futures::remote::CallError;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::time::{sleep, timeout_at};

/// What the server has been told of the queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) lease: Duration,
    pub(crate) results_kept_for: Duration,
}

impl Terms {
    /// Workers give a sign of life so often, and renew what they have claimed before it goes.
    pub(crate) fn time_between_beats(&self) -> Duration {
        (self.lease / 3).min(self.results_kept_for / 6)
    }
}

/// Connects to a queue that is there then, within the time that the options give.
pub(crate) async fn open(options: &ConnectOptions, name: &str) -> Result<(Link, Terms), CallError> {
    let deadline = deadline(options.connect_timeout);
    let link = Link::connect(options, name).await?;
    let mut last_reason = "no answer".to_owned();
    loop {
        match timeout_at(deadline, try_set_up(&link, options)).await {
            Ok(Ok(terms)) => return Ok((link, terms)),
            Ok(Err(Fault::Unreachable(reason))) => {
                last_reason = reason;
                sleep(Duration::from_millis(100)).await;
            }
            Ok(Err(fault)) => return Err(CallError::Refused(fault.to_string())),
            Err(_) => {
                return Err(CallError::Unavailable {
                    after: options.connect_timeout,
                    reason: last_reason,
                });
            }
        }
    }
}

async fn try_set_up(link: &Link, options: &ConnectOptions) -> Result<Terms, Fault> {
    let names = &link.names;
    let work = json!({
        "name": names.work,
        "subjects": [names.all_work()],
        "retention": "workqueue",
        "storage": "file",
        "discard": "new",
        "max_msgs": options.capacity.unwrap_or(ConnectOptions::CAPACITY),
        "num_replicas": options.replicas.unwrap_or(1),
        "duplicate_window": nanos(Duration::from_secs(120)),
    });
    let mut changes = Map::new();
    if let Some(capacity) = options.capacity {
        changes.insert("max_msgs".to_owned(), capacity.into());
    }
    if let Some(replicas) = options.replicas {
        changes.insert("num_replicas".to_owned(), replicas.into());
    }
    stream(link, &names.work, work, changes).await?;

    let kept_for = options
        .results_kept_for
        .unwrap_or(ConnectOptions::RESULTS_KEPT_FOR);
    let state = json!({
        "name": names.state,
        "subjects": [names.all_state(), names.all_workers()],
        "retention": "limits",
        "storage": "file",
        "max_msgs_per_subject": 1,
        "max_age": nanos(kept_for),
        "num_replicas": options.replicas.unwrap_or(1),
        // What is heard has been stored; what the server refuses is heard by nobody.
        "republish": { "src": names.all_state(), "dest": names.all_heard() },
        // What is stored here is kept apart by compare-and-set.
        "duplicate_window": nanos(Duration::from_secs(1).min(kept_for)),
    });
    let mut changes = Map::new();
    if let Some(replicas) = options.replicas {
        changes.insert("num_replicas".to_owned(), replicas.into());
    }
    if let Some(kept_for) = options.results_kept_for {
        changes.insert("max_age".to_owned(), nanos(kept_for).into());
    }
    let config = stream(link, &names.state, state, changes).await?;
    let lease = consumer(link, options).await?;
    Ok(Terms {
        lease,
        results_kept_for: config["max_age"]
            .as_u64()
            .map_or(kept_for, Duration::from_nanos),
    })
}

/// Makes a stream, or changes the one that is there. Its settings.
async fn stream(
    link: &Link,
    name: &str,
    config: Value,
    changes: Map<String, Value>,
) -> Result<Value, Fault> {
    let js = &link.js;
    let found = match js.api(&format!("STREAM.INFO.{name}"), &json!({})).await {
        Ok(info) => info["config"].clone(),
        Err(Fault::NotFound) => {
            let made = js.api(&format!("STREAM.CREATE.{name}"), &config).await;
            match made {
                Ok(made) => return Ok(made["config"].clone()),
                // Somebody else has made it just now.
                Err(Fault::Refused(_)) => {
                    let info = js.api(&format!("STREAM.INFO.{name}"), &json!({})).await?;
                    info["config"].clone()
                }
                Err(fault) => return Err(fault),
            }
        }
        Err(fault) => return Err(fault),
    };
    let mut wanted = found.clone();
    for (key, value) in changes {
        wanted[key] = value;
    }
    if wanted == found {
        return Ok(found);
    }
    let updated = js.api(&format!("STREAM.UPDATE.{name}"), &wanted).await?;
    Ok(updated["config"].clone())
}

/// Makes the consumer of all workers, or takes the one that is there. The lease.
async fn consumer(link: &Link, options: &ConnectOptions) -> Result<Duration, Fault> {
    let stream = &link.names.work;
    let info = link
        .js
        .api(&format!("CONSUMER.INFO.{stream}.{CONSUMER}"), &json!({}))
        .await;
    let found = match info {
        Ok(info) => info["config"]["ack_wait"]
            .as_u64()
            .map(Duration::from_nanos),
        Err(Fault::NotFound) => None,
        Err(fault) => return Err(fault),
    };
    let lease = options.lease.or(found).unwrap_or(ConnectOptions::LEASE);
    if found == Some(lease) {
        return Ok(lease);
    }
    let request = json!({
        "stream_name": stream,
        "config": {
            "durable_name": CONSUMER,
            "deliver_policy": "all",
            "ack_policy": "explicit",
            "ack_wait": nanos(lease),
            // Deaths are counted by claims.
            "max_deliver": -1,
            "max_ack_pending": 100_000,
            "max_waiting": 10_000,
            "replay_policy": "instant",
        },
    });
    let verb = format!("CONSUMER.DURABLE.CREATE.{stream}.{CONSUMER}");
    link.js.api(&verb, &request).await?;
    Ok(lease)
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
