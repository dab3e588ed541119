//! The profile as JSON. The fields are listed in the chapter on insight, and do not change their meaning
//! as long as `version` is the same.

mod columns;
mod summary;

use super::Profile;
use columns::{Columns, Tables};
use serde::Serialize;
pub(super) use summary::Summary;

#[derive(Serialize)]
pub(super) struct Document<'a> {
    version: u32,
    #[serde(flatten)]
    summary: Summary<'a>,
    #[serde(flatten)]
    tables: Tables,
    tasks: Columns,
}

impl<'a> Document<'a> {
    pub(super) fn of(profile: &'a Profile) -> Self {
        let (tables, tasks) = columns::of(profile);
        Self {
            version: 1,
            summary: Summary::of(profile),
            tables,
            tasks,
        }
    }
}
