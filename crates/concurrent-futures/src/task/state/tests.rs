//! Each transition from each word, on one thread: what it answers, and what it leaves. What becomes of
//! threads that compete is the business of the models.

use super::*;

/// From the lowest on, each twice the one before.
const FLAGS: [u32; 11] = [
    FAILED, SETTLED, LOCKED, WAITED, POOL_OUT, HANDLE_OUT, AWAITED, STOP, ENTERED, NAMED, ELSEWHERE,
];
const HOWS: [Done; 3] = [Done::Value, Done::Error, Done::Cancelled];
const ENDS: [End; 2] = [End::Pool, End::Handle];

/// Each phase with each set of flags.
fn words() -> impl Iterator<Item = u32> {
    let sets = 0..1 << FLAGS.len();
    sets.flat_map(|set| (EMPTY..=CANCELLED).map(move |phase| set * FAILED + phase))
}

fn phase(word: u32) -> u32 {
    word % FAILED
}

fn has(word: u32, flag: u32) -> bool {
    word / flag % 2 == 1
}

fn has_any(word: u32, flags: &[u32]) -> bool {
    flags.iter().any(|flag| has(word, *flag))
}

fn with(word: u32, flags: &[u32]) -> u32 {
    let missing = flags.iter().filter(|flag| !has(word, **flag));
    word + missing.sum::<u32>()
}

fn without(word: u32, flags: &[u32]) -> u32 {
    let there = flags.iter().filter(|flag| has(word, **flag));
    word - there.sum::<u32>()
}

fn in_phase(word: u32, to: u32) -> u32 {
    word - phase(word) + to
}

/// As the claimer of a task leaves it.
fn done(word: u32, how: Done) -> u32 {
    match how {
        Done::Value => in_phase(word, FINISHED),
        Done::Error => with(in_phase(word, FINISHED), &[FAILED]),
        Done::Cancelled => in_phase(word, CANCELLED),
    }
}

fn settled(word: u32, by: End) -> u32 {
    match by {
        End::Pool => with(word, &[SETTLED, POOL_OUT]),
        End::Handle => with(word, &[SETTLED]),
    }
}

fn other_is_out(word: u32, end: End) -> bool {
    match end {
        End::Pool => has(word, HANDLE_OUT),
        End::Handle => has(word, POOL_OUT),
    }
}

/// What a transition answers, and the word afterwards.
fn step<R>(word: u32, transition: impl FnOnce(&State) -> R) -> (R, u32) {
    let state = State(AtomicU32::new(word));
    let answer = transition(&state);
    (answer, state.0.into_inner())
}

#[test]
fn the_words_are_all_there_are() {
    assert!(FLAGS.windows(2).all(|pair| pair[1] == 2 * pair[0]));
    assert_eq!(words().count(), 5 << 11);
    assert_eq!(words().max(), Some(2 * ELSEWHERE - FAILED + CANCELLED));
}

#[test]
fn a_look_tells_the_phase() {
    for word in words() {
        let (seen, left) = step(word, State::look);
        assert_eq!(left, word);
        let phases = [
            seen.is_written(),
            seen.is_pending(),
            seen.is_running(),
            seen.is_done(),
            seen.is_finished(),
            seen.is_cancelled(),
        ];
        let expected = match phase(word) {
            EMPTY => [false, false, false, false, false, false],
            PENDING => [true, true, false, false, false, false],
            RUNNING => [true, false, true, false, false, false],
            FINISHED => [true, false, false, true, true, false],
            _ => [true, false, false, true, false, true],
        };
        assert_eq!(phases, expected, "{word:#b}");
        let how = match (phase(word), has(word, FAILED)) {
            (CANCELLED, _) => Done::Cancelled,
            (_, true) => Done::Error,
            (_, false) => Done::Value,
        };
        assert!(!seen.is_done() || seen.done() == how, "{word:#b}");
    }
}

