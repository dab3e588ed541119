//! Bars of ours beside the best peer, on a logarithmic scale.

use super::{short, standing::Standing};
use plotters::{
    coord::Shift,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};
use std::{error::Error, ops::Range};

type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Done = Result<(), Box<dyn Error>>;

const WIDTH: i32 = 1200;
const ROW: i32 = 16;
const HEAD: i32 = 92;
const FOOT: i32 = 40;
/// Room for the names on the left, and for the ratios and figures on the right.
const LEFT: i32 = 380;
const RIGHT: i32 = 340;
/// Where the ratios end and the figures begin.
const RATIO: i32 = WIDTH - RIGHT + 46;
const FIGURES: i32 = RATIO + 14;

const INK: RGBColor = RGBColor(36, 41, 47);
const PALE: RGBColor = RGBColor(101, 109, 118);
const GRID: RGBColor = RGBColor(216, 222, 228);
const MET: RGBColor = RGBColor(45, 164, 78);
const AHEAD: RGBColor = RGBColor(212, 167, 44);
const BEHIND: RGBColor = RGBColor(207, 34, 46);
const NO_GOAL: RGBColor = RGBColor(140, 149, 159);

/// The background is painted, so that the picture can be read on a dark page too.
pub(super) fn svg(standings: &[Standing<'_>]) -> Result<String, Box<dyn Error>> {
    let bands: Vec<_> = standings.chunk_by(same_workload).collect();
    let rows = standings.len() as f64 + GAP * bands.len() as f64;
    // Rounded up to whole rows.
    let whole_rows = i32::try_from(standings.len() + bands.len())?;
    let height = HEAD + ROW * whole_rows + FOOT;
    let size = (u32::try_from(WIDTH)?, u32::try_from(height)?);
    let mut text = String::new();
    {
        let canvas = SVGBackend::with_string(&mut text, size).into_drawing_area();
        canvas.fill(&WHITE)?;
        legend(&canvas)?;
        chart(&canvas, &bands, rows)?;
        canvas.present()?;
    }
    Ok(text)
}

/// Between the bars of one workload and those of the next, in rows.
const GAP: f64 = 0.7;

fn same_workload(a: &Standing<'_>, b: &Standing<'_>) -> bool {
    a.group.workload.id == b.group.workload.id
}

fn legend(canvas: &Canvas<'_>) -> Done {
    let title = "This crate beside the best peer: its time (bytes, CPU) divided by theirs";
    canvas.draw(&Text::new(title, (16, 14), font(17, INK)))?;
    let entries = [
        (MET, "goal reached"),
        (AHEAD, "ahead, goal missed"),
        (BEHIND, "behind, goal missed"),
        (NO_GOAL, "no goal"),
    ];
    let mut x = 16;
    for (color, meaning) in entries {
        canvas.draw(&Rectangle::new([(x, 48), (x + 14, 58)], color.filled()))?;
        canvas.draw(&Text::new(meaning, (x + 20, 46), font(13, INK)))?;
        x += 170;
    }
    canvas.draw(&Rectangle::new([(x, 45), (x + 3, 61)], INK.filled()))?;
    canvas.draw(&Text::new("goal", (x + 10, 46), font(13, INK)))?;
    x += 80;
    canvas.draw(&PathElement::new(
        [(x, 53), (x + 24, 53)],
        INK.stroke_width(1),
    ))?;
    canvas.draw(&Text::new(
        "slowest to fastest run",
        (x + 32, 46),
        font(13, INK),
    ))?;
    Ok(())
}

fn chart(canvas: &Canvas<'_>, bands: &[&[Standing<'_>]], rows: f64) -> Done {
    let scale = scale(bands);
    let ticks = (-6..=6).map(|power| 2f64.powi(power));
    let ticks: Vec<f64> = ticks.filter(|tick| scale.contains(tick)).collect();
    let mut chart = ChartBuilder::on(canvas)
        .margin_top(HEAD)
        .margin_right(RIGHT)
        .x_label_area_size(FOOT)
        .y_label_area_size(LEFT)
        .build_cartesian_2d(scale.clone().log_scale().with_key_points(ticks), rows..0.0)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .y_labels(0)
        .bold_line_style(GRID)
        .axis_style(GRID)
        .x_label_style(font(13, INK))
        .x_label_formatter(&|ratio| fraction(*ratio))
        .draw()?;
    let area = chart.plotting_area();
    area.draw(&PathElement::new(
        [(1.0, 0.0), (1.0, rows)],
        INK.stroke_width(1),
    ))?;

    let mut top = GAP / 2.0;
    for band in bands {
        let workload = band[0].group.workload;
        let (_, y) = chart.backend_coord(&(1.0, top + band.len() as f64 / 2.0));
        let name = format!("{}: {}", workload.id, workload.title);
        canvas.draw(&Text::new(name, (16, y), label(13, INK, HPos::Left)))?;
        for standing in *band {
            bar(area, standing, &scale, top)?;
            let (_, y) = chart.backend_coord(&(1.0, top + 0.5));
            let threads = standing.group.threads.to_string();
            let place = (LEFT - 8, y);
            canvas.draw(&Text::new(threads, place, label(12, PALE, HPos::Right)))?;
            let ratio = format!("{:.2}", standing.by_median);
            canvas.draw(&Text::new(ratio, (RATIO, y), label(12, INK, HPos::Right)))?;
            let figures = beside(standing);
            canvas.draw(&Text::new(
                figures,
                (FIGURES, y),
                label(12, PALE, HPos::Left),
            ))?;
            top += 1.0;
        }
        top += GAP;
    }
    let heads = [
        ("threads", LEFT - 8, HPos::Right),
        ("ratio", RATIO, HPos::Right),
        ("ours / theirs", FIGURES, HPos::Left),
    ];
    for (head, x, side) in heads {
        canvas.draw(&Text::new(head, (x, HEAD - 8), label(12, PALE, side)))?;
    }
    Ok(())
}

