//! One operation from outside.

use super::{Mapping, Place, Reference, Task};
use crate::checker::command::{Command, End, Wait};
use crate::checker::program::{IdleWorkers, Initializer, Op, Spec, Verb};

impl Reference {
    /// Does what the operation does, and says how the pool is to be asked for it.
    pub(crate) fn apply(&mut self, op: &Op) -> Command {
        self.was_blocked = self.blocked.is_some();
        match op {
            Op::Submit(verb, spec) if self.may_submit() && self.blocked.is_none() => {
                self.submit_kept(*verb, spec.clone())
            }
            Op::Release(number) => {
                let running: Vec<_> = self.running().collect();
                match number.checked_rem(running.len()) {
                    Some(place) => {
                        self.release(running[place]);
                        Command::Release(running[place])
                    }
                    None => Command::Nothing,
                }
            }
            Op::Wait(mask, when, limit) => self.wait(*mask, *when, *limit),
            Op::AsCompleted(mask) => self.as_completed(*mask),
            Op::NextCompleted(number) => self.next_completed(*number),
            Op::PushCompleted(number, future) => self.push_completed(*number, *future),
            Op::DropCompleted(number) => self.drop_completed(*number),
            Op::Poll(number) => self.poll(*number),
            Op::DropAwait(number) => self.drop_await(*number),
            Op::Map(style, limit, items) if self.blocked.is_none() => {
                self.map(*style, *limit, items)
            }
            Op::NextOfMap(number) => self.next_of_map(*number),
            Op::UnorderMap(number) => self.unorder_map(*number),
            Op::DropMap(number) => self.drop_map(*number),
            Op::OpenGroup(policy, brake) if !self.gone => self.open_group(*policy, *brake),
            Op::SubmitToGroup(number, item) if !self.room_is_unsure => {
                self.submit_to_group(*number, *item)
            }
            Op::CancelGroup(number) => self.cancel_group(*number, Place::Outside),
            Op::JoinGroup(number) => self.join_group(*number),
            Op::DropGroup(number) => self.drop_group(*number),
            Op::SetMaxWorkers(workers) if !self.gone => self.set_max_workers(*workers),
            Op::Prestart(workers) if !self.gone => self.prestart(*workers),
            Op::CancelToken(token) => {
                self.tokens[*token] = true;
                // The second is below the first.
                self.tokens[1] |= *token == 0;
                Command::CancelToken(*token)
            }
            Op::Shutdown(ending) if !self.gone => {
                let command = self.shutdown(*ending, Wait::NoTime, Place::Outside);
                match command {
                    Command::Shutdown(mut how) if self.is_idle() => {
                        how.wait = Wait::ForEver;
                        Command::Shutdown(how)
                    }
                    command => command,
                }
            }
            Op::DropPool if self.may_drop_pool() => self.drop_pool(),
            op => self.apply_to_future(op),
        }
    }

    fn apply_to_future(&mut self, op: &Op) -> Command {
        let (Op::Cancel(number)
        | Op::RequestCancel(number)
        | Op::AddCallback(number, _)
        | Op::Then(number, _)
        | Op::Share(number)
        | Op::DropFuture(number)
        | Op::Read(number, _)
        | Op::Await(number)) = op
        else {
            return Command::Nothing;
        };
        let Some(id) = self.pick(*number) else {
            return Command::Nothing;
        };
        match op {
            Op::Cancel(_) => Command::Cancel {
                id,
                answer: self.cancel(id, Place::Outside),
            },
            Op::RequestCancel(_) => Command::RequestCancel {
                id,
                answer: self.request_cancel(id, Place::Outside),
            },
            Op::AddCallback(_, action) => {
                let index = self.tasks[id].callbacks.len();
                let action = self.tasks[id].quiet(*action);
                self.tasks[id].callbacks.push(action);
                if self.end_of(id).is_some() {
                    self.call_back(id, Place::Outside);
                }
                Command::AddCallback { id, index }
            }
            Op::Then(_, next) => self.then(id, *next),
            Op::Share(_) => self.share(id),
            Op::DropFuture(_) => {
                self.drop_future(id);
                Command::DropFuture(id)
            }
            Op::Read(_, limit) => self.read(id, *limit),
            _ => self.wait_async(id),
        }
    }

    fn submit_kept(&mut self, verb: Verb, spec: Spec) -> Command {
        let mut task = Task::of(spec, self.policy());
        task.readers = 1;
        let submission = self.submit_by(verb, task, Place::Outside);
        let id = submission.id;
        if submission.end == Some(End::GivenBack) {
            self.tasks[id].readers = 0;
        } else if !submission.is_blocked {
            self.futures.insert(id);
        }
        Command::Submit(submission)
    }

    /// At most so many are started. Where idle workers leave at once, others may be started in their place.
    fn prestart(&mut self, workers: usize) -> Command {
        let most = match self.setup.idle_workers {
            _ if self.closed => 0,
            IdleWorkers::Stay => workers.min(self.limit),
            IdleWorkers::LeaveAtOnce => usize::MAX,
        };
        if most > 0 && workers > 0 && self.setup.initializer == Initializer::Fails {
            self.break_down();
        }
        Command::Prestart { workers, most }
    }

    /// What is left to be done at the end of a program, if anything is.
    pub(crate) fn last_op(&self) -> Option<Op> {
        if self.running().next().is_some() {
            Some(Op::Release(0))
        } else if self.may_drop_pool() {
            Some(Op::DropPool)
        } else if let Some(place) = self.maps.iter().position(Mapping::holds_pool) {
            Some(Op::DropMap(place))
        } else if !self.futures.is_empty() {
            Some(Op::DropFuture(0))
        } else if !self.awaits.is_empty() {
            Some(Op::DropAwait(0))
        } else if !self.completions.is_empty() {
            Some(Op::DropCompleted(0))
        } else if !self.maps.is_empty() {
            Some(Op::DropMap(0))
        } else if self.open_groups().next().is_some() {
            Some(Op::JoinGroup(0))
        } else {
            None
        }
    }
}
