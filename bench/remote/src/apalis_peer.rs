//! apalis on Redis. Its worker runs in this process and says by a channel that a task has run, which spares
//! it the way of the result back over the network: it is measured too well rather than too badly.

use crate::{
    sample::{bulk, round_trips},
    server::Server,
};
use apalis::prelude::*;
use apalis_redis::{Config, RedisStorage};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Empty {
    number: usize,
}

async fn run(task: Empty, done: Data<UnboundedSender<usize>>) -> Result<(), BoxDynError> {
    let _ = done.send(task.number);
    Ok(())
}

/// With a log of all writes, brought to the disk each second; JetStream does so each two minutes.
pub(crate) fn measure() {
    let server = Server::start("redis-server", |port, folder| {
        let words = [
            "--bind",
            "127.0.0.1",
            "--port",
            &port.to_string(),
            "--dir",
            folder,
            "--appendonly",
            "yes",
            "--appendfsync",
            "everysec",
        ];
        words.map(str::to_owned).into()
    });
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (done, mut told) = unbounded_channel::<usize>();
    let url = format!("redis://127.0.0.1:{}", server.port);
    let connection = runtime
        .block_on(apalis_redis::connect(url))
        .expect("the server is there");
    let mut config = Config::default().queue("empty");
    config.batch_size = 100;
    let mut storage = RedisStorage::<Empty>::new(connection).with_config(config);
    let worker = WorkerBuilder::new("worker")
        .backend(storage.clone())
        .data(done)
        .build(run);
    runtime.spawn(worker.run());
    let mut call = |number| {
        runtime.block_on(async {
            storage.push(Empty { number }).await.expect("it is queued");
            told.recv().await.expect("it has run");
        });
    };
    (0..100).for_each(&mut call);
    round_trips("apalis on Redis", call);
    bulk("apalis on Redis", |calls| {
        runtime.block_on(async {
            for number in 0..calls {
                storage.push(Empty { number }).await.expect("it is queued");
            }
            for _ in 0..calls {
                told.recv().await.expect("it has run");
            }
        });
    });
}
