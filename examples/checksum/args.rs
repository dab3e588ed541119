//! The command line.

use std::{error::Error, path::PathBuf, thread};

use lexopt::{Arg, Parser, ValueExt as _};

const HELP: &str = "\
The SHA-256 checksums of all files in a folder.

usage: checksum [--slots N] FOLDER                on this machine
       checksum --connect URL FOLDER              on workers of a NATS server
       checksum worker --connect URL --slots N    a worker; --help tells more

exit status:  0  all files were read
              1  some were not
              2  bad usage, or no server
";

pub(crate) struct Options {
    pub(crate) folder: PathBuf,
    pub(crate) connect: Option<String>,
    pub(crate) slots: usize,
}

/// None if help was wanted, and was given.
pub(crate) fn parse() -> Result<Option<Options>, Box<dyn Error>> {
    let mut parser = Parser::from_env();
    let (mut folder, mut connect) = (None, None);
    let mut slots = thread::available_parallelism().map_or(1, usize::from);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("connect") => connect = Some(parser.value()?.string()?),
            Arg::Long("slots") => slots = parser.value()?.parse()?,
            Arg::Long("help") => {
                print!("{HELP}");
                return Ok(None);
            }
            Arg::Value(value) if folder.is_none() => folder = Some(PathBuf::from(value)),
            _ => return Err(argument.unexpected().into()),
        }
    }
    if slots == 0 {
        return Err("--slots is 0: it must be at least 1".into());
    }
    Ok(Some(Options {
        folder: folder.ok_or("which folder?")?,
        connect,
        slots,
    }))
}
