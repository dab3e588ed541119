//! What tasks and callbacks do.

use super::{Mapping, Place, Reference, Task};
use crate::checker::command::{Actor, Command, Id, Part, Shutdown, Wait};
use crate::checker::program::{Action, Brake, Ending};

impl Reference {
    pub(super) fn act(&mut self, actor: Actor, action: Action, place: Place) {
        // The place is kept, since what is done here may call for other actions.
        let command = self.command(actor, action, place);
        self.script.insert(actor, command);
    }

    fn command(&mut self, actor: Actor, action: Action, place: Place) -> Command {
        if self.was_blocked && !matches!(action, Action::Check | Action::Panic) {
            return Command::Nothing;
        }
        let on_worker = actor.part == Part::Body && place == Place::Worker;
        match action {
            Action::Check if actor.part == Part::Body => Command::Check {
                asked: self.is_asked(actor.id),
            },
            Action::Submit(plan) if self.may_submit() => {
                // Its future is dropped at once.
                Command::Submit(self.submit(Task::new(plan), place))
            }
            Action::SubmitAndRead(plan) if on_worker && self.may_submit() => {
                self.submit_and_read(plan)
            }
            Action::FollowAndRead(plan) if on_worker && self.may_submit() => {
                self.follow_and_read(plan)
            }
            Action::Scope(tasks) if on_worker && self.may_submit() => self.scope(tasks),
            // Between the submits of a map nobody can wait for what becomes of them.
            Action::Map(style, items) if on_worker && !self.gone && self.setup.bound.is_none() => {
                self.map_and_read(style, items)
            }
            Action::Group(policy, plans) if on_worker && self.may_submit() => {
                self.group(policy, plans)
            }
            Action::CancelGroup(number) => self.cancel_group(number, place),
            Action::Cancel(number) => match self.pick(number) {
                Some(id) => Command::Cancel {
                    id,
                    answer: self.cancel(id, place),
                },
                None => Command::Nothing,
            },
            Action::RequestCancel(number) => match self.pick(number) {
                Some(id) => Command::RequestCancel {
                    id,
                    answer: self.request_cancel(id, place),
                },
                None => Command::Nothing,
            },
            Action::DropFuture(number) => match self.pick(number) {
                Some(id) => {
                    self.drop_future(id);
                    Command::DropFuture(id)
                }
                None => Command::Nothing,
            },
            Action::SetMaxWorkers(workers) if !self.gone => self.set_max_workers(workers),
            Action::Shutdown(ending) if !self.gone => {
                let wait = if on_worker {
                    Wait::OwnWorker
                } else {
                    Wait::NotAtAll
                };
                self.shutdown(ending, wait, place)
            }
            Action::DropPool if place == Place::Worker && self.may_drop_pool() => self.drop_pool(),
            Action::Panic if actor.part != Part::Body => Command::Panic,
            _ => Command::Nothing,
        }
    }

    pub(super) fn may_drop_pool(&self) -> bool {
        !self.gone && self.blocked.is_none() && !self.maps.iter().any(Mapping::holds_pool)
    }

    fn is_asked(&self, id: Id) -> bool {
        let task = &self.tasks[id];
        let token = match task.brake {
            Brake::Token(token) => self.tokens[token],
            _ => false,
        };
        let group = task.group.and_then(|group| self.group_ending(group));
        task.asked || self.stops_running || token || group.is_some()
    }

    pub(super) fn set_max_workers(&mut self, workers: usize) -> Command {
        let accepted = workers > 0;
        if accepted {
            self.limit = workers;
        }
        let queued: Vec<_> = self.queue.iter().map(|entry| entry.id).collect();
        self.dispatch();
        let settled = queued.into_iter().map(|id| (id, self.settled(id)));
        Command::SetMaxWorkers {
            workers,
            accepted,
            taken: settled.collect(),
        }
    }

    pub(super) fn shutdown(&mut self, ending: Ending, wait: Wait, place: Place) -> Command {
        self.close();
        if ending.cancel_futures {
            self.cancels_follow_ups = true;
            self.end_queued(super::End::Cancelled, place);
        }
        self.stops_running |= ending.cancel_running;
        Command::Shutdown(Shutdown {
            cancel_futures: ending.cancel_futures,
            cancel_running: ending.cancel_running,
            wait,
        })
    }

    pub(super) fn close(&mut self) {
        self.closed = true;
        self.end_blocked();
    }

    pub(super) fn drop_pool(&mut self) -> Command {
        let idle = self.is_idle();
        self.close();
        self.gone = true;
        Command::DropPool { idle }
    }
}
