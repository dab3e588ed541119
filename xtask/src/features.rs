//! The features of the library: all of them together are tested, and each of them builds by itself.

use crate::cargo::{Cargo, Outcome, Ran};

/// For `--features`.
pub(crate) const ALL: &str = "concurrent-futures/metrics,concurrent-futures/profile,concurrent-futures/progress,\
                              concurrent-futures/rim,concurrent-futures/tracing";

/// Also without any.
pub(crate) fn check_each() -> Outcome {
    let check = |features: &str| {
        Cargo::new(["clippy", "-p", "concurrent-futures", "--lib"])
            .args(["--features", features, "--", "-D", "warnings"])
            .run()
    };
    std::iter::once("")
        .chain(ALL.split(','))
        .try_fold(Ran::default(), |_, features| check(features))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo::root;

    #[test]
    fn all_features_of_the_manifest_are_among_them() {
        let path = root().join("crates/concurrent-futures/Cargo.toml");
        let manifest = std::fs::read_to_string(path).unwrap();
        let section = manifest
            .split("[features]")
            .nth(1)
            .expect("it has features");
        let section = section.split("\n[").next().expect("a first part");
        let names = section.lines().filter_map(|line| line.split_once(" = "));
        let names = names.map(|(name, _)| format!("concurrent-futures/{name}"));
        let mut names: Vec<_> = names.filter(|name| !name.contains('#')).collect();
        names.sort();
        assert_eq!(names.join(","), ALL);
    }
}
