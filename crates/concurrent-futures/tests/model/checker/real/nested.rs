//! What tasks and callbacks do, as the reference has foreseen it.

use std::panic::resume_unwind;
use std::sync::Arc;

use concurrent_futures::{Shutdown, ShutdownError, ThreadPoolExecutor, check_cancelled};

use super::facts::delivery_of_owned;
use super::{Handle, Stage, lock};
use crate::checker::command::{self, Actor, Command, Submission, Wait};

impl Stage {
    pub(super) fn act(self: &Arc<Self>, actor: Actor) {
        if self.has_given_up() {
            return;
        }
        let command = lock(&self.script).remove(&actor);
        let Some(command) = command else {
            return self.object(format!("{actor:?} comes although it is not due"));
        };
        if command == Command::Panic {
            // The panic hook would print each of them.
            resume_unwind(Box::new("a callback gives up"));
        }
        if !self.obey_anywhere(&command) {
            self.obey_inside(command);
        }
    }

    /// What threads of the pool do as others do. Whether it was that.
    pub(super) fn obey_anywhere(self: &Arc<Self>, command: &Command) -> bool {
        match *command {
            Command::Nothing => {}
            Command::Cancel { id, answer } => {
                let Some(handle) = self.handle(id) else {
                    return true;
                };
                let seen = match &*handle {
                    Handle::Owned(future) => future.cancel(),
                    Handle::Shared(future) => future.cancel(),
                };
                self.expect(&format!("cancel of task {id}"), &answer, &seen);
            }
            Command::RequestCancel { id, answer } => {
                let Some(handle) = self.handle(id) else {
                    return true;
                };
                let seen = match &*handle {
                    Handle::Owned(future) => future.request_cancel(),
                    Handle::Shared(future) => future.request_cancel(),
                };
                self.expect(&format!("request_cancel of task {id}"), &answer, &seen);
            }
            Command::DropFuture(id) => {
                self.handle(id);
                let handle = lock(&self.handles).remove(&id);
                drop(handle);
            }
            Command::CancelGroup(group) => self.cancel_group(group),
            Command::SetMaxWorkers {
                workers,
                accepted,
                ref taken,
            } => {
                let Some(pool) = self.pool() else { return true };
                let seen = pool.set_max_workers(workers).is_ok();
                self.expect("set_max_workers", &accepted, &seen);
                for &(id, settled) in taken {
                    self.settle_as(id, settled);
                }
            }
            Command::Shutdown(how) => {
                let Some(pool) = self.pool() else { return true };
                self.shut_down(&pool, how);
            }
            _ => return false,
        }
        true
    }

    fn shut_down(&self, pool: &ThreadPoolExecutor, how: command::Shutdown) {
        let mut shutdown = Shutdown::new();
        if how.cancel_futures {
            shutdown = shutdown.cancel_futures();
        }
        if how.cancel_running {
            shutdown = shutdown.cancel_running();
        }
        shutdown = match how.wait {
            Wait::NotAtAll => shutdown.no_wait(),
            Wait::NoTime => shutdown.timeout(std::time::Duration::ZERO),
            Wait::ForEver | Wait::OwnWorker => shutdown,
        };
        let seen = pool.shutdown_with(shutdown);
        let is_right = match how.wait {
            Wait::NotAtAll | Wait::ForEver => seen.is_ok(),
            Wait::NoTime => seen.as_ref().is_err_and(ShutdownError::is_timeout),
            Wait::OwnWorker => seen.as_ref().is_err_and(ShutdownError::is_own_worker),
        };
        if !is_right {
            self.object(format!(
                "a shutdown that waits {:?} gave {seen:?}",
                how.wait
            ));
        }
    }

    fn obey_inside(self: &Arc<Self>, command: Command) {
        if command == (Command::DropPool { idle: false }) {
            let pool = lock(&self.pool).take();
            return drop(pool);
        }
        if let Command::Check { asked } = command {
            return self.expect("check_cancelled", &asked, &check_cancelled().is_err());
        }
        let Some(pool) = self.pool() else { return };
        match command {
            Command::Submit(item) => {
                drop(self.submit(&pool, &item));
                self.settle(&item);
            }
            Command::SubmitAndRead(item, end) => {
                let future = self.submit(&pool, &item);
                self.settle(&item);
                let Some(future) = future else { return };
                let seen = delivery_of_owned(future.result());
                self.expect(&format!("result of child {}", item.id), &end, &seen);
            }
            Command::FollowAndRead { parent, next, end } => {
                let future = self.submit(&pool, &parent);
                self.settle(&parent);
                let Some(future) = future else { return };
                let future = future.try_then(self.follow_up(&next));
                let seen = delivery_of_owned(future.result());
                self.expect(&format!("result of follow-up {}", next.id), &end, &seen);
            }
            Command::Scope(items) => self.scope(&pool, &items),
            Command::MapAndRead {
                style,
                inputs,
                items,
                results,
            } => self.map_inside(&pool, style, inputs, &items, &results),
            Command::Group {
                policy,
                items,
                conclusion,
            } => self.group_inside(&pool, policy, &items, &conclusion),
            other => self.object(format!("{other:?} is nothing for a task")),
        }
    }

    fn scope(self: &Arc<Self>, pool: &ThreadPoolExecutor, items: &[Submission]) {
        pool.scope(|scope| {
            for item in items {
                drop(scope.try_submit(self.work(item)));
                self.settle(item);
            }
        });
        for item in items {
            let facts = self.facts(item.id);
            let drops = facts
                .closure_drops
                .load(std::sync::atomic::Ordering::SeqCst);
            self.expect("closures dropped in a scope", &1, &drops);
        }
    }
}
