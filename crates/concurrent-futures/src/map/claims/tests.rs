use super::*;

/// So many items that have come, of which so many are taken, and so many runners.
fn claims(items: usize, taken: usize, runners: usize) -> Claims {
    let claims = Claims::default();
    (0..items).for_each(|_| {
        claims.publish();
    });
    (0..taken).for_each(|place| assert!(claims.take_at(place)));
    (0..runners).for_each(|_| claims.enlist());
    claims
}

fn take_all(claims: &Claims, known: &mut Known) -> Vec<usize> {
    std::iter::from_fn(|| claims.take(known)).collect()
}

#[test]
fn items_and_runners_are_counted_apart() {
    let claims = claims(5, 2, 3);
    assert_eq!(claims.publish(), 3);
    assert_eq!((claims.came(), claims.left(), claims.runners()), (6, 4, 3));
    claims.seal();
    assert_eq!((claims.came(), claims.left(), claims.runners()), (6, 4, 3));
    assert!(!claims.strike_off() && !claims.strike_off());
    assert!(claims.strike_off(), "the last one");
    assert_eq!((claims.came(), claims.runners()), (6, 0));
}

#[test]
fn the_cursor_of_an_open_row_stops_at_what_has_come() {
    let claims = claims(2, 0, 0);
    let mut known = Known::default();
    assert_eq!(take_all(&claims, &mut known), [0, 1]);
    assert_eq!((known.items, known.sealed), (2, false));
    assert_eq!(claims.take(&mut known), None);
    claims.publish();
    assert_eq!(claims.take(&mut known), Some(2));
    assert!(!claims.is_over());
    claims.seal();
    assert!(claims.is_over());
}

#[test]
fn each_item_of_a_sealed_row_is_taken_once() {
    let claims = claims(3, 1, 0);
    claims.seal();
    let mut known = Known::default();
    assert!(!claims.is_over());
    assert_eq!(claims.take(&mut known), Some(1));
    assert_eq!((known.items, known.sealed), (3, true));
    assert_eq!(take_all(&claims, &mut known), [2]);
    assert!(claims.is_over());
    assert_eq!(claims.take(&mut known), None);
    assert_eq!(claims.left(), 0);
}

#[test]
fn only_the_next_item_is_taken_by_its_place() {
    let claims = claims(3, 1, 0);
    assert!(claims.is_taken(0) && !claims.is_taken(1));
    assert!(!claims.take_at(0) && !claims.take_at(2));
    assert_eq!(claims.left(), 2);
    assert!(claims.take_at(1));
    assert!(claims.is_taken(1) && !claims.is_taken(2));
    assert_eq!(claims.take(&mut Known::default()), Some(2));
}

#[test]
fn the_rest_of_an_open_row_is_what_has_come() {
    let claims = claims(3, 1, 0);
    assert_eq!(claims.take_rest(), 1..3);
    assert_eq!(claims.take_rest(), 3..3);
    let mut known = Known::default();
    assert_eq!(claims.take(&mut known), None);
    claims.publish();
    assert_eq!(claims.take(&mut known), Some(3));
}

#[test]
fn the_rest_of_a_sealed_row_is_taken_once() {
    let claims = claims(3, 1, 0);
    claims.seal();
    assert_eq!(claims.take_rest(), 1..3);
    assert_eq!(claims.take_rest(), 3..3);
    assert_eq!(claims.take(&mut Known::default()), None);
    assert!(claims.is_over() && claims.is_taken(2));
}

#[test]
fn a_runner_leaves_only_if_nothing_is_new_to_it() {
    let claims = claims(2, 0, 2);
    let mut known = Known::default();
    assert_eq!(claims.leave(known), Leave::LookAgain);
    assert_eq!(take_all(&claims, &mut known), [0, 1]);
    assert_eq!(claims.leave(known), Leave::Left);
    assert_eq!((claims.runners(), claims.came()), (1, 2));
    claims.publish();
    assert_eq!(claims.leave(known), Leave::LookAgain);
    assert_eq!(take_all(&claims, &mut known), [2]);
    claims.seal();
    assert_eq!(claims.leave(known), Leave::LookAgain);
    assert_eq!(claims.take(&mut known), None);
    assert_eq!(claims.leave(known), Leave::Left);
    assert_eq!((claims.runners(), claims.came()), (0, 3));
}

#[test]
fn there_are_as_many_runners_as_items_to_take_and_no_more_than_workers_or_items() {
    let reinforced = |items, taken, runners, workers| {
        let claims = claims(items, taken, runners);
        claims.seal();
        let more = claims.reinforce(workers);
        assert_eq!(claims.runners(), runners + more);
        assert_eq!(claims.came(), items);
        more
    };
    assert_eq!(reinforced(5, 2, 1, usize::MAX), 3);
    assert_eq!(reinforced(5, 0, 1, usize::MAX), 4);
    assert_eq!(reinforced(5, 2, 1, 3), 2);
    assert_eq!(reinforced(5, 2, 3, 3), 0);
    assert_eq!(reinforced(5, 2, 4, 3), 0);
    assert_eq!(reinforced(5, 5, 0, 3), 0);
}
