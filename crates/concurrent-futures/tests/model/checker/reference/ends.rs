//! How tasks start and end, and what comes of it.

use super::{Place, Reference, State};
use crate::checker::command::{Actor, Delivery, End, Id, Part};

impl Reference {
    pub(super) fn start(&mut self, id: Id) {
        let stops = self.stops_running;
        let task = &mut self.tasks[id];
        task.state = State::Running;
        task.ran = true;
        task.asked |= stops;
        let parent = task.parent.take();
        if let Some(parent) = parent {
            // It drops the value first of all.
            self.let_go(parent);
        }
    }

    /// The worker that runs it is let go on.
    pub(super) fn release(&mut self, id: Id) {
        self.run_through(id, Place::Worker);
        self.busy -= 1;
        self.dispatch();
    }

    pub(super) fn run_through(&mut self, id: Id, place: Place) {
        let body = self.tasks[id].body;
        let actor = Actor {
            id,
            part: Part::Body,
        };
        self.act(actor, body, place);
        let end = self.tasks[id].planned_end();
        self.tasks[id].origin = Some(id);
        self.end(id, end, place);
    }

    /// It will not run, unless it has ended already.
    pub(super) fn end_unrun(&mut self, id: Id, end: End, place: Place) {
        if self.tasks[id].state != State::Pending {
            return;
        }
        let parent = self.tasks[id].parent.take();
        if let Some(parent) = parent {
            self.let_go(parent);
        }
        self.end(id, end, place);
    }

    /// All that has to do with an end, in its order: its group may stop, it is seen, callbacks are called, a follow-up falls due.
    fn end(&mut self, id: Id, end: End, place: Place) {
        self.tell_group(id, end, place);
        match end {
            End::Value => self.census.completed += 1,
            End::Cancelled => self.census.cancelled += 1,
            _ => self.census.failed += 1,
        }
        self.tasks[id].state = State::Ended(end);
        self.rank(id);
        self.call_back(id, place);
        if let Some(next) = self.tasks[id].follower.take() {
            self.follow(id, next, place);
        }
        self.sweep(id);
    }

    pub(super) fn rank(&mut self, id: Id) {
        self.tasks[id].rank = self.ended;
        self.ended += 1;
    }

    pub(super) fn call_back(&mut self, id: Id, place: Place) {
        while let Some(&action) = self.tasks[id].callbacks.get(self.tasks[id].called) {
            let actor = Actor {
                id,
                part: Part::Callback(self.tasks[id].called),
            };
            self.tasks[id].called += 1;
            if !self.tasks[id].is_quiet {
                self.calls.push(actor);
            }
            self.act(actor, action, place);
        }
    }

    /// The follow-up of a task that has ended.
    pub(super) fn follow(&mut self, id: Id, next: Id, place: Place) {
        if self.end_of(id) != Some(End::Value) {
            if self.tasks[next].state == State::Pending {
                let end = self.end_of(id).expect("it has ended");
                self.tasks[next].parent = None;
                self.tasks[next].origin = self.tasks[id].origin.take();
                self.let_go(id);
                self.end(next, end, place);
            }
            return;
        }
        // Cancelled meanwhile: it takes no room.
        if self.tasks[next].state != State::Pending {
            return;
        }
        let worker_pushes = place == Place::Worker;
        let end = if self.gone && self.busy == 0 {
            End::ShutDown
        } else if self.broken {
            End::Broken
        } else if self.cancels_follow_ups {
            End::Cancelled
        } else if self.closed && !worker_pushes {
            End::ShutDown
        } else {
            return self.adopt(next);
        };
        self.end_unrun(next, end, place);
    }

    pub(super) fn delivery(&self, id: Id) -> Option<Delivery> {
        let origin = self.tasks[id].origin;
        self.end_of(id).map(|end| Delivery { end, origin })
    }

    /// One less may read the outcome.
    pub(super) fn let_go(&mut self, id: Id) {
        self.tasks[id].readers -= 1;
        self.sweep(id);
    }

    /// What nobody can read any more is dropped.
    fn sweep(&mut self, id: Id) {
        let task = &mut self.tasks[id];
        if task.readers > 0 || task.end().is_none() {
            return;
        }
        if let Some(origin) = task.origin.take() {
            self.tasks[origin].made_is_gone = true;
        }
    }

    pub(super) fn cancel(&mut self, id: Id, place: Place) -> bool {
        if self.tasks[id].state == State::Pending {
            self.leave_queue(id);
            self.end_unrun(id, End::Cancelled, place);
        }
        self.end_of(id) == Some(End::Cancelled)
    }

    pub(super) fn request_cancel(&mut self, id: Id, place: Place) -> bool {
        if self.tasks[id].state == State::Running {
            self.tasks[id].asked = true;
            return true;
        }
        self.cancel(id, place)
    }
}
