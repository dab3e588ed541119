//! Downloads many documents at once, saves them, and shows how much faster that is than one by one.
//!
//! ```text
//! $ cargo run --release --example download
//! 28 documents at http://127.0.0.1:36311, 4 of them fail on purpose
//!
//! one by one
//!   saved   thread.txt            441 bytes    0.12 s
//!   saved   worker.txt            325 bytes    0.09 s
//!   saved   pool.txt              432 bytes    0.16 s
//!   failed  missing.txt     404 Not Found
//! ...
//!   24 of 28 saved in 3.89 s, folder out/one-by-one
//!
//! 20 at once
//! ...
//!   failed  late.txt        not here within 0.5 s
//!   24 of 28 saved in 0.52 s, folder out/at-once
//!
//! speed-up 7.5 (3.89 s / 0.52 s)
//! exactly the 4 planned failures: missing.txt, late.txt, torn.txt, failing.txt
//! ```
//!
//! On a terminal a progress bar takes the place of the saved lines. With `--report report.html` the
//! downloads at once are profiled, and the profile is written as a page for a browser. With addresses as
//! arguments it downloads those; `--help` tells the rest.

mod args;
mod fetch;
mod names;
mod report;
mod run;

use std::{env, error::Error, fs, path::Path, process::ExitCode, time::Duration};

use concurrent_futures::ThreadPoolExecutor;
use concurrent_futures_examples::{ALL, Server};
use ureq::{Proxy, http::Uri};

use crate::{
    args::{Command, Options},
    fetch::{Download, Fetcher},
    report::{Outcome, Report, line},
};

fn main() -> ExitCode {
    let done = args::parse(env::args_os().skip(1)).and_then(|command| match command {
        Command::Help => {
            line(args::HELP.trim_end());
            Ok(true)
        }
        Command::Demonstrate(options) => demonstrate(&options),
        Command::Download(addresses, options) => download(addresses, &options),
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("download: {error}\nTry `download --help`.");
            ExitCode::from(2)
        }
    }
}

/// Downloads the addresses; true if all came.
fn download(addresses: Vec<Uri>, options: &Options) -> Result<bool, Box<dyn Error>> {
    let fetcher = Fetcher::new(
        options.timeout.unwrap_or(Duration::from_secs(30)),
        Proxy::try_from_env(),
    );
    let downloads = plan(addresses, &options.out, |address, _| address.to_string())?;
    let pool = pool(options)?;
    let addresses = if downloads.len() == 1 {
        "address"
    } else {
        "addresses"
    };
    let title = format!(
        "{} {addresses}, {} at once",
        downloads.len(),
        options.workers
    );
    let outcome = run::in_pool(
        &pool,
        &fetcher,
        &downloads,
        Report::start(&title, &downloads),
    );
    summary(&outcome, &options.out);
    write_report(&pool, options)?;
    Ok(outcome.failed.is_empty())
}

/// Downloads the documents of a server of our own, twice; true if exactly the planned ones failed.
fn demonstrate(options: &Options) -> Result<bool, Box<dyn Error>> {
    let server = Server::start(&ALL)?;
    let planned: Vec<&str> = ALL.iter().filter(|d| d.fails()).map(|d| d.name).collect();
    let (all, bad) = (ALL.len(), planned.len());
    line(format_args!(
        "{all} documents at {}, {bad} of them fail on purpose\n",
        server.base()
    ));

    let addresses = ALL
        .iter()
        .map(|document| server.address(document.name).parse());
    let addresses = addresses.collect::<Result<Vec<Uri>, _>>()?;
    let fetcher = Fetcher::new(options.timeout.unwrap_or(Duration::from_millis(500)), None);
    let by_name = |_: &Uri, name: &str| name.to_owned();

    let folder = options.out.join("one-by-one");
    let downloads = plan(addresses.clone(), &folder, by_name)?;
    let report = Report::start("one by one", &downloads);
    let slow = run::one_by_one(&fetcher, &downloads, report);
    summary(&slow, &folder);

    let folder = options.out.join("at-once");
    let downloads = plan(addresses, &folder, by_name)?;
    let pool = pool(options)?;
    let report = Report::start(&format!("\n{} at once", options.workers), &downloads);
    let fast = run::in_pool(&pool, &fetcher, &downloads, report);
    summary(&fast, &folder);
    write_report(&pool, options)?;

    let (before, after) = (slow.time.as_secs_f64(), fast.time.as_secs_f64());
    line(format_args!(
        "\nspeed-up {:.1} ({before:.2} s / {after:.2} s)",
        before / after
    ));
    let as_planned = [slow, fast]
        .iter()
        .all(|outcome| same(&outcome.failed, &planned));
    let planned = planned.join(", ");
    line(if as_planned {
        format!("exactly the {bad} planned failures: {planned}")
    } else {
        format!("not the {bad} planned failures, which are: {planned}")
    });
    Ok(as_planned)
}

fn pool(options: &Options) -> Result<ThreadPoolExecutor, Box<dyn Error>> {
    let builder = ThreadPoolExecutor::builder()
        .thread_name_prefix("download")
        .max_workers(options.workers);
    let builder = match options.report {
        Some(_) => builder.profile(),
        None => builder,
    };
    Ok(builder.build()?)
}

/// Writes what the pool knows of its tasks, if that was asked for.
fn write_report(pool: &ThreadPoolExecutor, options: &Options) -> Result<(), Box<dyn Error>> {
    let (Some(file), Some(profile)) = (&options.report, pool.profile()) else {
        return Ok(());
    };
    let shown = file.display();
    profile
        .write_html(file)
        .map_err(|error| format!("--report: cannot write \"{shown}\": {error}"))?;
    line(format_args!("  report in {shown}"));
    Ok(())
}

/// Says where each document goes, and makes the folder.
fn plan(
    addresses: Vec<Uri>,
    folder: &Path,
    label: impl Fn(&Uri, &str) -> String,
) -> Result<Vec<Download>, Box<dyn Error>> {
    let shown = folder.display();
    fs::create_dir_all(folder)
        .map_err(|error| format!("--out: cannot make \"{shown}\": {error}"))?;
    let names = names::file_names(&addresses);
    let downloads = addresses
        .into_iter()
        .zip(names)
        .map(|(address, name)| Download {
            label: label(&address, &name),
            file: folder.join(name),
            address,
        });
    Ok(downloads.collect())
}

fn summary(outcome: &Outcome, folder: &Path) {
    let Outcome {
        saved,
        failed,
        time,
    } = outcome;
    let all = saved + failed.len();
    let (seconds, folder) = (time.as_secs_f64(), folder.display());
    line(format_args!(
        "  {saved} of {all} saved in {seconds:.2} s, folder {folder}"
    ));
}

/// Whether the same documents are named, in whatever order.
fn same(failed: &[String], planned: &[&str]) -> bool {
    failed.len() == planned.len() && failed.iter().all(|name| planned.contains(&name.as_str()))
}
