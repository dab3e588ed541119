//! The command line.

use std::{error::Error, ffi::OsString, fmt, fs, path::PathBuf, time::Duration};

use lexopt::{Arg, Parser, ValueExt as _};
use ureq::http::Uri;

pub(crate) const HELP: &str = "\
Downloads many documents at once.

usage: download [OPTION ...] [ADDRESS ...]

Without addresses: a demonstration against a server of its own, first one
document after the other, then many at once, with the speed-up.

  --urls FILE    read addresses from FILE, one per line; lines that begin
                 with # are comments
  --workers N    so many downloads at once (20)
  --timeout S    limit of each download in seconds, such as 2.5
                 (30; demonstration: 0.5)
  --out DIR      folder for the files, made if missing (out)
  --report FILE  write a profile of the downloads as a page for a browser
  --help         show this text

A file is named by the last part of its address. It replaces an older file
of that name, but only when it is complete. If two addresses end alike, the
second file is named name-2.

exit status:  0  all came (demonstration: all but the planned failures)
              1  some failed
              2  bad usage
";

#[derive(Debug)]
pub(crate) enum Command {
    Help,
    Demonstrate(Options),
    Download(Vec<Uri>, Options),
}

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) workers: usize,
    pub(crate) timeout: Option<Duration>,
    pub(crate) out: PathBuf,
    pub(crate) report: Option<PathBuf>,
}

/// An argument that cannot be used: which one, its value, and why.
#[derive(Debug)]
pub(crate) struct BadArgument {
    name: String,
    value: String,
    reason: String,
}

impl fmt::Display for BadArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} \"{}\": {}", self.name, self.value, self.reason)
    }
}

impl Error for BadArgument {}

fn bad(name: &str, value: &str, reason: impl fmt::Display) -> Box<dyn Error> {
    Box::new(BadArgument {
        name: name.into(),
        value: value.into(),
        reason: reason.to_string(),
    })
}

pub(crate) fn parse(
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<Command, Box<dyn Error>> {
    let mut options = Options {
        workers: 20,
        timeout: None,
        out: PathBuf::from("out"),
        report: None,
    };
    let mut addresses = Vec::new();
    let mut parser = Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("urls") => addresses.extend(read_list(&parser.value()?.string()?)?),
            Arg::Long("workers") => options.workers = workers(&parser.value()?.string()?)?,
            Arg::Long("timeout") => options.timeout = Some(seconds(&parser.value()?.string()?)?),
            Arg::Long("out") => options.out = parser.value()?.into(),
            Arg::Long("report") => options.report = Some(parser.value()?.into()),
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            Arg::Value(value) => {
                let value = value.string()?;
                addresses.push(address(&value).map_err(|reason| bad("address", &value, reason))?);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(if addresses.is_empty() {
        Command::Demonstrate(options)
    } else {
        Command::Download(addresses, options)
    })
}

fn workers(value: &str) -> Result<usize, Box<dyn Error>> {
    match value.parse() {
        Ok(0) => Err(bad("--workers", value, "at least 1 is needed")),
        Ok(workers) => Ok(workers),
        Err(_) => Err(bad("--workers", value, "not a whole number above 0")),
    }
}

fn seconds(value: &str) -> Result<Duration, Box<dyn Error>> {
    let limit = value
        .parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    limit
        .filter(|limit| !limit.is_zero())
        .ok_or_else(|| bad("--timeout", value, "not a number of seconds above 0"))
}

fn read_list(path: &str) -> Result<Vec<Uri>, Box<dyn Error>> {
    let list = fs::read_to_string(path).map_err(|error| bad("--urls", path, error))?;
    let mut addresses = Vec::new();
    for (index, line) in list.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let address = address(line).map_err(|reason| {
            bad(
                "--urls",
                path,
                format_args!("line {}: \"{line}\": {reason}", index + 1),
            )
        })?;
        addresses.push(address);
    }
    if addresses.is_empty() {
        return Err(bad("--urls", path, "no addresses in it"));
    }
    Ok(addresses)
}

fn address(text: &str) -> Result<Uri, &'static str> {
    match text.parse::<Uri>() {
        Ok(uri) if uri.host().is_none() || uri.scheme().is_none() => {
            Err("not a complete address such as https://example.org/a.txt")
        }
        Ok(uri) if matches!(uri.scheme_str(), Some("http" | "https")) => Ok(uri),
        Ok(_) => Err("neither http nor https"),
        Err(_) => Err("not an address"),
    }
}
