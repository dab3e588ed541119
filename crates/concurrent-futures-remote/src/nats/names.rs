//! Subjects and streams of a queue.

use concurrent_futures::remote::CallError;

/// The name of the consumer that all workers share.
pub(crate) const CONSUMER: &str = "workers";

#[derive(Clone, Debug)]
pub(crate) struct Names {
    queue: String,
    pub(crate) work: String,
    pub(crate) state: String,
}

impl Names {
    pub(crate) fn of(queue: &str) -> Result<Self, CallError> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if queue.is_empty() || queue.len() > 64 || !queue.bytes().all(is_plain) {
            return Err(CallError::Refused(format!(
                "{queue:?} is no name of a queue: it must have 1 to 64 letters, digits, - and _"
            )));
        }
        Ok(Self {
            queue: queue.to_owned(),
            work: format!("CF_{queue}_WORK"),
            state: format!("CF_{queue}_STATE"),
        })
    }

    pub(crate) fn all_work(&self) -> String {
        format!("cf.{}.work.>", self.queue)
    }

    pub(crate) fn work_of(&self, id: &str) -> String {
        format!("cf.{}.work.{id}", self.queue)
    }

    pub(crate) fn all_state(&self) -> String {
        format!("cf.{}.state.>", self.queue)
    }

    pub(crate) fn state_of(&self, id: &str) -> String {
        format!("cf.{}.state.{id}", self.queue)
    }

    /// Where the server repeats what it has stored as state.
    pub(crate) fn all_heard(&self) -> String {
        format!("cf.{}.heard.>", self.queue)
    }

    pub(crate) fn heard_of(&self, id: &str) -> String {
        format!("cf.{}.heard.{id}", self.queue)
    }

    /// The same for all calls that a client has started.
    pub(crate) fn heard_of_client(&self, client: &str) -> String {
        format!("cf.{}.heard.{client}.*", self.queue)
    }

    pub(crate) fn all_workers(&self) -> String {
        format!("cf.{}.worker.*", self.queue)
    }

    /// Where a worker gives signs of life.
    pub(crate) fn worker(&self, worker: &str) -> String {
        format!("cf.{}.worker.{worker}", self.queue)
    }

    /// The call that a subject is about.
    pub(crate) fn id_in<'a>(&self, subject: &'a str) -> Option<&'a str> {
        let rest = subject.strip_prefix("cf.")?.strip_prefix(&*self.queue)?;
        rest.strip_prefix(".work.")
            .or_else(|| rest.strip_prefix(".heard."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_names_its_call() {
        let names = Names::of("q").unwrap();
        for subject in [names.work_of("a.1"), names.heard_of("a.1")] {
            assert_eq!(names.id_in(&subject), Some("a.1"));
        }
        assert_eq!(names.id_in("cf.qq.work.a.1"), None);
        assert_eq!(names.id_in(&names.worker("w")), None);
    }

    #[test]
    fn a_queue_has_a_plain_name() {
        for name in ["", "a.b", "a b", "*", ">", &"x".repeat(65)] {
            assert!(Names::of(name).is_err(), "{name}");
        }
    }
}
