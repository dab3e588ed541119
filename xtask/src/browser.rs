//! The page of a profile in a real browser. Nothing is installed: what is missing is said.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::args::Args;
use crate::cargo::{self, Cargo, Failure, Outcome, Ran};

/// Names that Chromium goes by.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

const FOLDER: &str = "browser-tests";

/// `cargo xtask browser`.
pub(crate) fn check(args: Args) -> Outcome {
    args.finish()?;
    suite()
}

/// Writes the pages of some loads, and looks at them.
pub(crate) fn suite() -> Outcome {
    need_node()?;
    let browser = browser()?;
    need_library()?;
    Cargo::new(["test", "-p", "concurrent-futures", "--features", "profile"])
        .args(["--test", "insight", "pages::"])
        .run_tests()?;
    let folder = cargo::target().join("tmp");
    let words = ["--test", "--test-reporter=spec"];
    eprintln!("$ cd {FOLDER} && node {}", words.join(" "));
    let output = Command::new("node")
        .args(words)
        .current_dir(cargo::root().join(FOLDER))
        .env("CHROMIUM", browser)
        .env("PAGES", folder.join("pages"))
        .env("SCREENSHOTS", folder.join("screenshots"))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Failure::Failed(format!("cannot run node: {error}")))?;
    let _ = std::io::stdout().write_all(&output.stdout);
    if !output.status.success() {
        return Err(Failure::Failed(format!("node: {}", output.status)));
    }
    let tests = count_passed(&String::from_utf8_lossy(&output.stdout))?;
    Ok(Ran { tests: Some(tests) })
}

fn need_node() -> Result<(), Failure> {
    if answers("node") {
        return Ok(());
    }
    Err(Failure::Missing {
        what: "Node.js 20 or later",
        install: "from nodejs.org or the system's packages".to_owned(),
    })
}

/// The browser that `CHROMIUM` names, or the first on the path.
fn browser() -> Result<PathBuf, Failure> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Ok(named.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    let places = BROWSERS
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places
        .into_iter()
        .find(|place| place.is_file())
        .ok_or_else(|| Failure::Missing {
            what: "Chromium",
            install: "the system's package chromium, or name one by CHROMIUM=/path/to/it"
                .to_owned(),
        })
}

fn need_library() -> Result<(), Failure> {
    let library = cargo::root()
        .join(FOLDER)
        .join("node_modules/playwright-core");
    if library.is_dir() {
        return Ok(());
    }
    Err(Failure::Missing {
        what: "playwright-core",
        install: format!("npm ci --prefix {FOLDER}"),
    })
}

fn answers(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The count in node's summary, of which one line ends in `pass 12`.
fn count_passed(output: &str) -> Result<u64, Failure> {
    output
        .lines()
        .rev()
        .find_map(|line| line.rsplit_once("pass ")?.1.trim().parse().ok())
        .filter(|count| *count > 0)
        .ok_or_else(|| Failure::Failed("no test ran".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_of_node_is_counted() {
        let output = "ok\n\u{2139} tests 13\n\u{2139} pass 12\n\u{2139} fail 1\n";
        assert_eq!(count_passed(output).unwrap(), 12);
        assert!(count_passed("\u{2139} pass 0\n").is_err());
    }
}
