//! How many threads a process may have before the standard library gives up.
//!
//! On Linux a process has a limited number of memory mappings (`vm.max_map_count`, mostly 65530), and a
//! thread of the standard library takes four: its stack, the stack for its signals, and a guard page
//! for each. Where a stack finds no room, the start of the thread fails, which a pool can live with.
//! Where the other one finds none, the new thread panics before it comes to any code of its own, and
//! that ends the process. So no worker is started when the mappings may run out.

use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

/// Up to so many of all pools are started without a look at the system.
const FEW: usize = 4096;

/// Threads that were started here and live, of all pools.
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// One of them.
pub(super) struct Place(());

impl Place {
    /// A place for one more thread.
    pub(super) fn take() -> io::Result<Self> {
        let before = LIVE.fetch_add(1, Relaxed);
        let place = Self(());
        if before >= FEW {
            system::check()?;
        }
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Relaxed);
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::{fs, io, sync::OnceLock};

    /// Of the mappings, for threads; the rest is for all else that a process maps.
    fn share(mappings: usize) -> usize {
        const EACH: usize = 4;
        mappings / 8 * 7 / EACH
    }

    /// The most threads, if the system says.
    fn most() -> Option<usize> {
        static MOST: OnceLock<Option<usize>> = OnceLock::new();
        *MOST.get_or_init(|| {
            let text = fs::read_to_string("/proc/sys/vm/max_map_count").ok()?;
            text.trim().parse().ok().map(share)
        })
    }

    /// Those of this process, whoever has started them.
    fn threads() -> Option<usize> {
        let text = fs::read_to_string("/proc/self/status").ok()?;
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("Threads:"))?;
        line.trim().parse().ok()
    }

    pub(super) fn check() -> io::Result<()> {
        match (threads(), most()) {
            (Some(threads), Some(most)) if threads >= most => Err(io::Error::new(
                io::ErrorKind::OutOfMemory,
                format!(
                    "{threads} threads are as many as vm.max_map_count lets a process have safely"
                ),
            )),
            _ => Ok(()),
        }
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn the_most_is_a_share_of_the_mappings() {
            let text = std::fs::read_to_string("/proc/sys/vm/max_map_count");
            let mappings = text.ok().and_then(|text| text.trim().parse().ok());
            assert_eq!(super::most(), mappings.map(super::share));
        }

        #[test]
        fn the_system_says_how_many_there_are_and_may_be() {
            assert!(super::threads().is_some_and(|threads| threads > 0));
            assert!(super::most().is_some_and(|most| most > 0));
            assert_eq!(super::share(65_530), 14_334);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    /// No such limit is known.
    pub(super) fn check() -> std::io::Result<()> {
        Ok(())
    }
}
