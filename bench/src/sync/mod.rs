//! What the workloads and the adapters of peers without futures need.

mod countdown;
mod gate;
mod oneshot;

pub(crate) use countdown::{Countdown, Token};
pub(crate) use gate::Gate;
pub(crate) use oneshot::{Receiver, oneshot};
