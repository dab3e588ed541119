//! The process that a case runs in, on both its sides.

use super::{
    CPYTHON,
    cases::{self, Case},
    pools::{self, Pool},
    verdict::{Verdict, Word},
};
use crate::pools::BLOCKING_THREADS;
use nix::{sys::signal::Signal, unistd::alarm};
use std::{
    env,
    error::Error,
    io::{self, ErrorKind},
    os::unix::process::ExitStatusExt,
    panic,
    process::{Command, Stdio},
};

struct All;

impl pools::Visitor<Vec<Case>> for All {
    fn visit<P: Pool>(self) -> Vec<Case> {
        cases::all::<P>()
    }
}

/// As far as they are the same for all pools.
pub(super) fn cases() -> Vec<Case> {
    pools::visit(pools::NAMES[0], All).unwrap_or_default()
}

/// Of the interpreter at hand.
pub(super) fn cpython_version() -> Option<String> {
    let said = Command::new("python3").arg("--version").output().ok()?;
    let said = String::from_utf8_lossy(&said.stdout);
    Some(said.trim().replace("Python", CPYTHON))
}

/// The parent's part.
pub(super) fn start(case: &Case, pool: &str) -> io::Result<Verdict> {
    let mut command = if pool == CPYTHON {
        let mut command = Command::new("python3");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/hostile/cpython");
        command.args(["-B", script, case.id, &case.limit.to_string()]);
        command
    } else {
        let mut command = Command::new(env::current_exe()?);
        command.args(["--hostile", "--cell", case.id, pool]);
        command.env(BLOCKING_THREADS, case.threads.to_string());
        command
    };
    // What panics on purpose says so there; a run by hand, with `--cell`, shows it.
    let command = command.stdin(Stdio::null()).stderr(Stdio::null());
    let ended = match command.output() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(Verdict::not_applicable("it is not at hand"));
        }
        ended => ended?,
    };
    if ended.status.signal() == Some(Signal::SIGALRM as i32) {
        return Ok(Verdict::new(Word::Hang, ""));
    }
    if ended.status.signal().is_some() {
        return Ok(Verdict::new(Word::Abort, ended.status.to_string()));
    }
    let said = String::from_utf8_lossy(&ended.stdout);
    let verdict = said.lines().last();
    let verdict = verdict.and_then(|line| serde_json::from_str(line).ok());
    Ok(match verdict {
        Some(verdict) if ended.status.success() => verdict,
        _ => Verdict::new(Word::Panic, ended.status.to_string()),
    })
}

/// The child's part: a line of JSON. The system ends it at the limit.
pub(super) fn run(case: &str, pool: &str) -> Result<(), Box<dyn Error>> {
    let cases = pools::visit(pool, All).ok_or("no such pool")?;
    let case = cases.into_iter().find(|known| known.id == case);
    let case = case.ok_or("no such case")?;
    // One line, without the lock and the memory that a backtrace takes.
    panic::set_hook(Box::new(|info| eprintln!("{info}")));
    alarm::set(case.limit);
    let verdict = (case.run)();
    println!("{}", serde_json::to_string(&verdict)?);
    Ok(())
}
