use std::{
    any, env,
    io::{self, Write},
    process,
    sync::mpsc,
    thread,
    time::Duration,
};

/// In seconds, unless `WATCHDOG_SECONDS` says otherwise.
const LIMIT: u64 = 20;

/// Runs `test` on this thread; a test that hangs ends the process with its name instead of the run's patience.
pub(crate) fn watchdog<F: FnOnce() -> R, R>(test: F) -> R {
    let seconds = env::var("WATCHDOG_SECONDS").ok();
    let seconds = seconds.and_then(|seconds| seconds.parse().ok());
    watchdog_for(Duration::from_secs(seconds.unwrap_or(LIMIT)), test)
}

pub(crate) fn watchdog_for<F: FnOnce() -> R, R>(limit: Duration, test: F) -> R {
    let name = test_name::<F>();
    let (finished, expired) = mpsc::channel::<()>();
    let (up, is_up) = mpsc::channel();
    let dog = thread::Builder::new()
        .name("watchdog".to_owned())
        .spawn(move || {
            let _ = up.send(());
            if expired.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout) {
                bark(name, limit);
            }
        })
        .expect("a thread for the watchdog");
    // A test may leave no memory for a thread that is still beginning.
    let _ = is_up.recv();
    // Dropped also while `test` unwinds, so that a failed assertion is not followed by an abort.
    let leash = Leash {
        finished: Some(finished),
        dog: Some(dog),
    };
    let result = test();
    drop(leash);
    result
}

/// `module::test` for the closure of a test; unlike the thread's name it is right with one test thread, too.
pub(crate) fn test_name<F>() -> &'static str {
    let path = any::type_name::<F>();
    let path = path.split_once("::").map_or(path, |(_program, path)| path);
    path.strip_suffix("::{{closure}}").unwrap_or(path)
}

struct Leash {
    finished: Option<mpsc::Sender<()>>,
    dog: Option<thread::JoinHandle<()>>,
}

impl Drop for Leash {
    fn drop(&mut self) {
        self.finished.take();
        if let Some(dog) = self.dog.take() {
            let _ = dog.join();
        }
    }
}

fn bark(name: &str, limit: Duration) -> ! {
    // Written past the harness, whose captured output would be lost in the abort.
    let _ = writeln!(
        io::stderr(),
        "\ntest {name} still blocks after {limit:?}: a hang"
    );
    process::abort()
}
