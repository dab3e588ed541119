//! Pages of real pools, each beside the JSON of the same profile. `cargo xtask browser` looks at them.

use crate::support::{hold, watchdog};
use concurrent_futures::{Future, Profile, ProfileOptions, ThreadPoolExecutor, as_completed};
use std::{
    fs,
    path::PathBuf,
    thread::sleep,
    time::{Duration, Instant},
};

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages");
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn pool(workers: usize) -> ThreadPoolExecutor {
    pool_with(workers, ProfileOptions::new())
}

fn pool_with(workers: usize, options: ProfileOptions) -> ThreadPoolExecutor {
    let builder = ThreadPoolExecutor::builder().thread_name_prefix("worker");
    let builder = builder.max_workers(workers).profile_with(options);
    builder.build().unwrap()
}

/// Writes both files, and sees that the page has the same JSON in it.
fn write(name: &str, pool: &ThreadPoolExecutor) -> Profile {
    let profile = pool.profile().expect("it was asked for");
    let path = folder().join(name);
    profile.write_html(path.with_extension("html")).unwrap();
    profile.write_json(path.with_extension("json")).unwrap();
    let page = fs::read_to_string(path.with_extension("html")).unwrap();
    assert_eq!(page, profile.to_html());
    let (_, from) = page.split_once("id=\"profile\">").unwrap();
    let (json, _) = from.split_once("</script>").unwrap();
    let in_page: serde_json::Value = serde_json::from_str(json).unwrap();
    let beside = fs::read_to_string(path.with_extension("json")).unwrap();
    assert_eq!(
        in_page,
        serde_json::from_str::<serde_json::Value>(&beside).unwrap()
    );
    profile
}

fn compute(time: Duration) -> u64 {
    let start = Instant::now();
    let mut sum = 0_u64;
    while start.elapsed() < time {
        sum = (0..100).fold(sum, |sum, n| std::hint::black_box(sum.wrapping_add(n)));
    }
    sum
}

#[test]
fn of_nothing() {
    watchdog(|| {
        let profile = write("empty", &pool(4));
        assert_eq!(profile.counts().submitted, 0);
    });
}

#[test]
fn of_one_task() {
    watchdog(|| {
        let pool = pool(4);
        pool.submit(|| sleep(Duration::from_millis(12)))
            .result()
            .unwrap();
        assert_eq!(write("one", &pool).counts().completed, 1);
    });
}

#[test]
fn of_failures_alone() {
    watchdog(|| {
        let pool = pool(6);
        let futures: Vec<_> = (0..300)
            .map(|n| {
                pool.task().name("upload").try_submit(move || {
                    sleep(Duration::from_micros(500 + 17 * n % 900));
                    Err::<(), _>("refused")
                })
            })
            .collect();
        for future in as_completed(futures) {
            assert!(future.result().is_err());
        }
        assert_eq!(write("failed", &pool).counts().failed, 300);
    });
}

/// Named tasks of several kinds, some inside others, some cancelled, one with a name that is no markup.
#[test]
fn of_a_mixture() {
    watchdog(|| {
        let pool = pool(8);
        let kinds = [
            "read",
            "parse",
            "<b>index</b> </script>",
            "store",
            "compress",
        ];
        let mut futures = Vec::new();
        for n in 0..400_u64 {
            let kind = (n * 7 % 11 % 5) as usize;
            let times = (n * 37 % 101, n * 53 % 67);
            let inner = pool.clone();
            let task = move || {
                match kind {
                    0 => sleep(Duration::from_micros(1000 + 60 * times.0)),
                    1 => drop(compute(Duration::from_micros(100 + 10 * times.1))),
                    2 if n % 40 == 2 => {
                        let nested = inner.task().name("nested");
                        let nested = nested.submit(|| sleep(Duration::from_millis(2)));
                        nested.result().map_err(|_| "nested")?;
                    }
                    _ => {
                        compute(Duration::from_micros(2 * times.0));
                        sleep(Duration::from_micros(30 * times.1));
                    }
                }
                if n % 90 == 17 {
                    Err("no such thing")
                } else {
                    Ok(())
                }
            };
            futures.push(pool.task().name(kinds[kind]).try_submit(task));
            if n % 50 == 0 {
                sleep(Duration::from_millis(3));
            }
        }
        let mut cancelled: Vec<_> = (0..5)
            .map(|_| pool.task().name("late").submit(|| ()))
            .collect();
        cancelled.retain(Future::cancel);
        for future in as_completed(futures) {
            let _ = future.result();
        }
        let counts = write("mixed", &pool).counts();
        assert_eq!(counts.cancelled, cancelled.len() as u64);
        assert!(counts.failed >= 4);
    });
}

/// Of more tasks than are kept, while some run and some are queued.
#[test]
fn of_a_sample() {
    watchdog(|| {
        let pool = pool_with(3, ProfileOptions::new().max_tasks(200));
        pool.map(0..2000, |n| compute(Duration::from_micros(n % 50)))
            .for_each(drop);
        let held = hold(&pool, 3);
        let queued = [(), ()].map(|()| pool.submit(|| ()));
        let profile = write("sample", &pool);
        held.release();
        assert!(queued.into_iter().all(|future| future.result().is_ok()));
        let counts = profile.counts();
        assert_eq!(
            (counts.completed, counts.running, counts.queued),
            (2000, 3, 2)
        );
        assert!(profile.tasks().len() < 2000);
    });
}

#[test]
fn of_a_hundred_thousand_tasks() {
    watchdog(|| {
        let pool = pool(8);
        let work = |n: u64| match n % 50 {
            0 => sleep(Duration::from_micros(200)),
            n => drop(compute(Duration::from_micros(n / 5))),
        };
        pool.map(0..100_000, work).for_each(drop);
        let profile = write("many", &pool);
        assert_eq!(profile.counts().completed, 100_000);
        assert_eq!(profile.tasks().len(), 100_000);
    });
}
