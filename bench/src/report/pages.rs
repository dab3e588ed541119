//! The pages that quote the figures.

use super::{figures::Group, markdown, picture, standing::standings};
use std::{error::Error, fs, path::Path};

/// What is written anew between two marks of a page.
#[derive(Clone, Copy)]
struct Marks {
    begin: &'static str,
    end: &'static str,
}

const FIGURES: Marks = Marks {
    begin: "<!-- figures:begin -->\n",
    end: "<!-- figures:end -->",
};

const CONTROL: Marks = Marks {
    begin: "<!-- control:begin -->\n",
    end: "<!-- control:end -->",
};

const HOSTILE: Marks = Marks {
    begin: "<!-- hostile:begin -->\n",
    end: "<!-- hostile:end -->",
};

/// Writes the tables between the marks of both pages, and the picture.
pub(crate) fn write_pages(groups: &[Group]) -> Result<(), Box<dyn Error>> {
    let standings = standings(groups);
    let bench = Path::new(env!("CARGO_MANIFEST_DIR"));
    let front = bench.parent().ok_or("the project is above")?;
    fill(&bench.join("README.md"), FIGURES, &markdown::full(groups))?;
    fill(
        &front.join("README.md"),
        FIGURES,
        &markdown::quoted(groups, &standings),
    )?;
    fs::write(bench.join("results.svg"), picture::svg(&standings)?)?;
    Ok(())
}

/// Writes the tables of the scenarios.
pub(crate) fn write_control(tables: &str) -> Result<(), Box<dyn Error>> {
    let bench = Path::new(env!("CARGO_MANIFEST_DIR"));
    fill(&bench.join("README.md"), CONTROL, tables)
}

/// Writes what pools do in hostile cases.
pub(crate) fn write_hostile(table: &str) -> Result<(), Box<dyn Error>> {
    let bench = Path::new(env!("CARGO_MANIFEST_DIR"));
    fill(&bench.join("README.md"), HOSTILE, table)
}

fn fill(page: &Path, marks: Marks, figures: &str) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(page)?;
    let text = between_marks(&text, marks, figures)
        .ok_or_else(|| format!("{} has no marks for the figures", page.display()))?;
    Ok(fs::write(page, text)?)
}

fn between_marks(text: &str, marks: Marks, figures: &str) -> Option<String> {
    let Marks { begin, end } = marks;
    let (before, rest) = text.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}{figures}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_outside_the_marks_stays() {
        let Marks { begin, end } = FIGURES;
        let page = format!("a\n{begin}old\n{end}\nb\n");
        let filled = between_marks(&page, FIGURES, "new\n").unwrap();
        assert_eq!(filled, format!("a\n{begin}new\n{end}\nb\n"));
        assert_eq!(between_marks(&filled, FIGURES, "new\n").unwrap(), filled);
        assert_eq!(between_marks(&filled, CONTROL, "new"), None);
    }
}
