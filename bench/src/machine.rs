//! Where and when something was measured: the first line of a file of rows.

use nix::sys::utsname::uname;
use serde::{Deserialize, Serialize};
use std::{fmt, fs, thread, time::SystemTime};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    pub(crate) kernel: String,
    pub(crate) rustc: String,
    /// The moment of the start, in UTC.
    pub(crate) time: String,
}

impl Machine {
    pub(crate) fn here() -> Self {
        let name = uname().ok();
        let kernel = name.map(|name| {
            let words = [name.sysname(), name.release()];
            words
                .map(|word| word.to_string_lossy().into_owned())
                .join(" ")
        });
        Self {
            cpu: cpu().unwrap_or_else(|| "unknown processor".to_owned()),
            cores: thread::available_parallelism().map_or(1, usize::from),
            kernel: kernel.unwrap_or_default(),
            rustc: env!("RUSTC_VERSION").to_owned(),
            time: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        }
    }

    pub(crate) fn date(&self) -> &str {
        self.time.split('T').next().unwrap_or_default()
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            cpu,
            cores,
            kernel,
            rustc,
            ..
        } = self;
        let rustc = rustc.split(" (").next().unwrap_or_default();
        let date = self.date();
        write!(f, "{date}, {cpu}, {cores} cores, {kernel}, {rustc}")
    }
}

/// The name the processor gives itself, where the system tells.
fn cpu() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(": ")?.1.trim().to_owned())
}
