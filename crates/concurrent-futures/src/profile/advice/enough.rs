//! How many workers keep the processors busy.

/// For this part of the time at least. All of it would need workers without end.
const BUSY: f64 = 0.95;

/// In perfect turns: while one task is blocked, another one uses its processor.
pub(super) fn in_turns(processors: f64, blocked_to_cpu: f64) -> f64 {
    processors * (1.0 + blocked_to_cpu)
}

/// The fewest that keep the processors busy for 95 % of the time as chance has it: some tasks then want a
/// processor at once, while at other times all are blocked and a processor has nothing to do.
pub(super) fn by_chance(processors: usize, blocked_to_cpu: f64) -> f64 {
    #[allow(clippy::cast_precision_loss)] // there are not so many
    let turns = in_turns(processors as f64, blocked_to_cpu);
    if blocked_to_cpu <= 0.0 || turns > MANY {
        return turns.round();
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 1 and MANY
    let least = (turns * BUSY) as u32;
    let processors = u32::try_from(processors).unwrap_or(u32::MAX);
    let most = 10 * (least + processors);
    let enough = (least.max(processors)..=most)
        .find(|workers| busy(*workers, processors, blocked_to_cpu) >= BUSY);
    enough.map_or(turns, f64::from)
}

/// Among so many, chance evens itself out.
const MANY: f64 = 4_000.0;

/// The part of the time for which a processor is busy, by the law of the machine repairman: the odds that
/// `n` of the workers want a processor are those for `n - 1`, times the others' chance to come, divided by
/// how many are served.
fn busy(workers: u32, processors: u32, blocked_to_cpu: f64) -> f64 {
    let (mut odds, mut all, mut served) = (1.0_f64, 1.0, 0.0);
    for wanting in 1..=workers {
        let at_work = f64::from(wanting.min(processors));
        odds *= f64::from(workers - wanting + 1) / (at_work * blocked_to_cpu);
        all += odds;
        served += odds * at_work;
        if all > 1e200 {
            (odds, all, served) = (odds / all, 1.0, served / all);
        }
    }
    served / all / f64::from(processors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_worker_is_busy_when_it_is_not_blocked() {
        assert!((busy(1, 1, 4.0) - 0.2).abs() < 1e-9);
        assert!((busy(2, 2, 4.0) - 0.2).abs() < 1e-9);
    }

    #[test]
    fn two_on_one_processor_get_in_each_others_way() {
        // None wants it with odds 1, one with 2, two with 2.
        assert!((busy(2, 1, 1.0) - 0.8).abs() < 1e-9);
    }

    #[test]
    fn chance_needs_more_than_turns_and_less_so_among_many() {
        let excess = |ratio: f64| by_chance(2, ratio) / in_turns(2.0, ratio);
        assert!(excess(1.0) > excess(9.0) && excess(9.0) > excess(99.0));
        assert!((0.95..1.1).contains(&excess(999.0)), "{}", excess(999.0));
        assert!((by_chance(2, 0.0) - 2.0).abs() < 1e-9);
        assert!((by_chance(2, 0.01) - 2.0).abs() < 1e-9);
    }
}
