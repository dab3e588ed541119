//! A thread that runs one task in the stead of a worker that waits for it, and ends.
//!
//! It is a worker in all that a task can see: it has a name, has run the initializer, and is joined.
//! It takes nothing from the queue and is on no account of who is idle: the worker that waits is,
//! as running its task.

use super::{Pool, threads::Enlisted, threads::start_error, worker};
use crate::{
    sync::{Mutex, lock},
    task::{Ending, reclaim::Errand},
};
use std::{io, sync::Arc};

/// An errand until somebody does it.
type Parcel = Arc<Mutex<Option<Errand>>>;

fn open(parcel: &Parcel) -> Option<Errand> {
    lock(parcel).take()
}

/// Starts a thread for the errand, or gives it back.
pub(super) fn start(pool: &Arc<Pool>, errand: Errand) -> Result<(), Errand> {
    let parcel: Parcel = Arc::new(Mutex::new(Some(errand)));
    let (carried, left) = (Arc::clone(&parcel), Arc::clone(&parcel));
    let (own, lost) = (Arc::clone(pool), Arc::clone(pool));
    let started = pool.threads.start(
        move |enlisted| live(&own, enlisted, &carried),
        move |number| {
            lost.threads.strike_off(number);
            if let Some(errand) = open(&left) {
                let error = io::Error::other("the thread factory dropped a worker");
                errand.end(&Ending::NoThread(Arc::new(start_error(error))));
            }
        },
    );
    match started {
        Ok(()) => Ok(()),
        Err(_) => open(&parcel).map_or(Ok(()), Err),
    }
}

fn live(pool: &Arc<Pool>, enlisted: Enlisted, parcel: &Parcel) {
    let Enlisted { number, name } = enlisted;
    worker::enter(pool);
    if let Some(errand) = open(parcel) {
        match worker::initialise(pool) {
            Ok(()) => {
                let _on_duty = worker::take_post(pool, &name);
                errand.run();
            }
            Err(error) => {
                pool.break_down(&name, error);
                errand.end(&pool.refusal());
            }
        }
    }
    // In the child of a fork the account is the parent's.
    if !pool.is_inherited() {
        pool.threads.retired(number);
    }
}
