//! Numbers for people: the one place where they become words.

use std::time::Duration;

/// With three digits, and the unit that fits.
pub(super) fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds >= 99.95 {
        return format!("{} s", figure(seconds.round()));
    }
    let units = [(1.0, "s"), (1e3, "ms"), (1e6, "us")];
    // What rounds up to the next unit is written in it.
    let fit = units.iter().find(|(factor, _)| seconds * factor >= 0.999_5);
    match fit {
        Some((factor, unit)) => format!("{} {unit}", figure(seconds * factor)),
        None => format!("{} ns", time.as_nanos()),
    }
}

/// Three digits; of large numbers all before the point, in groups.
pub(super) fn figure(number: f64) -> String {
    let decimals = match number.abs() {
        0.0 => 0,
        n if n < 9.995 => 2,
        n if n < 99.95 => 1,
        _ => 0,
    };
    grouped(&format!("{number:.decimals$}"))
}

pub(super) fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// `12,345.6`.
fn grouped(digits: &str) -> String {
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut text = String::with_capacity(digits.len() + 4);
    for (index, digit) in whole.char_indices() {
        if index > 0 && (whole.len() - index) % 3 == 0 && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

pub(super) fn percent(percent: f64) -> String {
    format!("{percent:.1} %")
}

pub(super) fn rate(per_second: f64) -> String {
    format!("{}/s", figure(per_second))
}

/// `1 worker`, `2 workers`.
pub(super) fn plural(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", count(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_a_unit() {
        let shown = [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_500, "1.50 us"),
            (99_960, "100 us"),
            (999_600, "1.00 ms"),
            (12_345_678, "12.3 ms"),
            (1_000_000_000, "1.00 s"),
            (99_949_000_000, "99.9 s"),
            (3_723_400_000_000, "3,723 s"),
        ];
        for (nanos, text) in shown {
            assert_eq!(time(Duration::from_nanos(nanos)), text);
        }
    }

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!(count(7), "7");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(figure(123_456.7), "123,457");
        assert_eq!(figure(0.0), "0");
        assert_eq!(figure(0.123), "0.12");
        assert_eq!(plural(1, "task"), "1 task");
        assert_eq!(plural(2_000, "task"), "2,000 tasks");
    }
}
