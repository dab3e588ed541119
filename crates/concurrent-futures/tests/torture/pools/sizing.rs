//! More workers, fewer workers, and looks at them.

use super::Pool;
use crate::random::Random;
use crate::tally::Event;
use crate::world::World;

const MOST_WORKERS: usize = 5;

impl Pool {
    pub(crate) fn resize(&self, world: &World, random: &mut Random) {
        match random.below(4) {
            0..2 => self.set_max_workers(world, random),
            2 => {
                world.tally.count(Event::Prestarted);
                let wanted = random.below(MOST_WORKERS + 1);
                self.executor.prestart(wanted);
            }
            _ => self.look(world),
        }
    }

    fn set_max_workers(&self, world: &World, random: &mut Random) {
        world.tally.count(Event::Resized);
        let wanted = random.below(MOST_WORKERS + 1);
        let possible = wanted > 0 && wanted >= self.record.min_workers;
        if self.executor.set_max_workers(wanted).is_ok() != possible {
            world.object(format!("a size of {wanted} was answered wrongly"));
        }
    }

    fn look(&self, world: &World) {
        world.tally.count(Event::StatsRead);
        let stats = self.executor.stats();
        let running = self.executor.running_tasks();
        if format!("{stats}{:?}{running:?}", self.executor).is_empty() {
            world.object("a pool has nothing to say of itself".to_owned());
        }
        if self.executor.max_workers() == 0 {
            world.object("a pool of no workers".to_owned());
        }
    }
}
