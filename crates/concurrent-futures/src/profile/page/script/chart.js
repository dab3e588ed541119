// What all charts have in common: axes that take their colours from the page, and the width of their place.

const GUTTER = 64;
const AXIS_HEIGHT = 28;
const AXIS_FONT = "12px " + PAGE_FONT;

function axis(options) {
  return {
    font: AXIS_FONT,
    stroke: () => palette.get("--muted"),
    ...options,
    grid: { stroke: () => palette.get("--hair"), width: 1, ...options.grid },
    ticks: { stroke: () => palette.get("--hair"), width: 1, size: 4, ...options.ticks },
  };
}

/** An axis of counts, at the left. */
function countAxis() {
  const short = new Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 1 });
  return axis({
    scale: "y",
    size: GUTTER,
    gap: 6,
    space: 26,
    ticks: { show: false },
    incrs: steps(0, 12),
    values: (_, splits) => splits.map((value) => short.format(value)),
  });
}

/** 1, 2 and 5 times the powers of ten between two. */
function steps(least, most) {
  const powers = Array.from({ length: most - least + 1 }, (_, place) => least + place);
  return powers.flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
}

/** From zero to a little above the largest of all counts, whatever part of them is shown. */
function countScale(most) {
  const range = [0, Math.max(1, most * 1.06)];
  return { range: () => range };
}

function withAlpha(name, alpha) {
  return palette.get(name) + alpha;
}

/** Makes a chart as wide as its place, now and later; it is drawn anew when the colours change. */
function chartIn(container, options, data) {
  const width = () => Math.max(200, container.clientWidth);
  const chart = new uPlot({ legend: { show: false }, ...options, width: width() }, data, container);
  new ResizeObserver(() => {
    if (width() !== chart.width) chart.setSize({ width: width(), height: options.height });
  }).observe(container);
  palette.listeners.push(() => chart.redraw(false));
  return chart;
}
