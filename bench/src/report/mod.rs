//! What is shown of the rows: on the terminal, in the pages, in a picture.

mod figures;
mod markdown;
mod pages;
mod picture;
mod standing;
mod terminal;

pub(crate) use figures::Group;
pub(crate) use markdown::summary;
pub(crate) use pages::{write_control, write_hostile, write_pages};
pub(crate) use terminal::Details;

/// As many digits as one reads: 0.0123, 1.23, 12.3, 123, 12345.
fn short(value: f64) -> String {
    let digits = match value.abs() {
        _ if value == 0.0 => 0,
        value if value.is_nan() => return "?".to_owned(),
        value if value < 0.1 => 4,
        value if value < 10.0 => 2,
        value if value < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$}")
}
