//! One download: the task that is run once for each document.

use std::{
    error::Error,
    fmt,
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    process,
    time::{Duration, Instant},
};

use ureq::{
    Agent, Proxy,
    http::{StatusCode, Uri},
};

/// A document on its way from an address to a file.
#[derive(Debug, Clone)]
pub(crate) struct Download {
    pub(crate) address: Uri,
    pub(crate) file: PathBuf,
    /// What the report calls it.
    pub(crate) label: String,
}

#[derive(Debug)]
pub(crate) struct Saved {
    pub(crate) bytes: u64,
    pub(crate) time: Duration,
}

#[derive(Debug)]
pub(crate) enum FetchError {
    Status(StatusCode),
    TooLate(Duration),
    BrokeOff { got: u64, announced: Option<u64> },
    Connection(ureq::Error),
    Save(io::Error),
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FetchError::Status(status) => write!(f, "{status}"),
            FetchError::TooLate(limit) => write!(f, "not here within {} s", limit.as_secs_f64()),
            FetchError::BrokeOff {
                got,
                announced: Some(all),
            } => {
                write!(f, "broke off after {got} of {all} bytes")
            }
            FetchError::BrokeOff {
                got,
                announced: None,
            } => write!(f, "broke off after {got} bytes"),
            FetchError::Connection(ureq::Error::Io(error)) => write!(f, "{error}"),
            FetchError::Connection(error) => write!(f, "{error}"),
            FetchError::Save(error) => write!(f, "cannot be saved: {error}"),
        }
    }
}

impl Error for FetchError {}

/// The client. Clones share its connections.
#[derive(Debug, Clone)]
pub(crate) struct Fetcher {
    agent: Agent,
    timeout: Duration,
}

impl Fetcher {
    pub(crate) fn new(timeout: Duration, proxy: Option<Proxy>) -> Fetcher {
        let config = Agent::config_builder()
            .timeout_global(Some(timeout))
            .proxy(proxy)
            .http_status_as_error(false)
            .user_agent(concat!(
                "concurrent-futures-download/",
                env!("CARGO_PKG_VERSION")
            ));
        Fetcher {
            agent: config.build().into(),
            timeout,
        }
    }

    pub(crate) fn fetch(&self, download: &Download) -> Result<Saved, FetchError> {
        let start = Instant::now();
        let mut response = self
            .agent
            .get(&download.address)
            .call()
            .map_err(|e| self.failure(e))?;
        if !response.status().is_success() {
            return Err(FetchError::Status(response.status()));
        }
        let announced = response.body().content_length();
        let mut part = PartFile::create(&download.file).map_err(FetchError::Save)?;
        let mut body = response.body_mut().as_reader();
        let mut buffer = [0; 16 * 1024];
        let mut got = 0;
        loop {
            let read = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Err(FetchError::BrokeOff { got, announced });
                }
                Err(error) => return Err(self.failure(error.into())),
            };
            part.file
                .write_all(&buffer[..read])
                .map_err(FetchError::Save)?;
            got += read as u64;
        }
        part.complete(&download.file).map_err(FetchError::Save)?;
        Ok(Saved {
            bytes: got,
            time: start.elapsed(),
        })
    }

    fn failure(&self, error: ureq::Error) -> FetchError {
        match error {
            ureq::Error::Timeout(_) => FetchError::TooLate(self.timeout),
            other => FetchError::Connection(other),
        }
    }
}

/// A file that gets its name when it is complete, and goes away if it never is.
struct PartFile {
    file: File,
    path: PathBuf,
}

impl PartFile {
    fn create(target: &Path) -> io::Result<PartFile> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let path = target.with_file_name(format!(".{name}.{}.part", process::id()));
        Ok(PartFile {
            file: File::create(&path)?,
            path,
        })
    }

    fn complete(self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        // A complete file has left this path already; then there is nothing to remove.
        let _ = fs::remove_file(&self.path);
    }
}
