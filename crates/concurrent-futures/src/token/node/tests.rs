use super::{Node, lock};
use crate::{error::Cause, time::Limit};
use std::{
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

fn listeners(node: &Arc<Node>) -> usize {
    lock(&node.listeners).all.len()
}

#[test]
fn children_and_sleepers_that_are_gone_leave_nothing_with_their_parent() {
    let root = Node::root();
    let child = Node::below(&[&root], None);
    let leaf = Node::below(&[&child], None);
    drop(child);
    assert_eq!(listeners(&root), 1);
    drop(leaf);
    assert_eq!(listeners(&root), 0);
    root.wait(Limit::after(Duration::from_nanos(1)));
    assert_eq!(listeners(&root), 0);
    let (one, other) = (Node::root(), Node::root());
    drop(Node::below(&[&one, &other, &one], None));
    assert_eq!((listeners(&one), listeners(&other)), (0, 0));
}

fn causes(nodes: &[&Arc<Node>]) -> Vec<Option<Cause>> {
    nodes.iter().map(|node| node.cause()).collect()
}

#[test]
fn the_first_cause_stays_and_goes_down_the_tree() {
    let root = Node::root();
    let child = Node::below(&[&root], None);
    let leaf = Node::below(&[&child], None);
    let sibling = Node::below(&[&root], None);
    assert_eq!(causes(&[&root, &child, &leaf, &sibling]), [None; 4]);
    assert!(child.cancel(Cause::Shutdown));
    assert!(!child.cancel(Cause::Requested) && !leaf.cancel(Cause::Requested));
    let shutdown = Some(Cause::Shutdown);
    let told = causes(&[&root, &child, &leaf, &sibling]);
    assert_eq!(told, [None, shutdown, shutdown, None]);
    assert!(root.cancel(Cause::Requested));
    let requested = Some(Cause::Requested);
    let told = causes(&[&root, &child, &leaf, &sibling]);
    assert_eq!(told, [requested, shutdown, shutdown, requested]);
    assert_eq!(listeners(&root), 0);
}

#[test]
fn a_child_of_a_node_that_is_cancelled_is_born_so() {
    let (open, cancelled) = (Node::root(), Node::root());
    assert!(cancelled.cancel(Cause::Shutdown));
    let child = Node::below(&[&open, &cancelled], None);
    assert_eq!(child.requested(), Some(Cause::Shutdown));
    drop(child);
    assert_eq!((listeners(&open), listeners(&cancelled)), (0, 0));
}

#[test]
fn the_earliest_deadline_counts_and_a_request_comes_before_it() {
    let now = Instant::now();
    let (soon, later) = (
        now + Duration::from_secs(1000),
        now + Duration::from_secs(2000),
    );
    let (early, late) = (Node::below(&[], Some(soon)), Node::below(&[], Some(later)));
    let child = |deadline| Node::below(&[&late, &early], deadline).deadline();
    assert_eq!(child(None), Some(soon));
    assert_eq!(child(Some(now)), Some(now));
    assert_eq!(child(Some(later)), Some(soon));
    assert_eq!(early.cause(), None);
    let over = Node::below(&[], Some(now));
    assert_eq!(
        (over.requested(), over.cause()),
        (None, Some(Cause::Deadline))
    );
    assert!(over.cancel(Cause::Requested));
    assert_eq!(over.cause(), Some(Cause::Requested));
}

#[test]
fn callbacks_are_called_once_in_order_when_all_below_are_cancelled() {
    let root = Node::root();
    let leaf = Node::below(&[&root], None);
    let called = Arc::new(Mutex::new(Vec::new()));
    let call = |number: usize| {
        let (called, leaf) = (Arc::clone(&called), Arc::clone(&leaf));
        let callback = move || called.lock().unwrap().push((number, leaf.requested()));
        root.call(Box::new(callback))
    };
    assert!(call(1).is_ok());
    let key = call(2).unwrap_or_else(|_| panic!("not cancelled"));
    assert!(call(3).is_ok());
    assert!(root.forget(key).is_some() && root.forget(key).is_none());
    assert!(root.cancel(Cause::Shutdown));
    assert!(!root.cancel(Cause::Shutdown));
    let shutdown = Some(Cause::Shutdown);
    assert_eq!(*called.lock().unwrap(), [(1, shutdown), (3, shutdown)]);
    let Err(callback) = call(4) else {
        panic!("it is cancelled");
    };
    callback();
    assert_eq!(called.lock().unwrap().last(), Some(&(4, shutdown)));
}

/// For what is about to happen: a test that would hang fails.
fn patience() -> Limit {
    Limit::after(Duration::from_secs(20))
}

#[test]
fn a_sleeper_is_woken_by_a_request_and_by_its_deadline_and_not_beyond_its_time() {
    let node = Node::root();
    assert_eq!(node.wait(Limit::Poll), None);
    let limit = Limit::after(Duration::from_nanos(1));
    assert_eq!(node.wait(limit), None);
    let sleeper = thread::spawn({
        let node = Arc::clone(&node);
        move || node.wait(patience())
    });
    while listeners(&node) == 0 {
        thread::yield_now();
    }
    assert!(node.cancel(Cause::Shutdown));
    let woken = sleeper.join().expect("no panic");
    assert_eq!(woken, Some(Cause::Shutdown));
    assert_eq!(node.wait(Limit::Poll), Some(Cause::Shutdown));
    // The node's own deadline is the earlier one, then the sleeper's.
    let soon = Instant::now() + Duration::from_millis(1);
    let node = Node::below(&[], Some(soon));
    assert_eq!(node.wait(patience()), Some(Cause::Deadline));
    let later = Instant::now() + Duration::from_secs(1000);
    let node = Node::below(&[], Some(later));
    assert_eq!(
        node.wait(Limit::at(Some(Instant::now() + Duration::from_millis(1)))),
        None
    );
    assert_eq!(listeners(&node), 0);
}
