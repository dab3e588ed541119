//! What a profile of made-up tasks says, word for word.

use super::{
    Computing, Profile, ProfileOptions,
    tests::{Teller, Used},
};
use crate::TaskOutcome;
use std::sync::Arc;

/// Twelve tasks of growing length, one that is cancelled, and one that ran another on its stack.
fn made_up(computing: Computing) -> Profile {
    let teller = Teller::new(ProfileOptions::new());
    for id in 1..=12 {
        let at = 100 * id;
        let used = Used {
            cpu: 10 * id,
            contended: 5,
            nested: 0,
        };
        let task = teller.enqueue_named(id, &format!("page {id}"), at);
        task.start(at + id).finish(at + 20 * id, used);
    }
    teller
        .enqueue_named(13, "dropped", 1_300)
        .end(1_400, TaskOutcome::Cancelled);
    let used = Used {
        cpu: 150,
        contended: 0,
        nested: 100,
    };
    let long = "a name that is so long that its beginning has to be cut off";
    teller
        .enqueue_named(14, long, 1_300)
        .start(1_500)
        .finish(2_000, used);
    Profile::on(&teller.recorder, Arc::from("w"), 2, computing)
}

const TABLE: &str = "\
w: 14 tasks in 1.90 s (6.84/s)
at most 2 workers on 4 processors; 13 completed, 1 cancelled

of 2.16 s task time: 15.6 % wait, 43.1 % CPU, 41.3 % blocked
of the wait, 2.8 % was for a processor

                   mean        p50        p90        p99        max
wait            21.4 ms    7.01 ms    12.1 ms     200 ms     200 ms
run              152 ms     133 ms     229 ms     500 ms     500 ms
  CPU           71.5 ms    70.3 ms     120 ms     150 ms     150 ms
  blocked       68.6 ms    58.2 ms     103 ms     250 ms     250 ms

slowest                                              run        CPU       wait
...long that its beginning has to be cut off      500 ms     150 ms     200 ms
page 12                                           228 ms     120 ms    12.0 ms
page 11                                           209 ms     110 ms    11.0 ms
page 10                                           190 ms     100 ms    10.0 ms
page 9                                            171 ms    90.0 ms    9.00 ms
page 8                                            152 ms    80.0 ms    8.00 ms
page 7                                            133 ms    70.0 ms    7.00 ms
page 6                                            114 ms    60.0 ms    6.00 ms
page 5                                           95.0 ms    50.0 ms    5.00 ms
page 4                                           76.0 ms    40.0 ms    4.00 ms

worker                                  tasks       busy        CPU   occupied
w_0                                        13     1.88 s     930 ms     99.1 %

load        The load is mixed: its tasks use a processor for 51.0 % of the time
            they work.
            71.5 ms CPU / (71.5 ms CPU + 68.6 ms blocked) = 51.0 %
workers     10 workers would keep 4 processors busy; there may be 2.
            4 processors x (1 + 68.6 ms blocked / 71.5 ms CPU) = 7.84 if they
            took turns; 10 as chance has it
arrivals    Tasks came at 10.8/s and work for 140 ms each, so 1.52 of them run
            at a time if none waits: there may be 2.
            Little's law: 10.8/s x 140 ms = 1.52
queue       With a queue of at most 8 tasks, 99 of 100 wait less than 1.00 s.
            1.00 s x 2 workers / 145 ms a task = 13.8, less what the run times
            vary by (77.8 %)
speed-up    0.96 times as fast as one task after the other; with 10 workers, and
            tasks that come fast enough, 3.64 times is possible.
            1.82 s of work / 1.90 s = 0.96; at best it takes the longest of 232
            ms (processors), 182 ms (workers) and 500 ms (longest task): 3.64";

#[test]
fn the_table_word_for_word() {
    let table = made_up(Computing::AtOnce(4)).to_string();
    for (line, expected) in table.lines().zip(TABLE.lines()) {
        assert_eq!(line, expected);
    }
    assert_eq!(table.lines().count(), TABLE.lines().count());
}

#[test]
fn the_figures_are_those_of_the_table() {
    let profile = made_up(Computing::AtOnce(4));
    // 13 tasks in 1.9 seconds; 1,822 milliseconds of work, of which the longest took 500.
    assert!((profile.throughput() - 13.0 / 1.9).abs() < 1e-9);
    let advice = profile.advice();
    assert!((advice.speedup().unwrap() - 1.822 / 1.9).abs() < 1e-9);
    assert!((advice.possible_speedup().unwrap() - 1.822 / 0.5).abs() < 1e-9);
    let finished = &profile.over_time().finished;
    assert_eq!(finished.iter().sum::<u64>(), 13);
}

#[test]
fn where_threads_take_turns_some_of_the_rest_was_a_wait_for_them() {
    let at_once = made_up(Computing::AtOnce(4)).shares();
    let in_turns = made_up(Computing::InTurns).shares();
    assert!((in_turns.cpu - at_once.cpu).abs() < 1e-9);
    let more = in_turns.contended - at_once.contended;
    assert!(more >= 0.0, "{in_turns:?}");
    assert!(
        (at_once.blocked - in_turns.blocked - more).abs() < 0.11,
        "{in_turns:?}"
    );
}