fn bar<C>(
    area: &DrawingArea<SVGBackend<'_>, C>,
    standing: &Standing<'_>,
    scale: &Range<f64>,
    top: f64,
) -> Done
where
    C: CoordTranslate<From = (f64, f64)>,
{
    let within = |ratio: f64| ratio.clamp(scale.start, scale.end);
    let ratio = within(standing.by_median);
    let color = match standing.met() {
        None => NO_GOAL,
        Some(true) => MET,
        Some(false) if standing.by_median <= 1.0 => AHEAD,
        Some(false) => BEHIND,
    };
    let corners = [(1.0, top + 0.12), (ratio, top + 0.88)];
    area.draw(&Rectangle::new(corners, color.filled()))?;
    let theirs = standing.theirs.median;
    let spread = [standing.ours.min, standing.ours.max];
    let spread = spread.map(|value| (within(value / theirs), top + 0.5));
    area.draw(&PathElement::new(spread, INK.stroke_width(1)))?;
    if let Some(goal) = standing.goal {
        let mark = [(goal, top), (goal, top + 1.0)];
        area.draw(&PathElement::new(mark, INK.stroke_width(3)))?;
    }
    Ok(())
}

/// From the smallest to the largest ratio, but an outlier does not squeeze all others.
fn scale(bands: &[&[Standing<'_>]]) -> Range<f64> {
    let ratios = bands
        .iter()
        .copied()
        .flatten()
        .map(|standing| standing.by_median);
    let (least, most) = ratios.fold((0.5, 1.2), |(least, most): (f64, f64), ratio| {
        (least.min(ratio), most.max(ratio))
    });
    (least / 1.25).max(1.0 / 32.0)..(most * 1.25).min(16.0)
}

fn beside(standing: &Standing<'_>) -> String {
    format!(
        "{} / {} {}, {}",
        short(standing.ours.median),
        short(standing.theirs.median),
        standing.group.workload.unit,
        standing.rival
    )
}

fn fraction(ratio: f64) -> String {
    if ratio < 1.0 {
        format!("1/{}", 1.0 / ratio)
    } else {
        ratio.to_string()
    }
}

fn font(size: i32, color: RGBColor) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&color)
}

/// Text whose middle is as high as its place.
fn label(size: i32, color: RGBColor, at: HPos) -> TextStyle<'static> {
    font(size, color).pos(Pos::new(at, VPos::Center))
}
