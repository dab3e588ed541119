//! The wall clock, set by a day back and forth: waits go by another clock.

use std::{
    env, fs,
    path::Path,
    time::{Duration, Instant, SystemTime},
};

use concurrent_futures::{CancelToken, ReturnWhen, Shutdown, wait_timeout};

use crate::support::{alone, hold, pool, watchdog};

const LIBRARIES: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/faketime/libfaketimeMT.so.1",
];
const LIMIT: Duration = Duration::from_millis(50);
const DAY: Duration = Duration::from_secs(86_400);

fn lasts(wait: impl FnOnce()) {
    let start = Instant::now();
    wait();
    let took = start.elapsed();
    assert!(took >= LIMIT && took < DAY / 2, "{took:?}");
}

#[test]
fn set_by_a_day_while_others_wait() {
    let Some(library) = LIBRARIES.into_iter().find(|path| Path::new(path).exists()) else {
        eprintln!("SKIPPED: needs faketime (Debian: apt install faketime)");
        return;
    };
    let file = env::temp_dir().join(format!("concurrent-futures-clock-{}", std::process::id()));
    let launcher = [
        "env".to_owned(),
        format!("LD_PRELOAD={library}"),
        format!("FAKETIME_TIMESTAMP_FILE={}", file.display()),
        "FAKETIME_NO_CACHE=1".to_owned(),
        "FAKETIME_DONT_FAKE_MONOTONIC=1".to_owned(),
    ];
    let launcher: Vec<_> = launcher.iter().map(String::as_str).collect();
    let set = |offset: &str| fs::write(&file, offset).unwrap();
    if env::var_os("FAKETIME_TIMESTAMP_FILE").is_none() {
        set("+0d");
    }
    alone(&launcher, || {
        let file = env::var_os("FAKETIME_TIMESTAMP_FILE").unwrap();
        watchdog(|| {
            let pool = pool(1);
            let held = hold(&pool, 1);
            let queued = pool.submit(|| 1);
            for offset in ["+1d", "-1d", "+0d"] {
                let before = SystemTime::now();
                fs::write(&file, offset).unwrap();
                let now = SystemTime::now();
                let step = now
                    .duration_since(before)
                    .or_else(|_| before.duration_since(now));
                assert!(step.unwrap() > DAY / 2, "the clock was not set");
                lasts(|| assert!(queued.exception_timeout(LIMIT).is_err()));
                lasts(|| drop(wait_timeout([&queued], ReturnWhen::AllCompleted, LIMIT)));
                lasts(|| CancelToken::new().sleep(LIMIT).unwrap());
            }
            lasts(|| {
                let how = Shutdown::new().timeout(LIMIT);
                assert!(pool.shutdown_with(how).is_err());
            });
            held.release();
            assert_eq!(queued.result().unwrap(), 1);
        });
    });
    let _ = fs::remove_file(&file);
}
