//! The server's time. Those of two machines may differ; all who compare times compare the server's.

use std::{
    sync::atomic::{AtomicI64, Ordering::Relaxed},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// How far the server's clock is ahead of ours, in nanoseconds.
#[derive(Default)]
pub(super) struct Clock(AtomicI64);

fn here() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

impl Clock {
    /// It was this time at the server about now.
    pub(super) fn set(&self, server: Duration) {
        let ahead = |a: Duration, b: Duration| {
            i64::try_from(a.saturating_sub(b).as_nanos()).unwrap_or(i64::MAX)
        };
        let here = here();
        self.0
            .store(ahead(server, here) - ahead(here, server), Relaxed);
    }

    /// The time since 1970.
    pub(super) fn now(&self) -> Duration {
        let ahead = self.0.load(Relaxed);
        let by = Duration::from_nanos(ahead.unsigned_abs());
        if ahead < 0 {
            here().saturating_sub(by)
        } else {
            here() + by
        }
    }
}

/// Reads `2026-01-31T12:00:00.123456789Z`, as the server writes the time, as the time since 1970.
pub(super) fn read(text: &str) -> Option<Duration> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.splitn(3, '-').map(str::parse::<u64>);
    let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut time = time.splitn(3, ':').map(str::parse::<u64>);
    let (hour, minute, second) = (time.next()?.ok()?, time.next()?.ok()?, time.next()?.ok()?);
    if !(1970..10_000).contains(&year) || !(1..=12).contains(&month) || fraction.len() > 9 {
        return None;
    }
    let nanos: u64 = match fraction {
        "" => 0,
        digits => format!("{digits:0<9}").parse().ok()?,
    };
    let seconds =
        ((days(year, month) + day.checked_sub(1)?) * 24 + hour) * 3600 + minute * 60 + second;
    Some(Duration::from_secs(seconds) + Duration::from_nanos(nanos))
}

/// From 1970 to the first of a month.
fn days(year: u64, month: u64) -> u64 {
    // Years from March on, so that the odd day is the last one.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let before_year = year * 365 + year / 4 - year / 100 + year / 400;
    let before_month = (153 * month + 2) / 5;
    // The first of March of the year 0 was so many days before 1970.
    before_year + before_month - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, nanos) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00:01.5Z", 1_500_000_000),
            ("2000-02-29T12:00:00Z", 951_825_600_000_000_000),
            ("2000-03-01T00:00:00Z", 951_868_800_000_000_000),
            ("2026-11-21T22:17:03.123456789Z", 1_795_299_423_123_456_789),
        ] {
            assert_eq!(read(text), Some(Duration::from_nanos(nanos)), "{text}");
        }
    }

    #[test]
    fn nonsense_is_not() {
        for text in [
            "",
            "now",
            "2026-11-21",
            "2026-13-01T00:00:00Z",
            "2026-11-00T00:00:00Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_server_may_be_ahead_or_behind() {
        let clock = Clock::default();
        for server in [
            here() + Duration::from_secs(100),
            here().saturating_sub(Duration::from_secs(100)),
        ] {
            clock.set(server);
            let now = clock.now();
            assert!(now >= server && now < server + Duration::from_secs(50));
        }
    }
}
