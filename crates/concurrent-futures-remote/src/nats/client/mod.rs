//! The side that calls.
//!
//! One thread with a runtime of its own speaks to the server, for all calls of an executor. Outcomes are handed
//! to a pool, where callbacks run; so no code of the user ever runs on that thread.
//!
//! - [`desk`]: the calls that have not ended, as this side knows them.
//! - [`order`]: handing a call to the server. [`outage`]: how long that is tried.
//! - [`hear`]: what the server says by itself. [`look`]: asking it.
//! - [`cancel`]: taking a call back.

mod cancel;
mod desk;
mod hear;
mod look;
mod order;
mod outage;

use super::{link::Link, options::ConnectOptions, setup, setup::Terms};
use crate::{Executor, id::Ids};
use concurrent_futures::{
    ThreadPoolExecutor,
    remote::{Backend, Call, CallError, Outcome, Reply},
};
use desk::{Desk, Entered};
use outage::Outage;
use std::{
    sync::{Arc, mpsc::sync_channel},
    thread,
    time::Duration,
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::Instant,
};

impl Executor {
    /// Runs tasks on the workers of the queue `default` of a NATS server, or of several, whose URLs are
    /// separated by commas.
    ///
    /// Blocks until the server has answered, for 5 seconds at most. Workers need not be there yet.
    ///
    /// # Errors
    ///
    /// [`CallError::Unavailable`] if it has not answered in that time, or has no JetStream; [`CallError::Refused`] if
    /// it does not let us in.
    ///
    /// ```no_run
    /// use concurrent_futures_remote::{Executor, Task};
    ///
    /// static LENGTH: Task<String, usize> = Task::new("length@1");
    /// let executor = Executor::connect("nats://127.0.0.1:4222")?;
    /// println!("{}", executor.submit(&LENGTH, "seven..".to_owned()).result()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn connect(url: &str) -> Result<Self, CallError> {
        Self::connect_with(ConnectOptions::new(url))
    }

    /// As [`connect`](Self::connect), with more to be said.
    ///
    /// # Errors
    ///
    /// As `connect`.
    pub fn connect_with(options: ConnectOptions) -> Result<Self, CallError> {
        let pool = ThreadPoolExecutor::builder()
            .thread_name_prefix("nats-reply")
            .build()
            .map_err(|error| CallError::Refused(error.to_string()))?;
        let ids = Ids::new();
        let backend = Nats::connect(options, &ids.client, pool.clone())?;
        Ok(Self::assemble(Arc::new(backend), pool, ids))
    }
}

/// What this side shares with its thread.
pub(crate) struct Client {
    link: Link,
    terms: Terms,
    submit_timeout: Duration,
    /// The first part of the ids of our own calls.
    name: String,
    max_payload: usize,
    /// Where replies are sent from.
    pool: ThreadPoolExecutor,
    desk: Desk,
    outage: Outage,
}

/// What the thread is asked for.
enum Request {
    /// Call somebody else's id, or one with a key.
    Join(String),
    /// Take a call back; the answer is those who are to be told that it is cancelled.
    Cancel(String, std::sync::mpsc::SyncSender<Vec<Reply>>),
}

struct Nats {
    client: Arc<Client>,
    orders: UnboundedSender<(String, Instant)>,
    requests: UnboundedSender<Request>,
}

impl Nats {
    fn connect(
        options: ConnectOptions,
        name: &str,
        pool: ThreadPoolExecutor,
    ) -> Result<Self, CallError> {
        let (tell, told) = sync_channel(1);
        let (orders, new_orders) = unbounded_channel();
        let (requests, new_requests) = unbounded_channel();
        let name = name.to_owned();
        let serve = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let runtime = match runtime {
                Ok(runtime) => runtime,
                Err(error) => {
                    let _ = tell.send(Err(CallError::Refused(error.to_string())));
                    return;
                }
            };
            runtime.block_on(async {
                match Client::connect(options, name, pool).await {
                    Ok(client) => {
                        let client = Arc::new(client);
                        if tell.send(Ok(Arc::clone(&client))).is_ok() {
                            client.serve(new_orders, new_requests).await;
                        }
                    }
                    Err(error) => {
                        let _ = tell.send(Err(error));
                    }
                }
            });
        };
        thread::Builder::new()
            .name("nats-client".to_owned())
            .spawn(serve)
            .map_err(|error| CallError::Refused(error.to_string()))?;
        let client = told.recv().unwrap_or(Err(CallError::Lost))?;
        Ok(Self {
            client,
            orders,
            requests,
        })
    }
}

