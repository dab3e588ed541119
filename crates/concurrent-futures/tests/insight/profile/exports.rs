//! Terminal, JSON, trace and CSV show the same numbers, and each has its format's shape.

use super::{profile, profiled};
use crate::support::watchdog;
use concurrent_futures::{Latency, Profile};
use serde_json::Value;
use std::{collections::BTreeMap, env, fs, process, thread, time::Duration};

/// Some tasks that sleep, one that fails, one that was cancelled; names that are hard to write.
fn sample() -> Profile {
    let pool = profiled(2);
    let hold = Duration::from_millis(3);
    let mut tasks: Vec<_> = (0..20)
        .map(|n| {
            let task = pool.task().name(format!("page \"{n}\", <b>"));
            task.submit(move || thread::sleep(hold))
        })
        .collect();
    let last = tasks.pop().expect("there are twenty");
    last.cancel();
    assert!(pool.try_submit(|| "x".parse::<u8>()).result().is_err());
    for task in tasks {
        task.result().unwrap();
    }
    profile(&pool)
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}

/// What is written into a file.
fn written(name: &str, write: impl FnOnce(&std::path::Path)) -> String {
    let path = env::temp_dir().join(format!("profile-{}-{name}", process::id()));
    write(&path);
    let text = fs::read_to_string(&path).expect("it was written");
    fs::remove_file(path).expect("it is there");
    text
}

#[allow(clippy::cast_precision_loss)]
fn micros(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e3
}

/// But for the last digit, which reading a number may cost.
fn same(value: &Value, number: f64) -> bool {
    let found = value.as_f64().expect("a number");
    (found - number).abs() <= number.abs() * 1e-12
}

#[test]
fn json_has_the_numbers_of_the_profile() {
    watchdog(|| {
        let profile = sample();
        let json = parsed(&profile.to_json());
        assert_eq!(json["version"], 1);
        assert_eq!(json["pool"]["name"], "w");
        assert_eq!(json["pool"]["max_workers"], 2);
        assert_eq!(json["counts"]["submitted"], 21);
        assert_eq!(json["counts"]["completed"], 19);
        assert_eq!(json["counts"]["failed"], 1);
        assert_eq!(json["counts"]["cancelled"], 1);
        assert!(same(&json["elapsed_s"], profile.elapsed().as_secs_f64()));
        let shares = profile.shares();
        assert!(same(&json["shares"]["wait"], shares.wait));
        assert!(same(&json["shares"]["cpu"], shares.cpu));
        assert!(same(&json["shares"]["blocked"], shares.blocked));
        let latency = |name: &str, latency: &Latency| {
            let json = &json["latency"][name];
            assert_eq!(json["count"], latency.count());
            assert!(same(&json["p99_us"], micros(latency.quantile(0.99))));
            let counts = json["buckets"].as_array().unwrap().iter();
            let counted: u64 = counts.map(|bucket| bucket[1].as_u64().unwrap()).sum();
            assert_eq!(counted, latency.count());
        };
        latency("wait", profile.wait());
        latency("run", profile.run());
        latency("cpu", profile.cpu());
        latency("blocked", profile.blocked());
        let advised = &json["advised"]["workers"];
        assert_eq!(
            advised.as_u64(),
            profile.advice().workers().map(|n| n as u64)
        );
        assert_eq!(json["slowest"].as_array().unwrap().len(), 20);
    });
}

#[test]
fn the_columns_of_the_tasks_belong_together() {
    watchdog(|| {
        let profile = sample();
        let json = parsed(&profile.to_json());
        let tasks = &json["tasks"];
        assert_eq!((&tasks["total"], &tasks["kept"]), (&21.into(), &21.into()));
        let entry = |column: &str, index: usize| tasks[column][index].clone();
        let lookup = |table: &str, place: Value| match place.as_u64() {
            Some(place) => json[table][usize::try_from(place).unwrap()].clone(),
            None => Value::Null,
        };
        for (index, task) in profile.tasks().iter().enumerate() {
            let text = |text: Option<&str>| text.map_or(Value::Null, Value::from);
            assert_eq!(lookup("names", entry("name", index)), text(task.name()));
            let location = task.location().to_string();
            assert_eq!(lookup("locations", entry("location", index)), location);
            let outcome = task.outcome().unwrap().as_str();
            assert_eq!(lookup("outcomes", entry("outcome", index)), outcome);
            let worker = lookup("workers", entry("worker", index));
            assert_eq!(worker["name"], text(task.worker()));
            let times = [
                ("start_us", task.started()),
                ("wait_us", task.queue_wait()),
                ("run_us", task.run()),
                ("cpu_us", task.cpu()),
                ("blocked_us", task.blocked()),
                ("contended_us", task.contended()),
            ];
            for (column, time) in times {
                assert!(same(&entry(column, index), micros(time)), "{column}");
            }
        }
    });
}

