use std::{collections::VecDeque, fmt, time::Duration};

/// A change of the number of workers that an adaptive pool has made; see
/// [`Stats::decisions`](crate::Stats::decisions).
///
/// ```
/// use concurrent_futures::ThreadPoolExecutor;
///
/// let pool = ThreadPoolExecutor::builder().max_workers(64).adaptive().build()?;
/// for decision in pool.stats().decisions {
///     // For instance: after 0.3 s: from 8 to 16 workers, because the processors have time left
///     println!("{decision}");
/// }
/// # Ok::<(), concurrent_futures::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// When, counted from the making of the pool.
    pub after: Duration,
    /// How many workers there might be before.
    pub from: usize,
    /// How many there may be since then.
    pub to: usize,
    /// Why.
    pub reason: Reason,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            after,
            from,
            to,
            reason,
        } = self;
        let seconds = after.as_secs_f64();
        write!(
            f,
            "after {seconds:.1} s: from {from} to {to} workers, because {reason}"
        )
    }
}

/// Why an adaptive pool has changed its number of workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// Tasks are queued and the processors have time left: the tasks wait for something, and more of
    /// them can wait side by side.
    ProcessorsFree,
    /// The processors are busy: more workers would wait for them, and fewer may do as well.
    ProcessorsBusy,
    /// More workers got no more done, so the change was taken back.
    NoGain,
    /// Fewer workers got less done, so the change was taken back.
    Loss,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ProcessorsFree => "the processors have time left",
            Self::ProcessorsBusy => "the processors are busy",
            Self::NoGain => "more workers got no more done",
            Self::Loss => "fewer workers got less done",
        })
    }
}

/// The last decisions, oldest first.
#[derive(Debug, Default)]
pub(super) struct Decisions(VecDeque<Decision>);

impl Decisions {
    const KEPT: usize = 64;

    pub(super) fn add(&mut self, decision: Decision) {
        if self.0.len() == Self::KEPT {
            self.0.pop_front();
        }
        self.0.push_back(decision);
    }

    pub(super) fn all(&self) -> Vec<Decision> {
        self.0.iter().copied().collect()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Decision, Decisions, Reason};
    use std::time::Duration;

    #[test]
    fn the_last_decisions_are_kept() {
        let mut decisions = Decisions::default();
        let of = |from| Decision {
            after: Duration::ZERO,
            from,
            to: from + 1,
            reason: Reason::NoGain,
        };
        (0..70).for_each(|from| decisions.add(of(from)));
        let kept: Vec<_> = decisions.all().iter().map(|kept| kept.from).collect();
        assert_eq!(kept, (6..70).collect::<Vec<_>>());
    }

    #[test]
    fn each_reason_has_its_words() {
        let text = |reason| {
            let (after, from, to) = (Duration::from_millis(320), 8, 16);
            Decision {
                after,
                from,
                to,
                reason,
            }
            .to_string()
        };
        let begin = "after 0.3 s: from 8 to 16 workers, because";
        for (reason, words) in [
            (Reason::ProcessorsFree, "the processors have time left"),
            (Reason::ProcessorsBusy, "the processors are busy"),
            (Reason::NoGain, "more workers got no more done"),
            (Reason::Loss, "fewer workers got less done"),
        ] {
            assert_eq!(text(reason), format!("{begin} {words}"));
        }
    }
}
