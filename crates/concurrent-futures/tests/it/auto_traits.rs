//! What may cross threads, and what may not.

use std::{cell::Cell, marker::PhantomData, ops::Range, rc::Rc};

use concurrent_futures::{
    AsCompleted, BufferedUnordered, Builder, CancelToken, Cancelled, CollectAll, FailFast, Future,
    FutureId, Group, GroupError, Map, MapBuffered, MapUnordered, NoSuccess, OnCancel, QueueFull,
    RunningTask, Scope, SharedFuture, Shutdown, TaskError, TaskGroup, ThreadPoolExecutor,
    WorkerThread,
};

type NotSync = Cell<u8>;
type NotSend = Rc<u8>;

/// `Of::<T>::SEND` is the inherent constant if `T` is `Send`, else the trait's: the compiler prefers the former.
struct Of<T: ?Sized>(PhantomData<T>);

trait Otherwise {
    const SEND: bool = false;
    const SYNC: bool = false;
}

impl<T: ?Sized> Otherwise for Of<T> {}

struct Syncness<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized> Otherwise for Syncness<T> {}

impl<T: ?Sized + Send> Of<T> {
    const SEND: bool = true;
}

impl<T: ?Sized + Sync> Syncness<T> {
    const SYNC: bool = true;
}

fn send<T: Send>() {}
fn sync<T: Sync>() {}
fn unpin<T: Unpin>() {}
fn fixed<T: 'static>() {}

#[test]
fn pools_are_shared_freely() {
    send::<ThreadPoolExecutor>();
    sync::<ThreadPoolExecutor>();
    unpin::<ThreadPoolExecutor>();
    fixed::<ThreadPoolExecutor>();
    send::<Builder>();
    send::<WorkerThread>();
    send::<Shutdown>();
    sync::<Shutdown>();
}

#[test]
fn tokens_and_groups_are_shared_freely() {
    send::<CancelToken>();
    sync::<CancelToken>();
    unpin::<CancelToken>();
    fixed::<CancelToken>();
    send::<OnCancel>();
    sync::<OnCancel>();
    send::<Cancelled>();
    sync::<RunningTask>();
    send::<TaskGroup<NotSync, NotSync, FailFast>>();
    sync::<TaskGroup<NotSync, NotSync, CollectAll>>();
    send::<Group<'_, '_, NotSync, NotSync>>();
    sync::<Group<'_, '_, NotSync, NotSync>>();
    send::<GroupError<String>>();
    send::<NoSuccess<String>>();
}

#[test]
fn futures_of_sendable_values_are_sendable() {
    send::<Future<u8>>();
    send::<Future<u8, String>>();
    send::<Future<NotSync, NotSync>>();
    send::<SharedFuture<u8, String>>();
    send::<Map<NotSync, NotSync>>();
    send::<MapUnordered<NotSync, NotSync>>();
    send::<MapBuffered<Range<u8>, NotSync, NotSync>>();
    send::<BufferedUnordered<Range<u8>, NotSync, NotSync>>();
    send::<QueueFull<NotSync>>();
    send::<AsCompleted<Future<u8>>>();
    send::<TaskError<String>>();
    send::<FutureId>();
    unpin::<Future<u8, String>>();
}

#[test]
fn futures_of_shareable_values_are_shareable() {
    sync::<Future<u8, String>>();
    sync::<SharedFuture<u8, String>>();
    sync::<TaskError<String>>();
    sync::<FutureId>();
    sync::<Scope<'_, '_>>();
}

#[test]
fn a_future_of_an_unsendable_value_stays_where_it_is() {
    let send = [
        Of::<Future<NotSend>>::SEND,
        Of::<Future<u8, NotSend>>::SEND,
        Of::<SharedFuture<NotSend>>::SEND,
    ];
    assert_eq!(send, [false; 3]);
}

#[test]
fn a_future_that_lends_an_unshareable_value_is_not_shared() {
    let shareable = [
        Syncness::<Future<NotSync>>::SYNC,
        Syncness::<Future<u8, NotSync>>::SYNC,
        Syncness::<SharedFuture<NotSync>>::SYNC,
        Of::<SharedFuture<NotSync>>::SEND,
        Of::<SharedFuture<u8, NotSync>>::SEND,
    ];
    assert_eq!(shareable, [false; 5]);
}

#[test]
fn the_question_itself_is_asked_rightly() {
    assert_eq!([Of::<u8>::SEND, Syncness::<u8>::SYNC], [true; 2]);
    assert_eq!([Of::<NotSend>::SEND, Syncness::<NotSync>::SYNC], [false; 2]);
}