#[test]
fn a_look_tells_the_flags() {
    for word in words() {
        let seen = Seen(word);
        let flags = [
            (seen.is_failed(), has(word, FAILED)),
            (seen.is_settled(), has(word, SETTLED)),
            (seen.may_be_waited(), has_any(word, &[WAITED, LOCKED])),
            (seen.is_awaited(), has(word, AWAITED)),
            (seen.is_stop_requested(), has(word, STOP)),
            (seen.is_elsewhere(), has(word, ELSEWHERE)),
            (seen.is_named(), has(word, NAMED)),
            (
                seen.ends_unnoticed(),
                !has_any(word, &[WAITED, LOCKED, ENTERED]),
            ),
            (seen.is_last(End::Pool), has(word, HANDLE_OUT)),
            (seen.is_last(End::Handle), has(word, POOL_OUT)),
        ];
        assert!(flags.iter().all(|(told, is)| told == is), "{word:#b}");
    }
}

#[test]
fn a_look_tells_what_is_left_to_the_caller_s_end() {
    for word in words() {
        let seen = Seen(word);
        let finished = phase(word) == FINISHED;
        let alone = has(word, SETTLED) && has(word, POOL_OUT) && !has_any(word, &[AWAITED, NAMED]);
        let mere = !has_any(word, &[FAILED, NAMED]);
        let tombstone = has(word, SETTLED) && !has(word, POOL_OUT);
        assert_eq!(seen.is_ready_and_alone(), finished && alone, "{word:#b}");
        assert_eq!(seen.is_mere_value(), finished && mere, "{word:#b}");
        assert_eq!(seen.leaves_tombstone(), finished && tombstone, "{word:#b}");
    }
}

#[test]
fn a_slot_is_written_or_born_done() {
    assert_eq!(State::empty().look().0, EMPTY);
    assert_eq!(step(EMPTY, State::publish_pending).1, PENDING);
    for how in HOWS {
        let ((), left) = step(EMPTY, |state| state.publish_done(how));
        assert_eq!(left, with(done(EMPTY, how), &[SETTLED, POOL_OUT]));
    }
}

#[test]
fn only_a_pending_task_is_claimed_and_its_flags_stay() {
    for word in words() {
        let pending = phase(word) == PENDING;
        for (claim, to) in [(Claim::Run, RUNNING), (Claim::Cancel, CANCELLED)] {
            let left = if pending { in_phase(word, to) } else { word };
            assert_eq!(step(word, |state| state.claim(claim)), (pending, left));
        }
    }
}

#[test]
fn the_caller_s_end_claims_what_is_not_decided_elsewhere() {
    for word in words() {
        let may = phase(word) == PENDING && !has(word, ELSEWHERE);
        let left = if may { in_phase(word, RUNNING) } else { word };
        assert_eq!(step(word, State::reclaim), (may, left), "{word:#b}");
        let cancelled = in_phase(word, CANCELLED);
        match step(word, State::cancel) {
            (Cancel::Refused, left) => assert!(!may && left == word, "{word:#b}"),
            (Cancel::Claimed, left) => {
                let waited = has_any(word, &[WAITED, LOCKED]);
                assert!(may && waited && left == cancelled, "{word:#b}");
            }
            (Cancel::Settled, left) => {
                let waited = has_any(word, &[WAITED, LOCKED]);
                let left_settled = left == with(cancelled, &[SETTLED]);
                assert!(may && !waited && left_settled, "{word:#b}");
            }
        }
    }
}

#[test]
fn an_end_that_nobody_waits_for_is_published_in_one_step() {
    for word in words() {
        for (how, end) in HOWS.into_iter().flat_map(|how| ENDS.map(|end| (how, end))) {
            let (published, left) = step(word, |state| state.publish_unnoticed(how, end));
            if has_any(word, &[WAITED, LOCKED, ENTERED]) {
                assert!(published.is_none() && left == word, "{word:#b}");
                continue;
            }
            let last = end == End::Pool && has(word, HANDLE_OUT);
            assert_eq!(published.map(|settled| settled.last), Some(last));
            assert_eq!(left, settled(done(word, how), end), "{word:#b}");
        }
    }
}

