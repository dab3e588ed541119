//! The measured shares against those that a load was built to have.

use super::load::Pace;
use concurrent_futures::{Shares, ThreadPoolExecutor};
use std::{error::Error, fmt::Write as _, thread, time::Duration};

/// A load, in milliseconds of each task, and how many are submitted at once to one worker. They wait for
/// each other: nobody for the first, one task for the second, and so on.
struct Built {
    name: &'static str,
    cpu: u64,
    sleep: u64,
    at_once: u64,
}

const ALL: [Built; 6] = [
    built("all CPU", 4, 0, 1),
    built("CPU 1 : blocked 1", 4, 4, 1),
    built("CPU 1 : blocked 9", 1, 9, 1),
    built("all blocked", 0, 10, 1),
    built("two at once, CPU 1 : blocked 1", 4, 4, 2),
    built("four at once, CPU 1 : blocked 4", 1, 4, 4),
];

const fn built(name: &'static str, cpu: u64, sleep: u64, at_once: u64) -> Built {
    Built {
        name,
        cpu,
        sleep,
        at_once,
    }
}

impl Built {
    /// Wait, CPU and blocked, in percent.
    fn shares(&self) -> [f64; 3] {
        let run = self.cpu + self.sleep;
        let waits = run * self.at_once * (self.at_once - 1) / 2;
        let [cpu, blocked] = [self.cpu, self.sleep].map(|part| part * self.at_once);
        let all = (waits + cpu + blocked) as f64;
        [waits, cpu, blocked].map(|part| part as f64 * 100.0 / all)
    }

    fn measure(&self, pace: Pace) -> Result<Shares, Box<dyn Error>> {
        let pool = ThreadPoolExecutor::builder().max_workers(1).profile();
        let pool = pool.build()?;
        pool.prestart(1);
        let (cpu, sleep) = [self.cpu, self.sleep].map(Duration::from_millis).into();
        for _ in 0..200 / self.at_once {
            let tasks = (0..self.at_once).map(|_| {
                pool.submit(move || {
                    pace.compute(cpu);
                    if !sleep.is_zero() {
                        thread::sleep(sleep);
                    }
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                task.result()?;
            }
        }
        Ok(pool.profile().ok_or("a profile was asked for")?.shares())
    }
}

pub(super) fn table(pace: Pace) -> Result<String, Box<dyn Error>> {
    let mut text =
        "| load | wait built | measured | CPU built | measured | blocked built | measured |\n\
                    |---|---:|---:|---:|---:|---:|---:|"
            .to_owned();
    for built in &ALL {
        let shares = built.measure(pace)?;
        let [wait, cpu, blocked] = built.shares();
        write!(
            text,
            "\n| {} | {wait:.1} % | {:.1} % | {cpu:.1} % | {:.1} % | {blocked:.1} % | {:.1} % |",
            built.name, shares.wait, shares.cpu, shares.blocked
        )?;
    }
    Ok(text)
}
