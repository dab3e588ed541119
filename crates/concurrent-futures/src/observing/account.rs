//! What tasks are given of what their thread has used, where that is looked up only now and then.

/// Of one clock. All times are in nanoseconds.
///
/// Between two readings, each task is given the part of its time that those before it have used. At the
/// next reading the task at hand is given the rest, be it more or less, as far as it fits into its own time;
/// what does not fit is left for the next. So in the long run no more and no less is given than was used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    /// What the clock has said last.
    reading: u64,
    /// Used since then by no task.
    beside: u64,
    /// Given since then; less than nothing if something was left.
    given: i64,
    /// The time of tasks since then.
    time: u64,
    /// How much of their time tasks have used, before that: so many times two to the power of [`SCALE`].
    part: u64,
}

const SCALE: u32 = 16;
const WHOLE: u64 = 1 << SCALE;

/// What is left for the next task is no more than this. It would stem from a clock that is not exact.
const MOST_LEFT: i64 = 1_000_000;

impl Account {
    /// Tasks use all of their time, or none of it, until more is known.
    pub(super) fn new(all: bool) -> Self {
        Self {
            reading: 0,
            beside: 0,
            given: 0,
            time: 0,
            part: if all { WHOLE } else { 0 },
        }
    }

    /// What was used up to this reading is of no interest.
    pub(super) fn restart(&mut self, reading: u64) {
        *self = Self {
            reading,
            part: self.part,
            ..Self::new(false)
        };
    }

    /// Somebody else has used so much of what the next reading will say.
    pub(super) fn add_beside(&mut self, time: u64) {
        self.beside += time;
    }

    /// What a task of so much time is given without a reading.
    pub(super) fn estimate(&mut self, time: u64) -> u64 {
        let part = (u128::from(time) * u128::from(self.part)) >> SCALE;
        let part = u64::try_from(part).unwrap_or(u64::MAX);
        self.given = self.given.saturating_add_unsigned(part);
        self.time += time;
        part
    }

    /// What a task is given of so much time, by a reading at its end.
    pub(super) fn settle(&mut self, reading: u64, time: u64) -> u64 {
        let used = reading.saturating_sub(self.reading);
        let used = used.saturating_sub(self.beside);
        let owed = 0_i64
            .saturating_add_unsigned(used)
            .saturating_sub(self.given);
        let mine = u64::try_from(owed).unwrap_or(0).min(time);
        let left = owed.saturating_sub_unsigned(mine);
        self.time += time;
        *self = Self {
            reading,
            beside: 0,
            given: -left.clamp(-MOST_LEFT, MOST_LEFT),
            time: 0,
            part: part(used.min(self.time), self.time),
        };
        mine
    }
}

/// Not of more than some days, which would not fit.
fn part(used: u64, time: u64) -> u64 {
    match used.checked_mul(WHOLE) {
        Some(scaled) => scaled / time.max(1),
        None => WHOLE * u64::from(used > time / 2),
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Account, WHOLE, part};

    #[test]
    fn the_task_at_hand_is_given_what_the_clock_says() {
        let mut account = Account::new(true);
        account.restart(1_000);
        assert_eq!(account.settle(1_300, 500), 300);
        assert_eq!(account.settle(1_300, 500), 0);
        assert_eq!(account.settle(1_800, 500), 500);
    }

    #[test]
    fn tasks_between_two_readings_are_given_the_part_of_those_before() {
        let mut account = Account::new(true);
        assert_eq!(account.estimate(100), 100);
        account.restart(0);
        account.settle(250, 1_000);
        assert_eq!(account.estimate(100), 25);
        assert_eq!(account.estimate(40), 10);
    }

    #[test]
    fn nothing_is_given_twice_and_nothing_is_lost() {
        let mut account = Account::new(true);
        account.restart(0);
        // Guessed to be all at work; in truth half of it.
        let guessed: u64 = (0..4).map(|_| account.estimate(100)).sum();
        let last = account.settle(250, 100);
        let later = account.settle(350, 400);
        assert_eq!((guessed, last), (400, 0));
        assert_eq!(later, 0, "too much was given before");
        assert_eq!(account.settle(450, 400), 50);
    }

    #[test]
    fn what_does_not_fit_is_left_for_the_next() {
        let mut account = Account::new(false);
        account.restart(0);
        account.estimate(100);
        assert_eq!(account.settle(150, 100), 100);
        assert_eq!(account.settle(160, 100), 60);
    }

    #[test]
    fn of_times_without_end_the_part_is_all_or_nothing() {
        assert_eq!(part(WHOLE, 4 * WHOLE), WHOLE / 4);
        assert_eq!(part(0, 0), 0);
        assert_eq!(part(u64::MAX, u64::MAX), WHOLE);
        assert_eq!(part(u64::MAX / 4, u64::MAX), 0);
    }

    #[test]
    fn what_others_use_is_not_given_to_tasks() {
        let mut account = Account::new(true);
        account.restart(0);
        account.add_beside(30);
        assert_eq!(account.settle(100, 1_000), 70);
    }
}
