//! Maps of each style.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use concurrent_futures::{
    BufferedUnordered, Map, MapBuffered, MapError, MapUnordered, ThreadPoolExecutor,
};

use super::facts::{Made, delivery_of_owned};
use super::futures::limit_of;
use super::{Driver, Stage, lock};
use crate::checker::command::{Delivery, NextOfMap, Submission};
use crate::checker::program::{Limit, Order, Style};

/// The input of a map: what the reference says will be read.
pub(crate) struct Inputs {
    stage: Arc<Stage>,
    due: Arc<Mutex<VecDeque<Submission>>>,
    left: usize,
}

type Work = Box<dyn FnOnce() -> Result<Made, Made> + Send>;

impl Iterator for Inputs {
    type Item = Work;

    fn next(&mut self) -> Option<Work> {
        self.left = self.left.checked_sub(1)?;
        let Some(item) = lock(&self.due).pop_front() else {
            self.stage
                .object("a map has read more than it is to".to_owned());
            self.left = 0;
            return None;
        };
        Some(Box::new(self.stage.work(&item)))
    }
}

enum AnyMap {
    Eager(Map<Made, Made>),
    Unordered(MapUnordered<Made, Made>),
    Buffered(MapBuffered<Inputs, Made, Made>),
    BufferedUnordered(BufferedUnordered<Inputs, Made, Made>),
}

impl AnyMap {
    fn next(&mut self) -> Option<Result<Made, MapError<Made>>> {
        match self {
            Self::Eager(map) => map.next(),
            Self::Unordered(map) => map.next(),
            Self::Buffered(map) => map.next(),
            Self::BufferedUnordered(map) => map.next(),
        }
    }
}

pub(super) struct Results {
    map: AnyMap,
    due: Arc<Mutex<VecDeque<Submission>>>,
}

impl Results {
    fn next(&mut self) -> NextOfMap {
        match self.map.next() {
            None => NextOfMap::IsOver,
            Some(Ok(made)) => NextOfMap::Gives(delivery_of_owned(Ok(made)), None),
            Some(Err(error)) => {
                let index = error.index();
                match error.into_task_error() {
                    Some(error) => NextOfMap::Gives(delivery_of_owned(Err(error)), Some(index)),
                    None => NextOfMap::TimesOut(index),
                }
            }
        }
    }

    fn unordered(self) -> Self {
        let map = match self.map {
            AnyMap::Buffered(map) => AnyMap::BufferedUnordered(map.unordered()),
            other => other,
        };
        Self { map, ..self }
    }
}

impl Stage {
    fn begin_map(
        self: &Arc<Self>,
        pool: &ThreadPoolExecutor,
        (style, limit): (Style, Limit),
        inputs: usize,
        items: &[Submission],
    ) -> Results {
        let due = Arc::new(Mutex::new(items.iter().copied().collect()));
        let read = Inputs {
            stage: Arc::clone(self),
            due: Arc::clone(&due),
            left: inputs,
        };
        let (limit, run) = (limit_of(limit), |work: Work| work());
        let map = match (style.order, style.buffer) {
            (Order::Input, None) => AnyMap::Eager(pool.try_map(read, run).timeout(limit)),
            (Order::Completion, None) => {
                AnyMap::Unordered(pool.try_map_unordered(read, run).timeout(limit))
            }
            (Order::Input, Some(buffer)) => {
                AnyMap::Buffered(pool.try_map_buffered(buffer, read, run).timeout(limit))
            }
            (Order::Completion, Some(buffer)) => {
                let map = pool.try_map_buffered(buffer, read, run);
                AnyMap::BufferedUnordered(map.unordered().timeout(limit))
            }
        };
        Results { map, due }
    }

    fn expect_all_read(&self, results: &Results) {
        let left = lock(&results.due).len();
        self.expect("inputs that a map has not read", &0, &left);
    }

    /// As a task does: all results at once.
    pub(super) fn map_inside(
        self: &Arc<Self>,
        pool: &ThreadPoolExecutor,
        style: Style,
        inputs: usize,
        items: &[Submission],
        results: &[Delivery],
    ) {
        let mut map = self.begin_map(pool, (style, Limit::Max), inputs, items);
        let mut seen = Vec::new();
        loop {
            match map.next() {
                NextOfMap::Gives(delivery, _) => seen.push(delivery),
                NextOfMap::TimesOut(index) => {
                    self.object(format!("item {index} times out without a limit"));
                }
                NextOfMap::IsOver => break,
            }
        }
        let mut expected = results.to_vec();
        if style.order == Order::Completion {
            // Which of them comes first is chance.
            expected.sort();
            seen.sort();
        }
        self.expect("results of a map", &expected, &seen);
        self.expect_all_read(&map);
    }
}

impl Driver {
    pub(super) fn map(&mut self, style: Style, limit: Limit, inputs: usize, items: &[Submission]) {
        let Some(pool) = self.stage.pool() else {
            return;
        };
        let map = self.stage.begin_map(&pool, (style, limit), inputs, items);
        self.stage.expect_all_read(&map);
        self.maps.push(map);
    }

    pub(super) fn next_of_map(&mut self, place: usize, items: Vec<Submission>, next: NextOfMap) {
        let map = &mut self.maps[place];
        lock(&map.due).extend(items);
        let seen = map.next();
        self.stage.expect("the next of a map", &next, &seen);
        self.stage.expect_all_read(&self.maps[place]);
    }

    pub(super) fn unorder_map(&mut self, place: usize) {
        let map = self.maps.remove(place).unordered();
        self.maps.insert(place, map);
    }
}