#[test]
fn the_file_of_json_is_the_text() {
    watchdog(|| {
        let profile = sample();
        let text = written("json", |path| profile.write_json(path).unwrap());
        assert_eq!(text, profile.to_json());
    });
}

#[test]
fn a_trace_has_an_event_for_each_task_on_the_track_of_its_worker() {
    watchdog(|| {
        let profile = sample();
        let trace = parsed(&written("trace", |path| profile.write_trace(path).unwrap()));
        let events = trace["traceEvents"].as_array().expect("a list of events");
        for event in events {
            assert!(event["name"].is_string() && event["pid"].is_u64() && event["tid"].is_u64());
            assert!(event["ph"] == "M" || event["ts"].is_f64(), "{event}");
            assert!(event["args"].is_object());
        }
        let of = |phase: &'static str| events.iter().filter(move |event| event["ph"] == phase);
        let tracks: BTreeMap<_, _> = of("M")
            .filter(|event| event["name"] == "thread_name")
            .map(|event| {
                (
                    event["tid"].as_u64(),
                    event["args"]["name"].as_str().unwrap(),
                )
            })
            .collect();
        let mut ran = of("X");
        for task in profile
            .tasks()
            .iter()
            .filter(|task| task.worker().is_some())
        {
            let event = ran.next().expect("an event for each");
            assert_eq!(event["name"], task.label());
            assert_eq!(tracks[&event["tid"].as_u64()], task.worker().unwrap());
            assert!(same(&event["ts"], micros(task.started())));
            assert!(same(&event["dur"], micros(task.run())));
            assert!(same(&event["args"]["cpu_us"], micros(task.cpu())));
            assert_eq!(event["args"]["outcome"], task.outcome().unwrap().as_str());
        }
        assert!(ran.next().is_none());
        let unrun: Vec<_> = of("i").collect();
        assert_eq!(unrun.len(), 1);
        assert_eq!(unrun[0]["args"]["outcome"], "cancelled");
        let busy: Vec<_> = of("C")
            .filter(|event| event["name"] == "busy")
            .map(|event| event["args"]["tasks"].as_f64().unwrap())
            .collect();
        assert_eq!(busy, profile.over_time().busy);
        let json = parsed(&profile.to_json());
        for part in ["counts", "shares", "latency", "advice", "workers"] {
            assert_eq!(trace["otherData"][part], json[part], "{part}");
        }
    });
}

#[test]
fn csv_has_a_line_for_each_task() {
    watchdog(|| {
        let profile = sample();
        let text = written("csv", |path| profile.write_csv(path).unwrap());
        let mut lines = text.lines();
        let header = lines.next().unwrap();
        assert!(header.starts_with("id,parent,name,location,worker,outcome,"));
        let lines: Vec<_> = lines.collect();
        assert_eq!(lines.len(), 21);
        for (line, task) in lines.iter().zip(profile.tasks()) {
            assert!(line.starts_with(&format!("{},,", task.id())));
            let (run, nested) = (micros(task.run()), micros(task.nested()));
            assert!(line.contains(&format!(",{run},")) && line.ends_with(&format!(",{nested}")));
        }
        assert!(lines[0].contains(r#","page ""0"", <b>","#), "{}", lines[0]);
    });
}

#[test]
fn the_table_fits_a_terminal_and_has_the_numbers() {
    watchdog(|| {
        let profile = sample();
        let table = profile.to_string();
        for line in table.lines() {
            assert!(line.chars().count() <= 80, "{line}");
            assert!(!line.ends_with(' '), "{line:?}");
        }
        assert!(!table.ends_with('\n'));
        let shares = profile.shares();
        for share in [shares.wait, shares.cpu, shares.blocked] {
            assert!(table.contains(&format!("{share:.1} %")), "{share}: {table}");
        }
        assert!(
            table.contains("19 completed, 1 failed, 1 cancelled"),
            "{table}"
        );
        for point in profile.advice().points() {
            assert!(table.contains(point.topic));
        }
    });
}

#[test]
fn a_file_that_cannot_be_made_is_an_error() {
    let profile = profile(&profiled(1));
    let nowhere = env::temp_dir().join("no such folder").join("profile");
    assert!(profile.write_json(&nowhere).is_err());
    assert!(profile.write_csv(&nowhere).is_err());
    assert!(profile.write_trace(&nowhere).is_err());
}
