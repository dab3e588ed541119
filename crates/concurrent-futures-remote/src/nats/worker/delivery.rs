//! A message of work, as it was delivered.

use async_nats::Message;
use bytes::Bytes;
use std::time::Duration;

pub(super) struct Delivery {
    pub(super) subject: String,
    pub(super) payload: Bytes,
    /// Where to answer.
    pub(super) reply: String,
    /// Its number in the stream.
    pub(super) order: u64,
    /// How often it was delivered, this time included.
    pub(super) delivered: u64,
    /// When it was stored, by the server's clock, since 1970.
    pub(super) stored: Duration,
}

impl Delivery {
    /// None if it is no message of a consumer.
    pub(super) fn of(message: Message) -> Option<Self> {
        let reply = message.reply?.to_string();
        let Facts {
            order,
            delivered,
            stored,
        } = Facts::in_reply(&reply)?;
        Some(Self {
            subject: message.subject.to_string(),
            payload: message.payload,
            reply,
            order,
            delivered,
            stored,
        })
    }
}

#[derive(Debug, PartialEq)]
struct Facts {
    order: u64,
    delivered: u64,
    stored: Duration,
}

impl Facts {
    /// The server writes them into the subject of the reply, as
    /// `$JS.ACK.<stream>.<consumer>.<delivered>.<in stream>.<in consumer>.<time>.<pending>`; newer servers put
    /// a domain and an account before the stream, and may put more at the end.
    fn in_reply(reply: &str) -> Option<Self> {
        let rest = reply.strip_prefix("$JS.ACK.")?;
        let parts: Vec<_> = rest.split('.').collect();
        let first = if parts.len() == 7 { 2 } else { 4 };
        let number = |place: usize| parts.get(first + place)?.parse().ok();
        Some(Self {
            delivered: number(0)?,
            order: number(1)?,
            stored: Duration::from_nanos(number(3)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let facts = Facts {
            order: 17,
            delivered: 2,
            stored: Duration::from_nanos(1_600_000_000_000_000_001),
        };
        for reply in [
            "$JS.ACK.WORK.workers.2.17.5.1600000000000000001.3",
            "$JS.ACK.hub.ACCOUNT.WORK.workers.2.17.5.1600000000000000001.3",
            "$JS.ACK.hub.ACCOUNT.WORK.workers.2.17.5.1600000000000000001.3.token",
        ] {
            assert_eq!(Facts::in_reply(reply).as_ref(), Some(&facts), "{reply}");
        }
    }

    #[test]
    fn others_are_not() {
        for reply in ["", "_INBOX.1", "$JS.ACK.", "$JS.ACK.a.b.c.d.e.f.g"] {
            assert_eq!(Facts::in_reply(reply), None);
        }
    }
}