impl Client {
    async fn connect(
        options: ConnectOptions,
        name: String,
        pool: ThreadPoolExecutor,
    ) -> Result<Self, CallError> {
        let (link, terms) = setup::open(&options, &format!("client {name}")).await?;
        let max_payload = link.js.client.max_payload();
        Ok(Self {
            link,
            terms,
            submit_timeout: options.submit_timeout,
            name,
            max_payload,
            pool,
            desk: Desk::default(),
            outage: Outage::default(),
        })
    }

    /// Until nobody can ask for anything any more.
    async fn serve(
        self: Arc<Self>,
        orders: UnboundedReceiver<(String, Instant)>,
        mut requests: UnboundedReceiver<Request>,
    ) {
        let own = self.link.names.heard_of_client(&self.name);
        // Before the first order, so that nothing is missed.
        match self.link.js.client.subscribe(own).await {
            Ok(states) => drop(tokio::spawn(Arc::clone(&self).hear(states))),
            Err(error) => log::error!(target: "concurrent_futures", "NATS: {error}"),
        }
        tokio::spawn(Arc::clone(&self).place_orders(orders));
        tokio::spawn(Arc::clone(&self).look_after_calls());
        while let Some(request) = requests.recv().await {
            match request {
                Request::Join(id) => drop(tokio::spawn(Arc::clone(&self).join(id))),
                Request::Cancel(id, answer) => {
                    drop(tokio::spawn(Arc::clone(&self).cancel(id, answer)));
                }
            }
        }
    }

    /// Sends replies from the pool, where their callbacks may take their time.
    fn reply(
        &self,
        replies: Vec<Reply>,
        outcome: Outcome,
        run: Option<concurrent_futures::remote::Run>,
    ) {
        let send = move || {
            for reply in replies {
                match run.clone() {
                    Some(run) => reply.send_run(outcome.clone(), run),
                    None => reply.send(outcome.clone()),
                }
            }
        };
        drop(self.pool.submit(send));
    }

    /// The call has ended; the first who says so is heard.
    fn finish(&self, id: &str, outcome: Outcome, run: Option<concurrent_futures::remote::Run>) {
        if let Some(entry) = self.desk.take(id) {
            self.reply(entry.replies, outcome, run);
        }
    }

    /// Whether what becomes of the call is heard without asking.
    fn is_own(&self, id: &str) -> bool {
        id.strip_prefix(&*self.name)
            .is_some_and(|rest| rest.starts_with('.'))
    }
}

impl Backend for Nats {
    fn start(&self, call: Call, reply: Reply) {
        let id = call.id.clone();
        let size = call.arguments.len();
        let message = order::message(&call);
        if message.len() > self.client.max_payload {
            return reply.send(Outcome::Refused(CallError::TooLarge {
                size,
                limit: self.client.max_payload - (message.len() - size),
            }));
        }
        match self
            .client
            .desk
            .enter(&id, reply, Some((message, call.attempts)))
        {
            // Nobody takes them if the thread has gone with its runtime, which it does after us.
            Entered::New if self.client.is_own(&id) => {
                drop(self.orders.send((id, Instant::now())));
            }
            Entered::New => drop(self.requests.send(Request::Join(id))),
            Entered::Joined => {}
            Entered::Closed(reply) => reply.send(Outcome::Refused(CallError::Closed)),
        }
    }

    fn attach(&self, id: &str, reply: Reply) {
        match self.client.desk.enter(id, reply, None) {
            Entered::New => drop(self.requests.send(Request::Join(id.to_owned()))),
            Entered::Joined => {}
            Entered::Closed(reply) => reply.send(Outcome::Refused(CallError::Closed)),
        }
    }

    fn revoke(&self, id: &str) {
        // One that is known to run need not be asked for.
        if !self.client.desk.may_be_cancelled(id) {
            return;
        }
        let (answer, answered) = sync_channel(1);
        let request = Request::Cancel(id.to_owned(), answer);
        if self.requests.send(request).is_err() {
            return;
        }
        for reply in answered.recv().unwrap_or_default() {
            reply.send(Outcome::Cancelled);
        }
    }

    fn close(&self) {
        for reply in self.client.desk.close() {
            reply.send(Outcome::Refused(CallError::Closed));
        }
    }
}
