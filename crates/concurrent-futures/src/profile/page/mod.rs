//! A profile as one page that needs nothing else: no network, no other file.
//!
//! The page is a skeleton with places for a style, a script and the profile as JSON; what it shows is made
//! by the script, from this JSON alone. So it cannot show other numbers than the other exports have.

use super::Profile;
use std::{fs, io, path::Path};

impl Profile {
    /// Writes the profile as a page for a browser into a file, over what is there.
    ///
    /// The page needs no network and no other file. It shows the tasks on their workers as a timeline that
    /// can be zoomed, and otherwise the numbers of [`to_json`](Self::to_json), which it has in it. With
    /// 200,000 tasks kept it has some 15 MB.
    ///
    /// # Errors
    ///
    /// If the file cannot be made or written.
    ///
    /// ```
    /// use concurrent_futures::ThreadPoolExecutor;
    ///
    /// let pool = ThreadPoolExecutor::builder().profile().build()?;
    /// pool.map(0..100, |n| n * n).for_each(drop);
    /// let path = std::env::temp_dir().join("profile.html");
    /// pool.profile().expect("asked for above").write_html(&path)?;
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_html(&self, path: impl AsRef<Path>) -> io::Result<()> {
        fs::write(path, self.to_html())
    }

    /// The page of [`write_html`](Self::write_html) as text.
    ///
    /// ```
    /// # use concurrent_futures::ThreadPoolExecutor;
    /// let pool = ThreadPoolExecutor::builder().profile().build()?;
    /// let page = pool.profile().expect("asked for above").to_html();
    /// assert!(page.starts_with("<!doctype html>"));
    /// # Ok::<(), concurrent_futures::BuildError>(())
    /// ```
    pub fn to_html(&self) -> String {
        html(&self.to_json())
    }
}

/// The page, with places such as `{{style}}`.
const SKELETON: &str = include_str!("page.html");

/// The one thing in the page that is not ours; see `vendor/README.md`.
const LIBRARY: &str = include_str!("vendor/uPlot.iife.min.js");
const LIBRARY_LICENCE: &str = include_str!("vendor/LICENSE");
const LIBRARY_STYLE: &str = include_str!("vendor/uPlot.min.css");

const STYLE: &str = include_str!("page.css");

/// Parts of one script, each with functions for those after it.
const SCRIPT: [&str; 17] = [
    include_str!("script/format.js"),
    include_str!("script/data.js"),
    include_str!("script/dom.js"),
    include_str!("script/palette.js"),
    include_str!("script/view.js"),
    include_str!("script/chart.js"),
    include_str!("script/gestures.js"),
    include_str!("script/time_chart.js"),
    include_str!("script/tasks.js"),
    include_str!("script/colours.js"),
    include_str!("script/lane_painter.js"),
    include_str!("script/hover.js"),
    include_str!("script/timeline.js"),
    include_str!("script/over_time.js"),
    include_str!("script/latency.js"),
    include_str!("script/summary.js"),
    include_str!("script/tables.js"),
];

const START: &str = include_str!("script/main.js");

/// The page of a profile, given as JSON.
fn html(json: &str) -> String {
    let mut page = String::with_capacity(json.len() + 150_000);
    let mut rest = SKELETON;
    while let Some((before, after)) = rest.split_once("{{") {
        let (place, after) = after.split_once("}}").expect("each place has an end");
        page.push_str(before);
        fill(&mut page, place, json);
        rest = after;
    }
    page.push_str(rest);
    page
}

fn fill(page: &mut String, place: &str, json: &str) {
    match place {
        "style" => {
            page.push_str(LIBRARY_STYLE);
            page.push_str(STYLE);
        }
        "licence" => page.push_str(LIBRARY_LICENCE),
        "library" => page.push_str(LIBRARY),
        "profile" => push_inert(page, json),
        "script" => {
            for part in SCRIPT {
                page.push_str(part);
            }
            page.push_str(START);
        }
        _ => unreachable!("the skeleton has no such place: {place}"),
    }
}

/// JSON that no browser takes for the end of the script it lies in. `<` occurs in its strings only.
fn push_inert(page: &mut String, json: &str) {
    let mut rest = json;
    while let Some(at) = rest.find(['<', '\u{2028}', '\u{2029}']) {
        let (before, found) = rest.split_at(at);
        page.push_str(before);
        let mut chars = found.chars();
        page.push_str(match chars.next() {
            Some('<') => r"\u003c",
            Some('\u{2028}') => r"\u2028",
            _ => r"\u2029",
        });
        rest = chars.as_str();
    }
    page.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inert(json: &str) -> String {
        let mut page = String::new();
        push_inert(&mut page, json);
        page
    }

    #[test]
    fn no_name_of_a_task_ends_the_script() {
        let hostile = "{\"name\":\"</script><!--\u{2028}\u{2029}{{style}}\"}";
        assert_eq!(
            inert(hostile),
            r#"{"name":"\u003c/script>\u003c!--\u2028\u2029{{style}}"}"#
        );
        let page = html(hostile);
        assert_eq!(
            page.matches("</script>").count(),
            html("{}").matches("</script>").count()
        );
        assert!(
            page.contains("{{style}}"),
            "what a name says is not filled in"
        );
    }

    #[test]
    fn escapes_mean_the_same_string() {
        let name = "<b>\u{2028}é</b>";
        let json = serde_json::to_string(name).unwrap();
        let read: String = serde_json::from_str(&inert(&json)).unwrap();
        assert_eq!(read, name);
    }

    #[test]
    fn all_places_are_filled_and_scripts_stay_whole() {
        let page = html("{}");
        assert!(!page.contains("{{"));
        for part in SCRIPT.into_iter().chain([LIBRARY, START]) {
            assert!(!part.contains("</script"));
            assert!(page.contains(part));
        }
    }

    #[test]
    fn nothing_comes_from_elsewhere() {
        let page = html("{}");
        let own = page.replace(LIBRARY, "").replace(LIBRARY_STYLE, "");
        for word in [
            "http:", "https:", "@import", "url(", "src=", "fetch(", "eval(",
        ] {
            assert!(!own.contains(word), "{word}");
        }
        assert!(page.contains("default-src 'none'"));
    }
}
