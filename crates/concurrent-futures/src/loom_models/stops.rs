//! Asking to stop: the tree of tokens, and requests to running tasks.

use super::rig::{Alone, Count, model, spawn, task};
use crate::{
    CancelToken, check_cancelled,
    error::Cause,
    sync::{AtomicU32, Relaxed},
    task::{current, slot::SlotRef},
    time::Limit,
    token::node::Node,
};
use std::sync::Arc;

/// Catches a sleeper that is linked while the token is being cancelled, and is not woken.
#[test]
fn a_thread_waits_for_a_token() {
    model(|| {
        let node = Node::root();
        let waiting = Arc::clone(&node);
        let waiter =
            spawn(move || assert_eq!(waiting.wait(Limit::Forever), Some(Cause::Requested)));
        assert!(node.cancel(Cause::Requested));
        waiter.join().unwrap();
    });
}

/// Catches a task that sees the request, and not what was written before it.
#[test]
fn what_was_written_before_a_request_is_seen_with_it() {
    model(|| {
        let node = Node::root();
        let written = Arc::new(AtomicU32::new(0));
        let requester = {
            let (node, written) = (Arc::clone(&node), Arc::clone(&written));
            spawn(move || {
                written.store(1, Relaxed);
                node.cancel(Cause::Requested)
            })
        };
        while node.requested().is_none() {
            super::rig::yield_now();
        }
        assert_eq!(written.load(Relaxed), 1);
        assert!(requester.join().unwrap());
    });
}

/// Catches a child that is born while its parent is being cancelled, and never hears of it.
#[test]
fn a_child_is_born() {
    model(|| {
        let root = Node::root();
        let parent = Arc::clone(&root);
        let child = spawn(move || {
            let child = Node::below(&[&parent], None);
            drop(parent);
            child.wait(Limit::Forever)
        });
        root.cancel(Cause::Requested);
        assert!(child.join().unwrap().is_some());
    });
}

/// Catches a node between the two that is dropped while the request passes through it.
#[test]
fn a_node_goes_while_a_request_passes() {
    model(|| {
        let root = Node::root();
        let middle = Node::below(&[&root], None);
        let leaf = Node::below(&[&middle], None);
        let dropping = spawn(move || drop(middle));
        root.cancel(Cause::Requested);
        assert!(leaf.cause().is_some());
        dropping.join().unwrap();
    });
}

/// Catches two who both think that they were the first, and a callback that is called twice or not.
#[test]
fn two_cancel() {
    model(|| {
        let calls = Count::default();
        let token = CancelToken::new();
        let (other, counting) = (token.clone(), calls.clone());
        token
            .on_cancel(move || {
                counting.add();
            })
            .keep();
        let cancelling = spawn(move || other.cancel());
        let first = token.cancel();
        assert!(first != cancelling.join().unwrap());
        assert_eq!(calls.get(), 1);
    });
}

/// Catches a request that finds neither a token to cancel nor a task that looks at the flag again.
#[test]
fn a_request_meets_a_task_that_asks_for_its_token() {
    model(|| {
        let (task, handle) = task(|| CancelToken::current().node().wait(Limit::Forever));
        let worker = spawn(move || task.run(&mut Alone));
        while !handle.seen().is_running() {
            if handle.seen().is_done() {
                unreachable!("it waits for the request");
            }
            super::rig::yield_now();
        }
        assert!(handle.request_cancel());
        assert_eq!(handle.take().unwrap(), Some(Cause::Requested));
        worker.join().unwrap();
    });
}

/// The same for a request to all.
#[test]
fn a_shutdown_meets_a_task_that_asks_for_its_token() {
    model(|| {
        let (task, handle) = task(|| CancelToken::current().node().wait(Limit::Forever));
        let source = handle.as_parent().source();
        let worker = spawn(move || task.run(&mut Alone));
        source.stops.stop_all();
        assert_eq!(handle.take().unwrap(), Some(Cause::Shutdown));
        worker.join().unwrap();
    });
}

/// Catches a request that cancels and asks, or does neither, and a flag that is lost or that brings
/// the task to another end.
#[test]
fn a_request_meets_the_start_and_the_end() {
    model(|| {
        let (task, handle) = task(|| check_cancelled().is_err());
        let worker = spawn(move || task.run(&mut Alone));
        let asked = handle.request_cancel();
        match handle.take() {
            Ok(heard) => assert!(asked || !heard),
            Err(error) => assert!(asked && error.is_cancelled()),
        }
        worker.join().unwrap();
    });
}

/// Catches a task whose token stays entered when its slot is gone.
#[test]
fn a_future_goes_while_its_task_has_a_token() {
    model(|| {
        let (task, handle) = task(|| {
            let token = CancelToken::current();
            assert!(!token.is_cancelled());
            current::current().is_some_and(|slot: SlotRef| slot.state.look().is_running())
        });
        let worker = spawn(move || task.run(&mut Alone));
        drop(handle);
        worker.join().unwrap();
    });
}
