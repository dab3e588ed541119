// How waits and runs are spread: counts over a logarithmic axis, and the percentiles as a table.

const BINS_PER_TENFOLD = 12;
const SPREAD_HEIGHT = 220;
const SPREADS = [
  ["wait", "Waiting", "--wait"],
  ["run", "Running", "--run"],
];

function drawLatency() {
  if (profile.latency.wait.count + profile.latency.run.count === 0) {
    byId("latency").replaceChildren(nothing("No task has ended yet."));
    byId("latency-table").remove();
    return;
  }
  byId("latency-table").replaceChildren(percentiles());
  const spreads = SPREADS.filter(([kind]) => profile.latency[kind].buckets.length > 0);
  if (spreads.length > 0) drawSpreads(spreads);
}

function drawSpreads(spreads) {
  const binned = spreads.map(([kind]) => bins(profile.latency[kind].buckets));
  const first = Math.min(...binned.map((bin) => Math.min(...bin.keys()))) - 1;
  const last = Math.max(...binned.map((bin) => Math.max(...bin.keys()))) + 2;
  const places = Array.from({ length: last - first + 1 }, (_, place) => first + place);
  const edge = (place) => 10 ** (place / BINS_PER_TENFOLD);
  const legend = spreads.map(([, label, colour]) => el("li", {}, swatch(colour), el("span", {}, label)));
  const container = el("div", { class: "chart", role: "img", "aria-label": "Histogram of waits and runs; the table below has its percentiles" });
  const reading = el("span", {});
  byId("latency").replaceChildren(el("div", { class: "legend-row" }, el("ul", {}, legend), reading), container);
  chartIn(
    container,
    {
      height: SPREAD_HEIGHT,
      padding: [34, 28, 0, 0],
      series: [{}, ...spreads.map(([, , colour]) => spreadSeries(colour))],
      scales: { x: { time: false, distr: 3, range: () => [edge(first), edge(last)] }, y: countScale(Math.max(...binned.flatMap((bin) => [...bin.values()]))) },
      axes: [durationAxis(edge(first), edge(last)), countAxis()],
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      hooks: {
        draw: [(chart) => spreads.forEach((spread, row) => drawPercentiles(chart, spread, row))],
        setCursor: [(chart) => (reading.textContent = spreadReading(chart, spreads, binned))],
      },
    },
    [places.map(edge), ...binned.map((bin) => places.map((place) => bin.get(place) ?? 0))],
  );
}

/** Counts by place on the logarithmic axis. */
function bins(buckets) {
  const counts = new Map();
  for (const [upper, many] of buckets) {
    const place = binOf(Math.max(upper, 0.1));
    counts.set(place, (counts.get(place) ?? 0) + many);
  }
  return counts;
}

function binOf(us) {
  return Math.floor(Math.log10(us) * BINS_PER_TENFOLD + 1e-9);
}

function spreadSeries(colour) {
  return {
    stroke: () => palette.get(colour),
    fill: () => withAlpha(colour, "2e"),
    width: 1.5,
    paths: uPlot.paths.stepped({ align: 1 }),
    points: { show: false },
  };
}

function durationAxis(min, max) {
  const tens = [];
  for (let ten = Math.ceil(Math.log10(min) - 1e-9); ten <= Math.log10(max) + 1e-9; ten += 1) tens.push(10 ** ten);
  const splits = tens.length > 1 ? tens : [min, max];
  return axis({
    size: AXIS_HEIGHT,
    gap: 3,
    splits: () => splits,
    filter: (_, shown) => shown,
    values: (chart, shown) => shown.map((us) => (chart.width < 80 * shown.length && !everyOther(us) ? "" : roundDuration(us))),
  });
}

function everyOther(us) {
  return Math.round(Math.log10(us)) % 3 === 0;
}

/** 1, 10 or 100 of a unit, without the digits that a measured time has. */
function roundDuration(us) {
  const [value, unit] = us < 1e3 ? [us, "µs"] : us < 1e6 ? [us / 1e3, "ms"] : [us / 1e6, "s"];
  return `${Number(value.toPrecision(2))} ${unit}`;
}

/** Marks the median and the 99th percentile, each kind of time in a row of its own. */
function drawPercentiles(chart, [kind, , colour], row) {
  const { ctx, bbox } = chart;
  const pixel = uPlot.pxRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = palette.get(colour);
  ctx.font = `${11 * pixel}px ${PAGE_FONT}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "bottom";
  ctx.setLineDash([2 * pixel, 3 * pixel]);
  const marks = ["p50", "p99"].map((share) => {
    const us = profile.latency[kind][`${share}_us`];
    const text = `${share} ${duration(us)}`;
    const left = Math.max(bbox.left, chart.valToPos(Math.max(us, 0.1), "x", true));
    return { left, text, room: ctx.measureText(text).width };
  });
  const bottom = bbox.top - (3 + 14 * row) * pixel;
  for (const { left } of marks) {
    ctx.beginPath();
    ctx.moveTo(left, bottom);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
  }
  // The median to the left of its line and the other to the right, so that they do not meet.
  const [median, tail] = marks;
  const tailAt = Math.min(tail.left + 4 * pixel, ctx.canvas.width - tail.room);
  const medianAt = Math.min(median.left - 4 * pixel, tailAt - 8 * pixel) - median.room;
  ctx.fillText(tail.text, tailAt, bottom);
  ctx.fillText(median.text, Math.max(0, medianAt), bottom);
  ctx.restore();
}

function spreadReading(chart, spreads, binned) {
  if (!(chart.cursor.left >= 0)) return "";
  const place = binOf(chart.posToVal(chart.cursor.left, "x"));
  const [from, to] = [place, place + 1].map((edge) => duration(10 ** (edge / BINS_PER_TENFOLD)));
  const counts = spreads.map(([, label], kind) => `${label.toLowerCase()} ${count(binned[kind].get(place) ?? 0)}`);
  return `${from} to ${to}: ${counts.join(", ")}`;
}

function percentiles() {
  const kinds = [...SPREADS, ["cpu", "On a processor", "--cpu"], ["blocked", "Blocked", "--blocked"]];
  const marked = ([, label, colour]) => el("span", { class: "outcome" }, swatch(colour), label);
  const cell = (fact) => ([kind]) => figure(`latency.${kind}.${fact}`, fact === "count" ? count : duration);
  const column = (heading, fact) => [heading, "right", cell(fact)];
  return table(
    "Percentiles of waits and runs",
    [
      ["Time", "", marked],
      column("Mean", "mean_us"),
      column("p50", "p50_us"),
      column("p90", "p90_us"),
      column("p99", "p99_us"),
      column("Longest", "max_us"),
      column("Tasks", "count"),
    ],
    kinds.filter(([kind]) => profile.latency[kind] !== undefined),
  );
}
