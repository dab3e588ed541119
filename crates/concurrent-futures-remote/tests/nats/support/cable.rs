//! A connection that can be cut while both ends live.

use super::ports::free_port;
use std::{
    io,
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// What connects to its port is connected to another one, as long as it is not cut.
pub(crate) struct Cable {
    port: u16,
    wires: Arc<Mutex<Wires>>,
}

#[derive(Default)]
struct Wires {
    cut: bool,
    ends: Vec<TcpStream>,
}

impl Cable {
    pub(crate) fn to(port: u16) -> Self {
        let own = free_port();
        let listener = TcpListener::bind(("127.0.0.1", own)).expect("a port");
        let wires = Arc::<Mutex<Wires>>::default();
        let shared = Arc::clone(&wires);
        // It ends with the program.
        thread::spawn(move || {
            for end in listener.incoming().map_while(Result::ok) {
                // Else it is closed again.
                let _ = shared.lock().expect("wires").join(end, port);
            }
        });
        Self { port: own, wires }
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub(crate) fn cut(&self) {
        let mut wires = self.wires.lock().expect("wires");
        wires.cut = true;
        for end in wires.ends.drain(..) {
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    pub(crate) fn mend(&self) {
        self.wires.lock().expect("wires").cut = false;
    }
}

impl Wires {
    fn join(&mut self, near: TcpStream, port: u16) -> io::Result<()> {
        if self.cut {
            return Ok(());
        }
        let far = TcpStream::connect(("127.0.0.1", port))?;
        for (from, to) in [(&near, &far), (&far, &near)] {
            let (mut from, mut to) = (from.try_clone()?, to.try_clone()?);
            thread::spawn(move || {
                let _ = io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Both);
            });
        }
        self.ends.extend([near, far]);
        Ok(())
    }
}
