use crate::{
    sample::{bulk, round_trips},
    server::Server,
};
use concurrent_futures::{ReturnWhen, wait};
use concurrent_futures_remote::{Executor, Registry, Task};
use std::{
    env,
    process::{Child, Command, Stdio},
};

static EMPTY: Task<(), ()> = Task::new("empty@1");

/// So many tasks run at a time.
const SLOTS: &str = "16";

pub(crate) fn registry() -> Registry {
    Registry::new().add(&EMPTY, |()| ())
}

struct Worker(Child);

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn measure() {
    let server = Server::start("nats-server", |port, folder| {
        let words = [
            "-a",
            "127.0.0.1",
            "-p",
            &port.to_string(),
            "-js",
            "-sd",
            folder,
        ];
        words.map(str::to_owned).into()
    });
    let url = format!("nats://127.0.0.1:{}", server.port);
    let executor = Executor::connect(&url).expect("the server is there");
    let _worker = Worker(
        Command::new(env::current_exe().expect("this program"))
            .args(["worker", "--connect", &url, "--slots", SLOTS])
            .stderr(Stdio::null())
            .spawn()
            .expect("a worker"),
    );
    let call = |_| executor.submit(&EMPTY, ()).result().expect("a result");
    (0..100).for_each(call);
    round_trips("NATS JetStream", call);
    bulk("NATS JetStream", |calls| {
        let futures: Vec<_> = (0..calls).map(|_| executor.submit(&EMPTY, ())).collect();
        wait(&futures, ReturnWhen::AllCompleted);
    });
    println!("{}", executor.stats());
}
