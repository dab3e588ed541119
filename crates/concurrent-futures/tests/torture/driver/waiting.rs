//! Waits for several futures, and iterations over them.

use std::time::Duration;

use concurrent_futures::{ReturnWhen, Waitable, as_completed, wait, wait_timeout};

use super::{Driver, Held};
use crate::tally::Event;
use crate::tasks::{Draw, try_submit};

impl Driver {
    pub(super) fn wait_for_some(&mut self) {
        let return_when = ReturnWhen::draw(&mut self.random);
        let wanted = self.random.below(self.held.len() + 1);
        let timed = self.random.percent(50);
        let limit = if timed {
            self.random.limit()
        } else {
            Duration::MAX
        };
        let numbered = self.held[..wanted].iter().map(Held::waitable).enumerate();
        let (done, not_done) = if timed {
            self.world.tally.count(Event::TimedWait);
            wait_timeout(numbered, return_when, limit)
        } else {
            self.world.tally.count(Event::Wait);
            wait(numbered, return_when)
        };
        let sorted = |half: &[(usize, &dyn Waitable)]| half.is_sorted_by_key(|(number, _)| *number);
        let complaint = if done.len() + not_done.len() != wanted {
            Some("a wait lost a future")
        } else if !sorted(&done) || !sorted(&not_done) {
            Some("a wait changed the order of its futures")
        } else if !done.iter().all(|(number, _)| self.held[*number].done()) {
            Some("a wait took an unfinished future for done")
        } else if limit == Duration::MAX
            && return_when == ReturnWhen::AllCompleted
            && !not_done.is_empty()
        {
            Some("a wait for all returned early")
        } else if limit == Duration::MAX && wanted > 0 && done.is_empty() {
            Some("a wait for one returned with none")
        } else {
            None
        };
        if let Some(complaint) = complaint {
            self.world.object(complaint.to_owned());
        }
    }

    pub(super) fn take_as_completed(&mut self) {
        self.world.tally.count(Event::AsCompleted);
        let mut late = None;
        if self.random.percent(30) {
            self.with_pool(|driver, pool| {
                late = Some(Held::Fallible(try_submit(
                    &driver.world,
                    pool,
                    &mut driver.random,
                    0,
                )));
            });
        }
        let newest = self.held.len() / 2;
        self.iterate(newest, late.as_ref());
        self.held.extend(late);
    }

    /// Takes the futures from this position on, and one that comes late, as they complete.
    fn iterate(&mut self, position: usize, late: Option<&Held>) {
        let futures = &self.held[position..];
        let mut iteration = as_completed(futures.iter().map(Held::waitable).enumerate());
        if let Some(late) = late {
            iteration.push((futures.len(), late.waitable()));
        }
        let all: Vec<&Held> = futures.iter().chain(late).collect();
        let mut seen = vec![0; all.len()];
        let mut wanted = all.len();
        if self.random.percent(25) {
            let mut timed = iteration.timeout(self.random.short_limit());
            while let Some(Ok((number, _))) = timed.next() {
                seen[number] += 1;
            }
            for (number, _) in timed.into_pending() {
                seen[number] += 1;
            }
        } else {
            if self.random.percent(30) {
                self.world.tally.count(Event::AsCompletedLeft);
                wanted /= 2;
            }
            for (number, _) in iteration.by_ref().take(wanted) {
                seen[number] += 1;
                if !all[number].done() {
                    let complaint = "as_completed gave an unfinished future";
                    self.world.object(complaint.to_owned());
                }
            }
            if wanted == all.len() && iteration.next().is_some() {
                let complaint = "as_completed gave more than it was given";
                self.world.object(complaint.to_owned());
            }
        }
        if seen.iter().any(|&times| times > 1) || seen.iter().sum::<usize>() != wanted {
            self.world.object(format!(
                "as_completed gave {seen:?} instead of {wanted} futures once"
            ));
        }
    }
}
