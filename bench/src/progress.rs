//! How far the comparison is: a bar on a terminal, else a line per workload.

use indicatif::{ProgressBar, ProgressStyle};

pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn of(runs: u64) -> Self {
        let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {eta} {prefix}{msg}");
        let bar = ProgressBar::new(runs);
        Self(bar.with_style(style.expect("the template is right")))
    }

    pub(crate) fn workload(&self, id: &str, threads: usize) {
        self.0.set_prefix(format!("{id}, {threads} threads"));
        if self.0.is_hidden() {
            let (done, all) = (self.0.position(), self.0.length().unwrap_or(0));
            eprintln!("{done} of {all} runs done: {id}, {threads} threads");
        }
    }

    pub(crate) fn starts(&self, pool: &str, rep: u32, reps: u32) {
        self.0.set_message(format!(", {pool}, run {rep} of {reps}"));
    }

    pub(crate) fn ended(&self, runs: u64) {
        self.0.inc(runs);
    }

    /// Prints to the standard output, where the bar is not in the way.
    pub(crate) fn print(&self, text: &str) {
        self.0.suspend(|| println!("{text}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
