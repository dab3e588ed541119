//! The program.

use super::Worker;
use crate::{ConnectOptions, Registry};
use concurrent_futures::remote::CallError;
use lexopt::{Arg, Parser, ValueExt};
use std::{error::Error, ffi::OsString, process, time::Duration};

const USAGE: &str = "\
worker --connect URL [options]
  --connect URL       server, or several separated by commas: nats://127.0.0.1:4222
  --slots N           how many tasks run at a time (one for each processor)
  --queue NAME        the queue whose tasks are run (default)
  --credentials FILE  as nsc writes them
  --nkey FILE         the seed of a key, as nk writes it
  --ca FILE           certificates that the server's is to be signed by
  --cert FILE, --key FILE   a certificate of our own, if the server asks for one
  --lease SECONDS     how long a worker may be silent: for all of the queue,
                      to be changed while no worker runs
  --wait SECONDS      how long to wait for the server at the beginning (5)
";

/// Gives a program the command `worker`: to be called first in `main`.
///
/// If the program was started as `program worker --connect nats://127.0.0.1:4222 --slots 8`, this runs the tasks of the
/// registry until the process is told to end, and does not return. Else it [installs](Registry::install) the
/// registry, so that [`Executor::local`](crate::Executor::local) runs the same tasks, and returns.
///
/// `program worker --help` lists the options. On `SIGTERM` a worker ends what it runs, takes nothing more, and
/// exits with 0; it exits with 1 if the server could not be reached, and with 2 if it does not understand
/// its options.
///
/// ```no_run
/// use concurrent_futures_remote::{Executor, Registry, Task, worker_main};
///
/// static LENGTH: Task<String, usize> = Task::new("length@1");
///
/// worker_main(Registry::new().add(&LENGTH, |text| text.len()));
/// let executor = Executor::local(8);
/// println!("{}", executor.submit(&LENGTH, "seven..".to_owned()).result().unwrap());
/// ```
pub fn worker_main(registry: Registry) {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|first| first != "worker") {
        registry.install();
        return;
    }
    process::exit(match read(arguments) {
        Ok(Some(Command { options, slots })) => match serve(registry, options, slots) {
            Ok(()) => 0,
            Err(error) => {
                eprintln!("worker: {error}");
                1
            }
        },
        Ok(None) => {
            print!("{USAGE}");
            0
        }
        Err(error) => {
            eprint!("worker: {error}\n\n{USAGE}");
            2
        }
    });
}

fn serve(
    registry: Registry,
    options: ConnectOptions,
    slots: Option<usize>,
) -> Result<(), CallError> {
    let tasks: Vec<_> = registry.names().collect();
    let place = format!("{}, queue {}", options.url, options.queue);
    let mut worker = Worker::new(registry, options);
    if let Some(slots) = slots {
        worker = worker.slots(slots);
    }
    eprintln!(
        "worker {}: {} slots at {place} for {}",
        worker.name,
        worker.slots,
        tasks.join(", ")
    );
    worker.run()
}

struct Command {
    options: ConnectOptions,
    slots: Option<usize>,
}

/// None if help is wanted.
fn read(arguments: impl Iterator<Item = OsString>) -> Result<Option<Command>, Box<dyn Error>> {
    let mut parser = Parser::from_args(arguments);
    let (mut url, mut slots, mut certificate, mut key) = (None, None, None, None);
    let mut options = ConnectOptions::new("");
    while let Some(argument) = parser.next()? {
        let Arg::Long(name) = argument else {
            return Err(argument.unexpected().into());
        };
        match name {
            "help" => return Ok(None),
            "connect" => url = Some(parser.value()?.string()?),
            "slots" => slots = Some(parser.value()?.parse::<usize>()?),
            "queue" => options = options.queue(parser.value()?.string()?),
            "credentials" => options = options.credentials(parser.value()?),
            "nkey" => options = options.nkey(parser.value()?),
            "ca" => options = options.root_certificates(parser.value()?),
            "cert" => certificate = Some(parser.value()?),
            "key" => key = Some(parser.value()?),
            "lease" => options = options.lease(seconds(&mut parser)?),
            "wait" => options = options.connect_timeout(seconds(&mut parser)?),
            _ => return Err(argument.unexpected().into()),
        }
    }
    options = match (certificate, key) {
        (Some(certificate), Some(key)) => options.client_certificate(certificate, key),
        (None, None) => options,
        _ => return Err("--cert and --key belong together".into()),
    };
    if slots == Some(0) {
        return Err("--slots is 0: it must be at least 1".into());
    }
    let options = options.url(url.ok_or("--connect is missing")?);
    Ok(Some(Command { options, slots }))
}

fn seconds(parser: &mut Parser) -> Result<Duration, Box<dyn Error>> {
    let seconds = parser.value()?.parse::<f64>()?;
    Ok(Duration::try_from_secs_f64(seconds)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(line: &str) -> Result<Option<Command>, Box<dyn Error>> {
        read(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn options_are_read() {
        let line = "--connect nats://h:1 --slots 8 --queue q --lease 1.5";
        let command = read_all(line).unwrap().unwrap();
        assert_eq!(command.slots, Some(8));
        assert_eq!(
            (&*command.options.url.0, &*command.options.queue),
            ("nats://h:1", "q")
        );
        assert_eq!(command.options.lease, Some(Duration::from_millis(1500)));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, text) in [
            ("", "--connect is missing"),
            (
                "--connect u --slots 0",
                "--slots is 0: it must be at least 1",
            ),
            ("--connect u --cert c", "--cert and --key belong together"),
            ("--connect u --speed 9", "invalid option '--speed'"),
        ] {
            assert_eq!(read_all(line).err().unwrap().to_string(), text);
        }
        assert!(read_all("--help").unwrap().is_none());
    }
}
