//! `map` on a pool with a bound, or one that is measured or observed: each item is a task of its own, since
//! each takes its own room, has waited for a time of its own, or has facts of its own.

use super::{Map, intake::Starter};
use crate::{error::MapError, observing::Site, pool::Pool};
use std::sync::Arc;

impl<R, E> Map<R, E> {
    /// Reads all inputs; each submit may wait for room.
    pub(super) fn of_tasks<I, F>(pool: &Arc<Pool>, inputs: I, f: F, site: Site) -> Self
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        F: Fn(I::Item) -> Result<R, E> + Send + Sync + 'static,
        R: Send + 'static,
        E: Send + 'static,
    {
        let mut map = Self::new();
        let starter = Starter::new(f, site);
        for input in inputs {
            map.tasks.push_back(starter.start(pool, input));
            map.left += 1;
        }
        map
    }

    pub(super) fn next_task(&mut self) -> Option<Result<R, MapError<E>>> {
        let future = self.tasks.pop_front()?;
        let index = self.index;
        self.index += 1;
        self.left -= 1;
        Some(match future.result_within(self.limit) {
            Ok(outcome) => outcome.map_err(|error| self.end(MapError::task(index, error))),
            Err(late) => {
                late.cancel();
                Err(self.end(MapError::timed_out(index)))
            }
        })
    }
}
