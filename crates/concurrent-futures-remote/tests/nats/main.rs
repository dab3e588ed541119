//! Remote calls over a real server, with workers that are processes of their own: this program, run again.
//!
//! Without `nats-server` nothing is tested, which is said loudly, and is a failure if `REQUIRE_NATS=1`.

mod support;

mod attaching;
mod cancelling;
mod clusters;
mod credentials;
mod deaths;
mod defaults;
mod happy;
mod keys;
mod limits;
mod observers;
mod outages;
mod program;
mod tenants;
mod tls;
