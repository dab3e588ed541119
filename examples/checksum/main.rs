//! The checksums of all files in a folder, on this machine or on many.
//!
//! ```text
//! $ cargo run --release -p concurrent-futures-remote --example checksum -- docs
//! 1c79…  docs/bounded-queues.md
//! …
//! 9 files, 98.40 KiB in 0.01 s: 0 failed, 0 taken over from workers that were lost
//! 9 calls: 0 pending, 9 completed, 0 failed, 0 cancelled, 0 refused, 0 redelivered; …
//! ```
//!
//! The same with workers on other machines that see the folder by the same name, for example over NFS:
//!
//! ```text
//! $ checksum worker --connect nats://host:4222 --slots 8        # on each of them
//! $ checksum --connect nats://host:4222 /srv/photos             # anywhere
//! ```
//!
//! The lines are those of `sha256sum`, in the order of the files' names; a bar shows how far it is. Kill a worker
//! meanwhile: the report says how many files another one had to take over.

mod args;
mod folder;
mod sum;

use std::{error::Error, process::ExitCode, time::Instant};

use concurrent_futures::{as_completed, remote::CallError};
use concurrent_futures_remote::{Executor, Registry, worker_main};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use crate::{
    args::Options,
    sum::{CHECKSUM, Checksum, checksum},
};

fn main() -> ExitCode {
    worker_main(Registry::new().try_add(&CHECKSUM, checksum));
    let options = match args::parse() {
        Ok(Some(options)) => options,
        Ok(None) => return ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("checksum: {error}\nTry `checksum --help`.");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("checksum: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether all files could be read.
fn run(options: &Options) -> Result<bool, Box<dyn Error>> {
    let files = folder::files(&options.folder)?;
    let executor = executor(options)?;
    let (start, bar) = (Instant::now(), bar(files.len()));
    let futures = files.iter().map(|file| {
        // A worker may have another working directory.
        let path = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        (file, executor.submit(&CHECKSUM, path.display().to_string()))
    });
    let mut lines = Vec::new();
    let (mut bytes, mut failed) = (0, 0);
    for (file, future) in as_completed(futures.collect::<Vec<_>>()) {
        bar.inc(1);
        match future.result() {
            Ok(Checksum { digest, size }) => {
                bytes += size;
                lines.push((file, digest));
            }
            Err(error) => {
                failed += 1;
                bar.suspend(|| eprintln!("{}: {error}", file.display()));
            }
        }
    }
    bar.finish_and_clear();
    lines.sort();
    for (file, digest) in &lines {
        println!("{digest}  {}", file.display());
    }
    let stats = executor.stats();
    eprintln!(
        "{} files, {} in {:.2} s: {failed} failed, {} taken over from workers that were lost\n{stats}",
        files.len(),
        HumanBytes(bytes),
        start.elapsed().as_secs_f64(),
        stats.redelivered
    );
    Ok(failed == 0)
}

fn executor(options: &Options) -> Result<Executor, CallError> {
    match &options.connect {
        Some(url) => Executor::connect(url),
        None => Ok(Executor::local(options.slots)),
    }
}

fn bar(files: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} files, {eta} to go");
    ProgressBar::new(files as u64).with_style(style.expect("a valid template"))
}
