//! Which file each address is saved to.

use std::{collections::HashSet, path::Path};

use percent_encoding::percent_decode_str;
use ureq::http::Uri;

/// A name for each address, in their order: the last part of its path, no name twice.
pub(crate) fn file_names(addresses: &[Uri]) -> Vec<String> {
    let mut taken = HashSet::new();
    addresses
        .iter()
        .map(|address| free_name(&last_part(address), &mut taken))
        .collect()
}

fn last_part(address: &Uri) -> String {
    let last = address.path().rsplit('/').next().unwrap_or_default();
    let name: String = percent_decode_str(last)
        .decode_utf8_lossy()
        .chars()
        .map(|c| {
            if c.is_control() || r#"/\:*?"<>|"#.contains(c) {
                '_'
            } else {
                c
            }
        })
        .collect();
    match name.trim_end_matches(['.', ' ']) {
        "" => "index.html".into(),
        name => name.into(),
    }
}

fn free_name(name: &str, taken: &mut HashSet<String>) -> String {
    let path = Path::new(name);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path
        .extension()
        .map(|e| format!(".{}", e.to_string_lossy()))
        .unwrap_or_default();
    let numbered = (2..).map(|number| format!("{stem}-{number}{extension}"));
    std::iter::once(name.to_owned())
        .chain(numbered)
        // On some file systems "A.txt" and "a.txt" are one file.
        .find(|name| taken.insert(name.to_lowercase()))
        .expect("there are more numbers than addresses")
}
