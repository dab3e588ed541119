//! What the person sees: a bar on a terminal, plain lines elsewhere.

use std::{
    fmt::{self, Display},
    io::{self, IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::fetch::{Download, Saved};

/// One run: how it goes on, and in the end what came of it.
pub(crate) struct Report {
    bar: Option<ProgressBar>,
    label_width: usize,
    start: Instant,
    saved: usize,
    failed: Vec<String>,
}

pub(crate) struct Outcome {
    pub(crate) saved: usize,
    /// The labels of those that failed.
    pub(crate) failed: Vec<String>,
    pub(crate) time: Duration,
}

impl Report {
    pub(crate) fn start(title: &str, downloads: &[Download]) -> Report {
        line(title);
        let terminal = io::stdout().is_terminal() && io::stderr().is_terminal();
        Report {
            bar: terminal.then(|| bar(downloads.len())),
            label_width: downloads
                .iter()
                .map(|d| d.label.chars().count())
                .max()
                .unwrap_or(0),
            start: Instant::now(),
            saved: 0,
            failed: Vec::new(),
        }
    }

    /// Says what became of a download.
    pub(crate) fn ended<E: Display>(&mut self, download: &Download, outcome: Result<Saved, E>) {
        let (label, width) = (&download.label, self.label_width);
        match outcome {
            Ok(Saved { bytes, time }) => {
                self.saved += 1;
                if self.bar.is_none() {
                    let renamed = renamed(download);
                    let seconds = time.as_secs_f64();
                    line(format_args!(
                        "  saved   {label:width$}  {bytes:>9} bytes  {seconds:6.2} s{renamed}"
                    ));
                }
            }
            Err(reason) => {
                let text = format!("  failed  {label:width$}  {reason}");
                match &self.bar {
                    Some(bar) => bar.suspend(|| line(text)),
                    None => line(text),
                }
                self.failed.push(label.clone());
            }
        }
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    pub(crate) fn finish(self) -> Outcome {
        let time = self.start.elapsed();
        if let Some(bar) = &self.bar {
            bar.finish();
        }
        Outcome {
            saved: self.saved,
            failed: self.failed,
            time,
        }
    }
}

/// The file's name, where the address does not tell it.
fn renamed(download: &Download) -> String {
    let name = download
        .file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    if download.label.ends_with(&*name) {
        String::new()
    } else {
        format!("  as {name}")
    }
}

fn bar(length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("  {bar:44.green}  {pos:>2}/{len}  {seconds}")
        .expect("a valid template")
        .with_key(
            "seconds",
            |state: &ProgressState, text: &mut dyn fmt::Write| {
                let _ = write!(text, "{:.1} s", state.elapsed().as_secs_f64());
            },
        )
        .progress_chars("━╸─");
    let bar = ProgressBar::new(length as u64).with_style(style);
    // The clock goes on while no document comes.
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// Prints a line. If the reader has gone away the downloads go on.
pub(crate) fn line(text: impl Display) {
    let _ = writeln!(io::stdout(), "{text}");
}
