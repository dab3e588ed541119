//! Ports for servers.

use std::{
    net::TcpListener,
    process,
    sync::atomic::{AtomicU16, Ordering::Relaxed},
};

/// Below those that systems give to who connects: one of these, of a server that was killed and is to come back,
/// could be given to one of its clients meanwhile.
const FIRST: u16 = 18_000;
const PORTS: u16 = 14_000;

/// A port that nobody listens on just now, and that this program has not had before.
pub(super) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Programs that run at the same time begin at different places.
    let begin = process::id().wrapping_mul(97) % u32::from(PORTS);
    let begin = u16::try_from(begin).expect("less than all");
    let port = (0..PORTS).find_map(|_| {
        let port = FIRST + (begin + NEXT.fetch_add(1, Relaxed)) % PORTS;
        TcpListener::bind(("127.0.0.1", port)).ok().map(|_| port)
    });
    port.expect("a port")
}