#[test]
fn an_end_that_somebody_waits_for_is_published_with_the_list_locked() {
    for word in words().filter(|word| !has(*word, LOCKED)) {
        for (how, end) in HOWS.into_iter().flat_map(|how| ENDS.map(|end| (how, end))) {
            let entered = has(word, ENTERED);
            let waited = has(word, WAITED);
            match step(word, |state| state.publish(how, end)) {
                (Publish::Entered, left) => assert!(entered && left == word, "{word:#b}"),
                (Publish::Locked, left) => {
                    let locked = with(done(word, how), &[LOCKED]);
                    assert!(!entered && waited && left == locked, "{word:#b}");
                }
                (Publish::Settled(Settled { last }), left) => {
                    assert!(!entered && !waited, "{word:#b}");
                    assert_eq!(left, settled(done(word, how), end), "{word:#b}");
                    assert_eq!(last, end == End::Pool && has(word, HANDLE_OUT));
                }
            }
        }
    }
}

#[test]
fn a_list_that_was_told_is_unlocked_and_settled_if_there_is_nothing_else_to_do() {
    for word in words() {
        let unlocked = without(word, &[LOCKED, WAITED]);
        for end in ENDS {
            let answer = step(word, |state| state.unlock_published(end, false));
            assert_eq!(answer, (false, unlocked), "{word:#b}");
            let last = end == End::Pool && has(word, HANDLE_OUT);
            let answer = step(word, |state| state.unlock_published(end, true));
            assert_eq!(answer, (last, settled(unlocked, end)), "{word:#b}");
        }
    }
}

#[test]
fn the_list_is_locked_and_unlocked_and_nothing_else_changes() {
    for word in words() {
        if !has(word, LOCKED) {
            let (seen, left) = step(word, State::lock);
            assert!(seen.0 == word && left == with(word, &[LOCKED]), "{word:#b}");
        }
        let unlocked = without(word, &[LOCKED, WAITED]);
        assert_eq!(step(word, |state| state.unlock(false)).1, unlocked);
        let waited = with(unlocked, &[WAITED]);
        assert_eq!(step(word, |state| state.unlock(true)).1, waited);
    }
}

#[test]
fn only_a_running_task_is_asked_to_stop() {
    for word in words() {
        let running = phase(word) == RUNNING;
        let left = if running { with(word, &[STOP]) } else { word };
        assert_eq!(step(word, State::request_stop), (running, left));
    }
}

#[test]
fn marks_are_made_and_taken_back_and_nothing_else_changes() {
    for word in words() {
        let (seen, left) = step(word, State::mark_entered);
        assert!(
            seen.0 == word && left == with(word, &[ENTERED]),
            "{word:#b}"
        );
        let left = step(word, State::unmark_entered).1;
        assert_eq!(left, without(word, &[ENTERED]));
        assert_eq!(
            step(word, State::mark_elsewhere).1,
            with(word, &[ELSEWHERE])
        );
        assert_eq!(step(word, State::mark_named).1, with(word, &[NAMED]));
        assert_eq!(step(word, State::mark_awaited).1, with(word, &[AWAITED]));
    }
}

#[test]
fn the_caller_s_end_leaves_early_only_what_is_not_done_and_was_not_awaited() {
    for word in words() {
        let early = phase(word) < FINISHED && !has(word, AWAITED);
        let left = if early {
            with(word, &[HANDLE_OUT])
        } else {
            word
        };
        assert_eq!(step(word, State::leave_early), (early, left), "{word:#b}");
    }
}

#[test]
fn an_end_is_let_go_and_learns_whether_it_is_the_last() {
    for word in words() {
        for (end, flag) in [(End::Pool, POOL_OUT), (End::Handle, HANDLE_OUT)] {
            let last = other_is_out(word, end);
            let (told, left) = step(word, |state| state.let_go(end));
            assert_eq!(told, last, "{word:#b}");
            // Who is last frees the slot, and nobody looks at the word again.
            assert!(last || left == with(word, &[flag]), "{word:#b}");
        }
    }
}
