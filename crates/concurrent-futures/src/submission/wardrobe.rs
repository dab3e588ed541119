//! Keeps the boxes of dresses for their next use.
//!
//! A dress is made by the thread that submits and put away by a worker, and an allocator is slow with memory
//! that goes from thread to thread all the time. So workers collect what they have taken off, and hand it
//! back together.

#![allow(clippy::vec_box, clippy::unnecessary_box_returns)] // it is the boxes that are kept

use super::dress::Dress;
use std::{
    mem,
    sync::{Mutex, MutexGuard, TryLockError},
};

/// Of one pool. In cache lines of its own, since workers look at what lies beside it.
#[derive(Default)]
#[repr(align(128))]
pub(crate) struct Wardrobe(Mutex<Racks>);

#[derive(Default)]
struct Racks {
    open: Vec<Box<Dress>>,
    full: Vec<Vec<Box<Dress>>>,
}

/// What a worker has taken off.
#[derive(Default)]
pub(crate) struct TakenOff(Vec<Box<Dress>>);

/// So many are handed back together.
const RACK: usize = 64;
/// What is more goes: about 128 KiB are kept.
const RACKS: usize = 16;

impl Wardrobe {
    /// An empty one.
    #[inline]
    pub(super) fn take(&self) -> Box<Dress> {
        self.try_lock()
            .and_then(|mut racks| racks.take())
            .unwrap_or_default()
    }

    /// Nobody waits for somebody else here: to allocate is quicker.
    fn try_lock(&self) -> Option<MutexGuard<'_, Racks>> {
        match self.0.try_lock() {
            Ok(racks) => Some(racks),
            Err(TryLockError::Poisoned(racks)) => Some(racks.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl Racks {
    #[inline]
    fn take(&mut self) -> Option<Box<Dress>> {
        self.open.pop().or_else(|| {
            self.open = self.full.pop()?;
            self.open.pop()
        })
    }
}

impl TakenOff {
    /// Empties a dress and keeps its box.
    #[inline]
    pub(crate) fn add(&mut self, mut dress: Box<Dress>, wardrobe: &Wardrobe) {
        dress.empty();
        self.0.push(dress);
        if self.0.len() == RACK {
            self.hand_back(wardrobe);
        }
    }

    #[cold]
    fn hand_back(&mut self, wardrobe: &Wardrobe) {
        let rack = mem::replace(&mut self.0, Vec::with_capacity(RACK));
        if let Some(mut racks) = wardrobe.try_lock() {
            if racks.full.len() < RACKS {
                racks.full.push(rack);
            }
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{RACK, RACKS, TakenOff, Wardrobe};
    use std::collections::HashSet;

    #[test]
    fn a_rack_of_dresses_is_worn_again() {
        let (wardrobe, mut taken_off) = (Wardrobe::default(), TakenOff::default());
        let dresses: Vec<_> = (0..RACK).map(|_| wardrobe.take()).collect();
        let places: HashSet<_> = dresses.iter().map(|dress| &raw const **dress).collect();
        for mut dress in dresses {
            dress.name = Some("worn".into());
            taken_off.add(dress, &wardrobe);
        }
        let again: Vec<_> = (0..RACK).map(|_| wardrobe.take()).collect();
        assert!(again.iter().all(|dress| dress.name.is_none()));
        assert!(
            again
                .iter()
                .all(|dress| places.contains(&(&raw const **dress)))
        );
    }

    #[test]
    fn no_more_is_kept_than_there_are_racks() {
        let (wardrobe, mut taken_off) = (Wardrobe::default(), TakenOff::default());
        for _ in 0..3 * RACKS * RACK {
            taken_off.add(Box::default(), &wardrobe);
        }
        assert_eq!(wardrobe.0.lock().unwrap().full.len(), RACKS);
    }
}
