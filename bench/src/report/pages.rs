//! The pages that quote the figures.

use super::{figures::Group, markdown, picture, standing::standings};
use std::{error::Error, fs, path::Path};

const BEGIN: &str = "<!-- figures:begin -->\n";
const END: &str = "<!-- figures:end -->";

/// Writes the tables between the marks of both pages, and the picture.
pub(crate) fn write_pages(groups: &[Group]) -> Result<(), Box<dyn Error>> {
    let standings = standings(groups);
    let bench = Path::new(env!("CARGO_MANIFEST_DIR"));
    let front = bench.parent().ok_or("the project is above")?;
    fill(&bench.join("README.md"), &markdown::full(groups))?;
    fill(
        &front.join("README.md"),
        &markdown::quoted(groups, &standings),
    )?;
    fs::write(bench.join("results.svg"), picture::svg(&standings)?)?;
    Ok(())
}

fn fill(page: &Path, figures: &str) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(page)?;
    let text = between_marks(&text, figures)
        .ok_or_else(|| format!("{} has no marks for the figures", page.display()))?;
    Ok(fs::write(page, text)?)
}

fn between_marks(text: &str, figures: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{figures}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_outside_the_marks_stays() {
        let page = format!("a\n{BEGIN}old\n{END}\nb\n");
        let filled = between_marks(&page, "new\n").unwrap();
        assert_eq!(filled, format!("a\n{BEGIN}new\n{END}\nb\n"));
        assert_eq!(between_marks(&filled, "new\n").unwrap(), filled);
        assert_eq!(between_marks("no marks", "new"), None);
    }
}
