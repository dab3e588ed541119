//! What the messages hold: a line of JSON, so that they can be read by other tools, then bytes.

use concurrent_futures::remote::{CallError, Outcome, Run};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::time::Duration;

/// A message of work. The bytes after it are the arguments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) task: String,
    pub(crate) attempts: u32,
}

/// A sign of life of a worker.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sign {
    pub(crate) slots: usize,
    /// The calls that it has, from their claim until their result is stored.
    pub(crate) running: Vec<String>,
}

/// A message of state. The bytes after it are the value, or the text of an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) phase: Phase,
    /// How many workers have claimed the call.
    #[serde(default)]
    pub(crate) attempt: u32,
    /// The message of work by which the last of them has it.
    #[serde(default)]
    pub(crate) order: u64,
    /// That worker.
    #[serde(default)]
    pub(crate) worker: String,
    #[serde(default)]
    pub(crate) queue_wait_us: u64,
    #[serde(default)]
    pub(crate) run_us: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    Claimed,
    Cancelled,
    Returned,
    Failed,
    Panicked,
    UnknownTask,
    Codec,
    TooLarge {
        size: usize,
        limit: usize,
    },
    /// All attempts have ended in the death of a worker.
    Broken,
}

impl Sign {
    pub(crate) fn has(&self, id: &str) -> bool {
        self.running.iter().any(|running| running == id)
    }
}

impl Record {
    pub(crate) fn cancelled() -> Self {
        Self {
            phase: Phase::Cancelled,
            attempt: 0,
            order: 0,
            worker: String::new(),
            queue_wait_us: 0,
            run_us: 0,
        }
    }

    pub(crate) fn claimed(worker: &str, order: u64, attempt: u32, queue_wait: Duration) -> Self {
        Self {
            phase: Phase::Claimed,
            attempt,
            order,
            worker: worker.to_owned(),
            queue_wait_us: micros(queue_wait),
            run_us: 0,
        }
    }

    /// The same call, given up.
    pub(crate) fn broken(&self) -> Self {
        Self {
            phase: Phase::Broken,
            ..self.clone()
        }
    }

    /// The same call, ended so, and the bytes that belong to it.
    pub(crate) fn ended(&self, outcome: Outcome, time: Duration) -> (Self, Vec<u8>) {
        let (phase, bytes) = match outcome {
            Outcome::Returned(bytes) => (Phase::Returned, bytes),
            Outcome::Panicked(text) => (Phase::Panicked, text.into_bytes()),
            Outcome::Cancelled => (Phase::Cancelled, Vec::new()),
            Outcome::Refused(error) => match error {
                CallError::UnknownTask(name) => (Phase::UnknownTask, name.into_bytes()),
                CallError::Codec(text) => (Phase::Codec, text.into_bytes()),
                CallError::TooLarge { size, limit } => {
                    (Phase::TooLarge { size, limit }, Vec::new())
                }
                other => (Phase::Failed, other.to_string().into_bytes()),
            },
        };
        let record = Self {
            phase,
            run_us: micros(time),
            ..self.clone()
        };
        (record, bytes)
    }

    pub(crate) fn is_claim(&self) -> bool {
        self.phase == Phase::Claimed
    }

    /// How the call has ended; none if it has not.
    pub(crate) fn outcome(&self, bytes: &[u8]) -> Option<Outcome> {
        let text = || String::from_utf8_lossy(bytes).into_owned();
        let refused = |error| Some(Outcome::Refused(error));
        match self.phase {
            Phase::Claimed => None,
            Phase::Cancelled => Some(Outcome::Cancelled),
            Phase::Returned => Some(Outcome::Returned(bytes.to_vec())),
            Phase::Panicked => Some(Outcome::Panicked(text())),
            Phase::Failed => refused(CallError::Task(text())),
            Phase::UnknownTask => refused(CallError::UnknownTask(text())),
            Phase::Codec => refused(CallError::Codec(text())),
            Phase::TooLarge { size, limit } => refused(CallError::TooLarge { size, limit }),
            Phase::Broken => refused(CallError::BrokenWorker {
                deaths: self.attempt,
            }),
        }
    }

    /// How it ran, if it did.
    pub(crate) fn run(&self) -> Option<Run> {
        if matches!(
            self.phase,
            Phase::Claimed | Phase::Cancelled | Phase::Broken
        ) {
            return None;
        }
        let wait = Duration::from_micros(self.queue_wait_us);
        let mut run = Run::new(&*self.worker, wait, Duration::from_micros(self.run_us));
        run.attempt = self.attempt;
        Some(run)
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// The line, then the bytes.
pub(crate) fn write<T: Serialize>(head: &T, bytes: &[u8]) -> Vec<u8> {
    let mut message = serde_json::to_vec(head).expect("it has neither maps nor fractions");
    message.push(b'\n');
    message.extend_from_slice(bytes);
    message
}

/// None if it was not written by [`write`].
pub(crate) fn read<T: DeserializeOwned>(message: &[u8]) -> Option<(T, &[u8])> {
    let end = message.iter().position(|&byte| byte == b'\n')?;
    let head = serde_json::from_slice(&message[..end]).ok()?;
    Some((head, &message[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_comes_back_as_it_went() {
        let outcomes = [
            Outcome::Returned(vec![0, 10, 13, 255]),
            Outcome::Panicked("disk\non fire".to_owned()),
            Outcome::Cancelled,
            Outcome::Refused(CallError::Task("no such file".to_owned())),
            Outcome::Refused(CallError::UnknownTask("t@1".to_owned())),
            Outcome::Refused(CallError::Codec("truncated".to_owned())),
            Outcome::Refused(CallError::TooLarge { size: 9, limit: 8 }),
        ];
        let claim = Record::claimed("w", 7, 2, Duration::from_millis(3));
        for outcome in outcomes {
            let (record, bytes) = claim.ended(outcome.clone(), Duration::from_millis(5));
            let message = write(&record, &bytes);
            let (record, bytes) = read::<Record>(&message).unwrap();
            assert_eq!(record.outcome(bytes), Some(outcome));
            assert_eq!(record.order, 7);
        }
    }

    #[test]
    fn a_claim_has_no_outcome_and_what_was_given_up_has_its_deaths() {
        let claim = Record::claimed("w", 7, 3, Duration::ZERO);
        assert_eq!((claim.outcome(&[]), claim.run()), (None, None));
        let deaths = CallError::BrokenWorker { deaths: 3 };
        assert_eq!(claim.broken().outcome(&[]), Some(Outcome::Refused(deaths)));
    }

    #[test]
    fn nonsense_is_not_read() {
        for message in [
            &b""[..],
            b"\n",
            b"{}\n",
            b"{\"phase\":\"claimed\"}",
            b"\xff\xff\n",
        ] {
            assert!(read::<Record>(message).is_none());
        }
    }

    #[test]
    fn how_it_ran_comes_back() {
        let claim = Record::claimed("w", 7, 2, Duration::from_millis(3));
        let (record, _) = claim.ended(Outcome::Returned(Vec::new()), Duration::from_millis(5));
        let run = record.run().unwrap();
        assert_eq!((run.attempt, &*run.worker), (2, "w"));
        assert_eq!(
            (run.queue_wait, run.time),
            (Duration::from_millis(3), Duration::from_millis(5))
        );
    }
}
