//! The rule by which an adaptive pool chooses its number of workers. It knows no clock and no pool, only
//! what it is told.
//!
//! The time is cut into windows, long enough to tell something. After each window with work queued
//! from its beginning to its end:
//!
//! 1. If the last change was a trial, it is judged: *more* workers must have got more done, *fewer* not
//!    less. Else it is taken back, and not tried again for a while, which doubles each time.
//! 2. If the processors are busy, more workers would only stand in line for them: fewer are tried,
//!    down to as many as there are processors.
//! 3. Else workers wait for something. There may be more of them by the factor by which the
//!    processors could do more, at most twice as many.
//!
//! Where nobody tells how busy the processors are, 2. is left out, and 3. tries half as many again.

use super::decision::Reason;
use std::time::Duration;

/// What happened in a window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) length: Duration,
    /// Tasks that have ended.
    pub(super) done: u64,
    /// Work was queued all the time.
    pub(super) backlog: bool,
    pub(super) load: Option<Load>,
}

/// What the workers made of the processors, each as a share of all of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    /// The time that workers ran.
    pub(super) busy: f64,
    /// The time that workers ran, or wanted to and did not get a processor.
    pub(super) wanted: f64,
}

impl Load {
    /// Less than all: the system's figures lag behind by a tick of its clock.
    const ALL: f64 = 0.92;
    /// Neighbours take the processors: so many workers stand in line that more of them help nobody.
    const CROWD: f64 = 2.0;

    fn is_full(self) -> bool {
        self.busy >= Self::ALL || self.wanted >= Self::CROWD
    }
}

impl Window {
    /// So few tasks say nothing about speed.
    const FEW: u64 = 16;

    fn rate(self) -> Option<f64> {
        (self.done >= Self::FEW).then(|| per_second(self.done, self.length))
    }

    fn is_full(self) -> bool {
        self.load.is_some_and(Load::is_full)
    }
}

/// Counts are small enough to be exact.
#[allow(clippy::cast_precision_loss)]
fn per_second(done: u64, length: Duration) -> f64 {
    done as f64 / length.as_secs_f64().max(1e-9)
}

#[allow(clippy::cast_precision_loss)]
fn exact(number: usize) -> f64 {
    number as f64
}

/// At least one, and not less than it says.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(number: f64) -> usize {
    number.ceil().max(1.0) as usize
}

/// The bounds of the size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) least: usize,
    pub(super) most: usize,
    pub(super) processors: usize,
}

/// A change whose use is not yet known.
#[derive(Clone, Copy, Debug)]
struct Trial {
    from: usize,
    to: usize,
    /// The speed before, if it could be told.
    rate: Option<f64>,
}

/// How long something that did not help is not tried again.
#[derive(Clone, Copy, Debug)]
struct Hold {
    left: Duration,
    next: Duration,
}

impl Hold {
    const FIRST: Duration = Duration::from_millis(500);
    const LONGEST: Duration = Duration::from_secs(4);
    const NONE: Self = Self {
        left: Duration::ZERO,
        next: Self::FIRST,
    };

    fn begin(&mut self) {
        self.left = self.next;
        self.next = (self.next * 2).min(Self::LONGEST);
    }

    fn pass(&mut self, time: Duration) {
        self.left = self.left.saturating_sub(time);
    }

    fn is_over(self) -> bool {
        self.left.is_zero()
    }
}

#[derive(Debug)]
pub(super) struct Rule {
    trial: Option<Trial>,
    growth: Hold,
    shrinking: Hold,
}

impl Rule {
    /// The part of an ideal gain that a growth must bring.
    const GAIN: f64 = 0.15;
    /// The part of the speed that fewer workers must keep.
    const KEEP: f64 = 0.97;
    const TWICE: f64 = 2.0;
    const HALF_AGAIN: f64 = 1.5;

    pub(super) fn new() -> Self {
        Self {
            trial: None,
            growth: Hold::NONE,
            shrinking: Hold::NONE,
        }
    }

    /// How many workers there should be after this window, if not `size` as now, and why.
    pub(super) fn judge(
        &mut self,
        size: usize,
        bounds: Bounds,
        window: Window,
    ) -> Option<(usize, Reason)> {
        self.growth.pass(window.length);
        self.shrinking.pass(window.length);
        let trial = self.trial.take().filter(|trial| trial.to == size);
        if !window.backlog {
            return None;
        }
        if let Some(back) = trial.and_then(|trial| self.verdict(trial, window)) {
            return Some(back);
        }
        let (next, reason) = if window.is_full() {
            (self.fewer(size, bounds, window)?, Reason::ProcessorsBusy)
        } else {
            (self.more(size, bounds, window)?, Reason::ProcessorsFree)
        };
        self.trial = Some(Trial {
            from: size,
            to: next,
            // Of a series of changes without a verdict, the first counts.
            rate: window.rate().or_else(|| trial.and_then(|trial| trial.rate)),
        });
        Some((next, reason))
    }

    /// Whether a trial is to be taken back.
    fn verdict(&mut self, trial: Trial, window: Window) -> Option<(usize, Reason)> {
        let gain = Some(window.rate()? / trial.rate?);
        if trial.to > trial.from {
            let ideal = exact(trial.to) / exact(trial.from) - 1.0;
            if gain >= Some(1.0 + Self::GAIN * ideal) {
                self.growth = Hold::NONE;
                return None;
            }
            self.growth.begin();
            Some((trial.from, Reason::NoGain))
        } else {
            if gain >= Some(Self::KEEP) {
                self.shrinking = Hold::NONE;
                return None;
            }
            self.shrinking.begin();
            Some((trial.from, Reason::Loss))
        }
    }

    /// Those that stand in line are the ones too many.
    fn fewer(&self, size: usize, bounds: Bounds, window: Window) -> Option<usize> {
        let least = bounds.processors.clamp(bounds.least, bounds.most);
        if size <= least || !self.shrinking.is_over() {
            return None;
        }
        let wanted = window.load.map_or(1.0, |load| load.wanted);
        let waiting = (wanted - 1.0).max(0.0) * exact(bounds.processors);
        let step = whole(waiting * 0.75).min(size - size / 4);
        Some(size.saturating_sub(step).max(least))
    }

    fn more(&self, size: usize, bounds: Bounds, window: Window) -> Option<usize> {
        if size >= bounds.most || !self.growth.is_over() {
            return None;
        }
        let factor = match window.load {
            Some(load) => (1.0 / load.busy.max(0.01)).min(Self::TWICE),
            None => Self::HALF_AGAIN,
        };
        Some(whole(exact(size) * factor).clamp(size + 1, bounds.most))
    }
}

#[cfg(test)]
#[path = "rule_tests.rs"]
mod tests;
