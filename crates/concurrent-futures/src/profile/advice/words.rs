//! The advice in plain words, each with its arithmetic.

use super::{
    AdvicePoint, LEAST_CPU_PART, LoadKind, Numbers, as_f64, enough, facts::Facts, queue, speedup,
};
use crate::profile::human::{figure, percent, plural, rate, time};
use std::time::Duration;

/// The work of a task that hardly pays for its way through a pool.
const SHORT: Duration = Duration::from_micros(2);

pub(super) fn too_little(facts: &Facts) -> AdvicePoint {
    AdvicePoint {
        topic: "data",
        text: "Too few tasks have ended to say anything about the size of the pool.".to_owned(),
        arithmetic: facts.missing(),
    }
}

pub(super) fn points(facts: &Facts, numbers: &Numbers) -> Vec<AdvicePoint> {
    vec![
        load(facts, numbers),
        workers(facts, numbers),
        arrivals(facts, numbers),
        queue(facts, numbers),
        speedup(facts, numbers),
    ]
}

fn load(facts: &Facts, numbers: &Numbers) -> AdvicePoint {
    let kind = match numbers.kind {
        LoadKind::CpuBound => "CPU-bound",
        LoadKind::IoBound => "I/O-bound",
        LoadKind::Mixed => "mixed",
    };
    let (cpu, blocked) = (time(facts.mean_cpu()), time(facts.mean_blocked()));
    let part = percent(facts.cpu_part() * 100.0);
    AdvicePoint {
        topic: "load",
        text: format!(
            "The load is {kind}: its tasks use a processor for {part} of the time they work."
        ),
        arithmetic: format!("{cpu} CPU / ({cpu} CPU + {blocked} blocked) = {part}"),
    }
}

fn workers(facts: &Facts, numbers: &Numbers) -> AdvicePoint {
    let advised = plural(numbers.workers as u64, "worker");
    let allowed = facts.workers;
    let processors = plural(facts.processors as u64, "processor");
    if facts.cpu_part() >= LEAST_CPU_PART {
        let (cpu, blocked) = (time(facts.mean_cpu()), time(facts.mean_blocked()));
        let by_chance = enough::by_chance(facts.processors, facts.blocked_to_cpu());
        let fit = if numbers.workers == allowed {
            "as many as there may be".to_owned()
        } else {
            format!("there may be {allowed}")
        };
        return AdvicePoint {
            topic: "workers",
            text: format!("{advised} would keep {processors} busy; {fit}."),
            arithmetic: format!(
                "{processors} x (1 + {blocked} blocked / {cpu} CPU) = {} if they took turns; {} as chance has it",
                figure(enough::in_turns(
                    as_f64(facts.processors as u64),
                    facts.blocked_to_cpu()
                )),
                by_chance.round(),
            ) + &capped(facts, numbers, by_chance),
        };
    }
    let (text, arithmetic) = if facts.came_steadily() {
        (
            format!(
                "The tasks hardly use a processor, so what counts is how fast they come: {advised}; there \
                 may be {allowed}."
            ),
            little(facts, numbers) + &capped(facts, numbers, numbers.at_a_time.ceil()),
        )
    } else {
        (
            format!(
                "The tasks hardly use a processor and came all at once, so each worker more gets more done, \
                 up to what they wait for can bear: {advised}; there may be {allowed}."
            ),
            format!(
                "one for each of {}, but no more than 1,000",
                plural(facts.submitted, "task")
            ),
        )
    };
    AdvicePoint {
        topic: "workers",
        text,
        arithmetic,
    }
}

#[allow(clippy::cast_precision_loss)]
fn capped(facts: &Facts, numbers: &Numbers, wanted: f64) -> String {
    if (numbers.workers as f64) + 1.0 < wanted {
        format!(", but there were {} only", plural(facts.submitted, "task"))
    } else {
        String::new()
    }
}

fn arrivals(facts: &Facts, numbers: &Numbers) -> AdvicePoint {
    let at_a_time = figure(numbers.at_a_time);
    let (mean, per_second) = (time(facts.mean_work()), rate(numbers.rate));
    let text = if facts.came_steadily() {
        let verdict = if numbers.at_a_time > super::as_f64(facts.workers as u64) {
            format!(
                "more than the {} there may be, so the queue grows",
                facts.workers
            )
        } else {
            format!("there may be {}", facts.workers)
        };
        format!(
            "Tasks came at {per_second} and work for {mean} each, so {at_a_time} of them run at a time if \
             none waits: {verdict}."
        )
    } else {
        format!(
            "All tasks came within {} of {}; {at_a_time} of them worked at a time.",
            time(facts.arriving),
            time(facts.elapsed)
        )
    };
    AdvicePoint {
        topic: "arrivals",
        text,
        arithmetic: little(facts, numbers),
    }
}

fn little(facts: &Facts, numbers: &Numbers) -> String {
    let (mean, per_second) = (time(facts.mean_work()), rate(numbers.rate));
    format!(
        "Little's law: {per_second} x {mean} = {}",
        figure(numbers.at_a_time)
    )
}

fn queue(facts: &Facts, numbers: &Numbers) -> AdvicePoint {
    let wish = time(facts.wait_wish);
    let text = if numbers.queue_bound == 0 {
        format!("Not even one task may be queued if 99 of 100 are to wait less than {wish}.")
    } else {
        let bound = plural(numbers.queue_bound as u64, "task");
        format!("With a queue of at most {bound}, 99 of 100 wait less than {wish}.")
    };
    AdvicePoint {
        topic: "queue",
        text,
        arithmetic: format!(
            "{wish} x {} / {} a task = {}, less what the run times vary by ({})",
            plural(facts.workers as u64, "worker"),
            time(facts.mean_run),
            figure(queue::steps(facts, facts.wait_wish)),
            percent(facts.variation * 100.0),
        ),
    }
}

fn speedup(facts: &Facts, numbers: &Numbers) -> AdvicePoint {
    let advised = plural(numbers.workers as u64, "worker");
    let (reached, possible) = (figure(numbers.speedup), figure(numbers.possible));
    let [cpu, work, longest] = speedup::bounds(facts, numbers.workers)
        .map(|seconds| time(Duration::from_secs_f64(seconds)));
    let whole = time(facts.work());
    let verdict = if numbers.speedup < 1.0 && facts.mean_work() < SHORT {
        "the tasks are shorter than what it takes to hand them over: give each more to do"
            .to_owned()
    } else {
        format!("with {advised}, and tasks that come fast enough, {possible} times is possible")
    };
    AdvicePoint {
        topic: "speed-up",
        text: format!("{reached} times as fast as one task after the other; {verdict}."),
        arithmetic: format!(
            "{whole} of work / {} = {reached}; at best it takes the longest of {cpu} (processors), {work} \
             (workers) and {longest} (longest task): {possible}",
            time(facts.elapsed)
        ),
    }
}
