use super::{Ambience, Extras, dress::Watch};
use crate::{observing::Site, pool::Pool, token::CancelToken};
use std::{sync::Arc, time::Instant};

/// What is said of a task by whoever submits it.
#[derive(Default)]
pub(crate) struct Wishes {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) token: Option<CancelToken>,
    pub(crate) deadline: Option<Instant>,
}

impl Wishes {
    fn is_empty(&self) -> bool {
        self.name.is_none() && self.token.is_none() && self.deadline.is_none()
    }

    /// With that, what the task inherits from the calling thread, and what its pool gives to it. The task has
    /// come: tells those who observe the pool.
    pub(crate) fn dress(self, pool: &Pool, site: Site) -> Extras {
        let audience = pool.audience();
        let takes_over = !self.is_empty() || !Ambience::is_empty(pool);
        if !takes_over && !pool.measures_wait() && audience.is_none() {
            return Extras::default();
        }
        let mut dress = pool.wardrobe().take();
        if takes_over {
            let name = self.name.as_ref();
            dress.ambience = Ambience::with(self.token, self.deadline, name, pool);
        }
        dress.watch = match audience {
            Some(audience) => Watch::Observed(audience.observe(self.name.clone(), site)),
            None if pool.measures_wait() => Watch::Timed(Instant::now()),
            None => Watch::No,
        };
        dress.name = self.name;
        Extras::of(dress)
    }
}
