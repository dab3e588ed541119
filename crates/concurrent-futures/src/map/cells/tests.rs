use super::*;
use crate::error::TaskError;
use std::rc::Rc;

type Numbers = Row<u64, u64, &'static str>;

/// So many items, none of them taken.
fn sealed(items: u64) -> (Numbers, Reader) {
    let (row, mut writer) = Row::new(8);
    (0..items).for_each(|input| {
        row.push(&mut writer, input);
    });
    let reader = writer.seal(&row);
    (row, reader)
}

fn claim(row: &Numbers) -> Blank<'_, u64, u64, &'static str> {
    let claim = row.claim(&mut Known::default());
    claim.expect("one is left").begin().1
}

#[test]
fn items_come_until_the_row_is_full_and_go_to_their_runners() {
    let (row, mut writer) = Numbers::new(2);
    assert!(!row.is_full(&writer));
    assert_eq!(row.push(&mut writer, 7), 0);
    row.enlist();
    assert!(!row.is_full(&writer));
    assert_eq!(row.push(&mut writer, 8), 1);
    assert!(row.is_full(&writer));
    assert_eq!((row.came(), row.unstarted()), (2, 2));
    let mut known = Known::default();
    let inputs: Vec<_> = std::iter::from_fn(|| row.claim(&mut known))
        .map(|claim| claim.begin().0)
        .collect();
    assert_eq!(inputs, [7, 8]);
    assert_eq!((row.came(), row.unstarted(), row.is_over()), (2, 0, false));
    assert_eq!(row.leave(known), Leave::Left);
    let reader = writer.seal(&row);
    assert_eq!(reader.left(), 2);
    assert!(row.is_over());
}

#[test]
fn the_reader_gets_each_outcome_once_and_in_order() {
    let (row, mut reader) = sealed(3);
    let (first, second, third) = (claim(&row), claim(&row), claim(&row));
    let ended = [
        second.fill(Err(TaskError::Failed("no"))),
        first.fill(Ok(1)),
        third.cancel(),
    ];
    assert_eq!(
        ended.each_ref().map(Ended::done),
        [Done::Error, Done::Value, Done::Cancelled]
    );
    assert!(!row.is_ready(&reader) && row.take(&mut reader).is_none());
    for ended in ended {
        assert!(!ended.is_abandoned());
        assert!(matches!(ended.publish(), Published::Done));
    }
    assert!(row.is_ready(&reader));
    assert!(matches!(row.take(&mut reader), Some(Ok(1))));
    assert_eq!(reader.left(), 2);
    let second = row.take(&mut reader);
    assert!(matches!(second, Some(Err(TaskError::Failed("no")))));
    assert!(row.is_ready(&reader));
    let third = row.take(&mut reader);
    assert!(matches!(third, Some(Err(TaskError::Cancelled))));
    assert_eq!(reader.left(), 0);
}

#[test]
fn an_error_of_cancellation_is_a_cancellation() {
    let (row, mut reader) = sealed(1);
    let ended = claim(&row).fill(Err(TaskError::Cancelled));
    assert_eq!(ended.done(), Done::Cancelled);
    assert!(matches!(ended.publish(), Published::Done));
    let outcome = row.take(&mut reader);
    assert!(matches!(outcome, Some(Err(TaskError::Cancelled))));
}

#[test]
fn a_reader_that_sleeps_is_to_be_woken_by_the_next_outcome_alone() {
    let (row, mut reader) = sealed(2);
    row.announce_sleep(&reader);
    row.announce_sleep(&reader);
    assert!(!row.is_ready(&reader) && row.take(&mut reader).is_none());
    let (first, second) = (claim(&row), claim(&row));
    assert!(matches!(second.fill(Ok(2)).publish(), Published::Done));
    let first = first.fill(Ok(1));
    assert!(!first.is_abandoned());
    assert!(matches!(first.publish(), Published::Awaited));
    // There is nothing to wait for any more.
    row.announce_sleep(&reader);
    assert!(matches!(row.take(&mut reader), Some(Ok(1))));
    assert!(matches!(row.take(&mut reader), Some(Ok(2))));
}

#[test]
fn what_a_reader_that_goes_leaves_behind_is_dropped_once() {
    let (row, mut writer) = Row::<(), Rc<()>, Rc<()>>::new(4);
    (0..4).for_each(|_| {
        row.push(&mut writer, ());
    });
    let mut reader = writer.seal(&row);
    let mut known = Known::default();
    let mut claim = || row.claim(&mut known).expect("one is left").begin().1;
    let owned = Rc::new(());
    let own = || Rc::clone(&owned);
    let blanks = [claim(), claim(), claim(), claim()];
    let [there, failed, late, cancelled] = blanks;
    assert!(matches!(there.fill(Ok(own())).publish(), Published::Done));
    let failed = failed.fill(Err(TaskError::Failed(own())));
    assert!(matches!(failed.publish(), Published::Done));
    let late = late.fill(Ok(own()));
    assert_eq!(Rc::strong_count(&owned), 4);
    row.abandon(&mut reader);
    assert_eq!((reader.left(), Rc::strong_count(&owned)), (0, 2));
    assert!(late.is_abandoned());
    let Published::Unwanted(outcome) = late.publish() else {
        panic!("nobody is there to see it");
    };
    drop(outcome);
    assert_eq!(Rc::strong_count(&owned), 1);
    let cancelled = cancelled.cancel().publish();
    assert!(matches!(
        cancelled,
        Published::Unwanted(Err(TaskError::Cancelled))
    ));
}

#[test]
fn a_reader_takes_the_item_it_waits_for_if_nobody_has() {
    let (row, reader) = sealed(2);
    assert_eq!(row.unstarted_at(&reader), Some(0));
    assert!(row.claim_at(1).is_none());
    let (input, blank) = row.claim_at(0).expect("nobody has taken it").begin();
    assert_eq!(input, 0);
    assert_eq!(row.unstarted_at(&reader), None);
    assert!(row.claim_at(0).is_none());
    assert!(matches!(blank.fill(Ok(0)).publish(), Published::Done));
    let rest: Vec<_> = row.claim_rest().map(|claim| claim.begin().0).collect();
    assert_eq!(rest, [1]);
    assert!(row.is_over() && row.claim_rest().next().is_none());
}

#[test]
fn a_row_weighs_what_its_memory_and_its_runners_do() {
    let (row, _writer) = Numbers::new(100);
    assert_eq!(row.weight(), 100 * 16 / 64);
    (0..3).for_each(|_| row.enlist());
    assert_eq!(row.weight(), 100 * 16 / 64 + 3);
    assert!(!row.strike_off() && !row.strike_off() && row.strike_off());
}

#[test]
#[should_panic(expected = "left")]
fn a_reader_of_another_row_is_refused() {
    let (_, reader) = sealed(1);
    let (row, _) = sealed(1);
    let _ = row.is_ready(&reader);
}

#[test]
#[should_panic(expected = "reader.end")]
fn there_is_nothing_behind_the_last_item() {
    let (row, reader) = sealed(0);
    let _ = row.is_ready(&reader);
}
