//! The tasks as events, in the format that Chrome's tracing began and Perfetto reads.
//!
//! A task that ran is a complete event (`X`) on the track of its thread; one that never ran is an instant
//! (`i`) on a track of its own. Queue and busy workers are counters (`C`). Names of tracks are metadata
//! (`M`). What is not of one moment is in `otherData`. Times are in microseconds.

use super::{Profile, ProfiledTask, json::Summary, micros};
use serde::{Serialize, Serializer, ser::SerializeSeq};
use std::collections::BTreeMap;

#[derive(Serialize)]
pub(super) struct Trace<'a> {
    #[serde(rename = "displayTimeUnit")]
    unit: &'static str,
    #[serde(rename = "otherData")]
    summary: Summary<'a>,
    #[serde(rename = "traceEvents")]
    events: Events<'a>,
}

impl<'a> Trace<'a> {
    pub(super) fn of(profile: &'a Profile) -> Self {
        let names = profile.workers().iter().map(|load| &*load.name);
        Self {
            unit: "ms",
            summary: Summary::of(profile),
            events: Events {
                profile,
                tracks: names.zip(UNRUN + 1..).collect(),
            },
        }
    }
}

const PROCESS: u32 = 1;
/// The track of what never ran.
const UNRUN: u32 = 0;

struct Events<'a> {
    profile: &'a Profile,
    /// By the names of the threads.
    tracks: BTreeMap<&'a str, u32>,
}

#[derive(Serialize)]
struct Event<'a, A> {
    name: &'a str,
    ph: &'static str,
    pid: u32,
    tid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<f64>,
    /// How far an instant reaches: on its thread.
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<&'static str>,
    args: A,
}

#[derive(Serialize)]
struct Name<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct SortIndex {
    sort_index: u32,
}

#[derive(Serialize)]
struct Count {
    tasks: f64,
}

#[derive(Serialize)]
struct Facts {
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<u64>,
    outcome: &'static str,
    location: String,
    wait_us: f64,
    run_us: f64,
    cpu_us: f64,
    blocked_us: f64,
    contended_us: f64,
}

impl Serialize for Events<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut events = serializer.serialize_seq(None)?;
        self.tracks(&mut events)?;
        self.counters(&mut events)?;
        for task in self.profile.tasks() {
            self.task(task, &mut events)?;
        }
        events.end()
    }
}

impl Events<'_> {
    fn tracks<S: SerializeSeq>(&self, events: &mut S) -> Result<(), S::Error> {
        let name = self.profile.pool_name();
        events.serialize_element(&metadata("process_name", UNRUN, Name { name }))?;
        for (name, &track) in &self.tracks {
            events.serialize_element(&metadata("thread_name", track, Name { name }))?;
            let order = SortIndex { sort_index: track };
            events.serialize_element(&metadata("thread_sort_index", track, order))?;
        }
        let name = "did not run";
        events.serialize_element(&metadata("thread_name", UNRUN, Name { name }))
    }

    fn counters<S: SerializeSeq>(&self, events: &mut S) -> Result<(), S::Error> {
        let series = self.profile.over_time();
        for (name, values) in [("queued", &series.queued), ("busy", &series.busy)] {
            for (&tasks, index) in values.iter().zip(0_u32..) {
                events.serialize_element(&Event {
                    name,
                    ph: "C",
                    pid: PROCESS,
                    tid: UNRUN,
                    ts: Some(micros(series.step * index)),
                    dur: None,
                    s: None,
                    args: Count { tasks },
                })?;
            }
        }
        Ok(())
    }

    fn task<S: SerializeSeq>(&self, task: &ProfiledTask, events: &mut S) -> Result<(), S::Error> {
        let track = task.worker().and_then(|worker| self.tracks.get(worker));
        events.serialize_element(&Event {
            name: &task.label(),
            ph: if track.is_some() { "X" } else { "i" },
            pid: PROCESS,
            tid: track.copied().unwrap_or(UNRUN),
            ts: Some(micros(task.started())),
            dur: track.map(|_| micros(task.run())),
            s: track.is_none().then_some("t"),
            args: Facts {
                id: task.id(),
                parent: task.parent(),
                outcome: task.outcome_word(),
                location: task.location().to_string(),
                wait_us: micros(task.queue_wait()),
                run_us: micros(task.run()),
                cpu_us: micros(task.cpu()),
                blocked_us: micros(task.blocked()),
                contended_us: micros(task.contended()),
            },
        })
    }
}

fn metadata<A>(name: &'static str, tid: u32, args: A) -> Event<'static, A> {
    Event {
        name,
        ph: "M",
        pid: PROCESS,
        tid,
        ts: None,
        dur: None,
        s: None,
        args,
    }
}
