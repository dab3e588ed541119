//! Which call.

use std::{
    fmt::Write,
    hash::{BuildHasher, Hasher, RandomState},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// Gives out ids that nobody else gives out.
pub(crate) struct Ids {
    /// Random, so that no two executors of whatever machines have the same.
    pub(crate) client: String,
    next: AtomicU64,
}

impl Ids {
    pub(crate) fn new() -> Self {
        Self {
            client: random(),
            next: AtomicU64::new(1),
        }
    }

    pub(crate) fn next(&self) -> String {
        format!("{}.{}", self.client, self.next.fetch_add(1, Relaxed))
    }
}

/// Sixteen random digits.
pub(crate) fn random() -> String {
    // The standard library seeds each with random numbers of the system.
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

/// The id of all calls with this key: `k.` and the key in hexadecimal, so that it may have any characters.
pub(crate) fn of_key(key: &str) -> String {
    let mut id = String::with_capacity(2 + 2 * key.len());
    id.push_str("k.");
    for byte in key.bytes() {
        let _ = write!(id, "{byte:02x}");
    }
    id
}

/// The longest key, in bytes.
pub(crate) const LONGEST_KEY: usize = 256;

/// Whether it is one that was given out, as far as can be seen from its form.
pub(crate) fn is_valid(id: &str) -> bool {
    let Some((client, number)) = id.split_once('.') else {
        return false;
    };
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    id.len() <= 2 * LONGEST_KEY + 2 && plain(client) && plain(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_are_valid() {
        let (one, other) = (Ids::new(), Ids::new());
        assert_ne!(one.client, other.client);
        assert_ne!(one.next(), one.next());
        assert!(is_valid(&one.next()));
    }

    #[test]
    fn keys_may_have_any_characters() {
        assert_eq!(of_key("a.*>"), "k.612e2a3e");
        assert!(is_valid(&of_key("photo of Zoë, 3 > 2")) && is_valid(&of_key("x")));
    }

    #[test]
    fn what_would_match_more_than_one_is_no_id() {
        for id in ["", "a", "a.", ".1", "a.*", "a.>", "a.b.c", "a b.1", "*.1"] {
            assert!(!is_valid(id), "{id}");
        }
    }
}
