//! Remote calls over a real server, with workers that are processes of their own: this program, run again.
//!
//! Without `nats-server` nothing is tested, which is said loudly, and is a failure if `REQUIRE_NATS=1`.

mod support;

mod attaching;
mod cancelling;
mod clusters;
mod deaths;
mod happy;
mod keys;
mod limits;
mod outages;
mod tenants;
