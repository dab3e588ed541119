//! The task.

use std::{
    fmt::Write as _,
    fs::File,
    io::{self, Read as _},
};

use concurrent_futures_remote::Task;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Of the file of this name, which the worker must see.
pub(crate) static CHECKSUM: Task<String, Checksum> = Task::new("checksum@1");

#[derive(Serialize, Deserialize)]
pub(crate) struct Checksum {
    pub(crate) digest: String,
    pub(crate) size: u64,
}

pub(crate) fn checksum(path: String) -> io::Result<Checksum> {
    let mut file = File::open(path)?;
    let (mut hash, mut size) = (Sha256::new(), 0);
    let mut part = vec![0; 64 << 10];
    loop {
        let read = file.read(&mut part)?;
        if read == 0 {
            break;
        }
        hash.update(&part[..read]);
        size += read as u64;
    }
    let mut digest = String::new();
    for byte in hash.finalize() {
        let _ = write!(digest, "{byte:02x}");
    }
    Ok(Checksum { digest, size })
}
