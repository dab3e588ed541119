use std::{
    env,
    process::{Command, ExitStatus, Stdio},
};

use super::watchdog::test_name;

const CHILD: &str = "CONCURRENT_FUTURES_TEST_ALONE";

/// Runs `test` as the only test of a process of its own: started by `launcher` (for example `taskset -c 0`)
/// if that is not empty. Gives what the child wrote, and in the child itself nothing.
pub(crate) fn alone<F: FnOnce()>(launcher: &[&str], test: F) -> Option<String> {
    let name = test_name::<F>();
    let (end, written) = end_of(launcher, test)?;
    assert!(end.success(), "{name} alone: {end}\n{written}");
    assert!(
        written.contains("1 passed"),
        "{name} was not found:\n{written}"
    );
    Some(written)
}

/// As [`alone`], for a process that may end in any way: how it ended, and what it wrote.
pub(crate) fn end_of<F: FnOnce()>(launcher: &[&str], test: F) -> Option<(ExitStatus, String)> {
    let name = test_name::<F>();
    if env::var(CHILD).as_deref() == Ok(name) {
        test();
        return None;
    }
    let program = env::current_exe().expect("the path of this test program");
    let mut command = match launcher {
        [] => Command::new(&program),
        [launcher, arguments @ ..] => {
            let mut command = Command::new(launcher);
            command.args(arguments).arg(&program);
            command
        }
    };
    let output = command
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(CHILD, name)
        .stdin(Stdio::null())
        .output()
        .expect("the child can be started");
    let written = [output.stdout, output.stderr].concat();
    Some((
        output.status,
        String::from_utf8_lossy(&written).into_owned(),
    ))
}
