//! A line for each task.

use super::{Profile, ProfiledTask, micros};
use std::{
    borrow::Cow,
    io::{self, Write},
};

const HEADER: &str = "id,parent,name,location,worker,outcome,enqueued_us,start_us,wait_us,run_us,cpu_us,blocked_us,\
                      contended_us,nested_us";

pub(super) fn write(profile: &Profile, file: &mut impl Write) -> io::Result<()> {
    writeln!(file, "{HEADER}")?;
    for task in profile.tasks() {
        writeln!(file, "{}", line(task))?;
    }
    Ok(())
}

fn line(task: &ProfiledTask) -> String {
    let parent = task.parent().map(|parent| parent.to_string());
    format!(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
        task.id(),
        parent.unwrap_or_default(),
        quoted(task.name().unwrap_or_default()),
        quoted(&task.location().to_string()),
        quoted(task.worker().unwrap_or_default()),
        task.outcome_word(),
        micros(task.enqueued()),
        micros(task.started()),
        micros(task.queue_wait()),
        micros(task.run()),
        micros(task.cpu()),
        micros(task.blocked()),
        micros(task.contended()),
        micros(task.nested()),
    )
}

/// As RFC 4180 wants it: in quotes if it has a comma, a quote or a line break, and quotes doubled.
fn quoted(field: &str) -> Cow<'_, str> {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\"")).into()
    } else {
        field.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_break_a_line_is_quoted() {
        assert_eq!(quoted("page 7"), "page 7");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"hello\"\n"), "\"say \"\"hello\"\"\n\"");
    }
}
