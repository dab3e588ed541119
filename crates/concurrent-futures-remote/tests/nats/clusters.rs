//! Three servers that store everything three times.

use crate::support::prelude::*;
use concurrent_futures::remote::CallError;
use concurrent_futures_remote::Executor;
use std::time::Duration;

#[test]
fn one_of_three_servers_may_be_killed() {
    with_time(|| {
        let mut servers = Server::cluster();
        let url = servers
            .iter()
            .map(Server::url)
            .collect::<Vec<_>>()
            .join(",");
        let executor = loop {
            let options = servers[0]
                .options()
                .replicas(3)
                .submit_timeout(Duration::from_secs(60));
            match Executor::connect_with(options.url(&url)) {
                Ok(executor) => break executor,
                // Until they have found a leader.
                Err(CallError::Unavailable { .. } | CallError::Refused(_)) => {}
                Err(error) => panic!("{error}"),
            }
        };
        let log = servers[0].log();
        let _workers = [Worker::at(&url, 2), Worker::at(&url, 2)];
        assert_eq!(executor.submit(&DOUBLE, 1).result().unwrap(), 2);
        for server in &mut servers {
            let futures: Vec<_> = (0..60)
                .map(|n| executor.submit(&NAP, (log.clone(), n, 5)))
                .collect();
            let before = log.words().len();
            until("they are at work", || log.words().len() > before + 5);
            server.kill();
            for (n, future) in futures.into_iter().enumerate() {
                assert_eq!(future.result().unwrap(), n as u64);
            }
            server.go_on();
            until("it has caught up", || server.is_well());
        }
        assert_eq!(executor.stats().completed, 181);
    });
}
