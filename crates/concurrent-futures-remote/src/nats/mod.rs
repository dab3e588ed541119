//! Calls over NATS JetStream.
//!
//! # The law
//!
//! A queue is two streams of the server, made by whoever comes first ([`setup`]):
//!
//! - *work*: one message for each call, under `cf.<queue>.work.<id>`. Workers pull it, one message for each
//!   free slot and none ahead. It stays in the stream until it is acknowledged, which is when the result is
//!   stored; until then the server gives it to another worker whenever the lease passes without a word.
//! - *state*: one message for each call, under `cf.<queue>.state.<id>`, of which only the last is kept, for an
//!   hour. Each is written by compare-and-set against the sequence number of the one before:
//!
//! ```text
//! nothing ──► claimed (1st worker) ──► claimed (2nd) ──► … ──► result | broken
//!    └──────► cancelled
//! ```
//!
//! From that follows:
//!
//! 1. A call is cancelled only if no worker has claimed it, and then no worker ever will.
//! 2. Of all workers that have had a call, only the one that claimed it last can write its result. What comes
//!    late from a worker that was given up is refused by the server.
//! 3. A death is a claim that has found no result in its time. It is counted in the claim, by whoever takes
//!    over; the server's own count of deliveries is not, since it counts more than deaths. Nobody takes
//!    over from a worker that still gives signs of life.
//! 4. Calls of one key have one id, so one state. A second message of the same id finds the claim of the
//!    first.
//!
//! What has been stored as state the server repeats under `cf.<queue>.heard.<id>`. A client listens to that, which is
//! fast and may lose something; what it has heard nothing of for a lease, or while it was not connected, it
//! looks up in the stream ([`client`]). So nothing has to be acknowledged by clients, and one that comes back, or
//! another one, finds what is there. It does not listen to what workers send, since that may be refused.
//!
//! - [`options`], [`address`], [`link`]: how to reach a server. [`names`]: subjects and streams.
//! - [`js`]: requests to the server. Plain ones, written out here, since helpers for newer servers fail
//!   against old ones.
//! - [`record`]: what the messages hold.
//! - [`client`], [`worker`]: the two sides.

mod address;
mod client;
mod deadline;
mod js;
mod link;
mod names;
mod options;
mod record;
mod setup;
mod worker;

pub use options::ConnectOptions;
pub use worker::{Worker, worker_main};
