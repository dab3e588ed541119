//! Runs the programs of this package as a person would, and looks at what they print and leave.

mod download;
mod download_failures;
mod headers;
mod support;
