// Queue, workers and throughput below the timeline, on the same stretch of time.

const SMALL_HEIGHT = 80;
/** Below a chart without labels of time, half of its zero needs room. */
const LAST_LABEL = 8;

function drawOverTime(view) {
  const { step_s: step, queued, busy, finished } = profile.over_time;
  if (!(step > 0) || queued.length === 0) return;
  const small = (title, values, colour, limit) => ({ title, values, colour, limit });
  const charts = [
    small("Tasks in the queue", queued, "--wait"),
    small("Busy workers", busy, "--run", profile.pool.max_workers),
    small("Finished tasks per second", finished.map((many) => many / step), "--completed"),
  ];
  charts.forEach((chart, place) => drawSmall(chart, view, step, place === charts.length - 1));
}

function drawSmall({ title, values, colour, limit }, view, step, last) {
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  const resting = `at most ${amount(most)}${limit === undefined ? "" : ` of ${count(limit)}`}`;
  const reading = el("span", {}, resting);
  const container = el("div", { class: "chart" });
  byId("over-time").append(el("div", { class: "small-chart" }, el("p", {}, el("strong", {}, title), reading), container));
  const series = [
    {},
    { stroke: () => palette.get(colour), fill: () => withAlpha(colour, "30"), width: 1.5, paths: uPlot.paths.stepped({ align: 1 }), points: { show: false } },
  ];
  const data = [binStarts(values.length, step), [...values, values.at(-1)]];
  if (limit !== undefined) {
    series.push({ stroke: () => palette.get("--muted"), width: 1, dash: [3, 4], points: { show: false } });
    data.push(data[0].map(() => limit));
  }
  timeChart(
    container,
    view,
    {
      height: SMALL_HEIGHT + (last ? AXIS_HEIGHT : LAST_LABEL),
      padding: [8, 12, last ? 0 : LAST_LABEL, 0],
      series,
      scales: { y: countScale(Math.max(most, limit ?? 0)) },
      axes: [timeAxis(view, last ? "labels" : "lines"), countAxis()],
      hooks: { setCursor: [(chart) => (reading.textContent = readingAt(chart, values, step) ?? resting)] },
    },
    data,
  );
}

function binStarts(many, step) {
  return Array.from({ length: many + 1 }, (_, bin) => bin * step);
}

function readingAt(chart, values, step) {
  if (!(chart.cursor.left >= 0)) return null;
  const time = chart.posToVal(chart.cursor.left, "x");
  const value = values[Math.floor(time / step)];
  return value === undefined ? null : `${amount(value)} at ${seconds(time)}`;
}

/** A count, or a mean of counts. */
function amount(value) {
  return Number.isInteger(value) || value >= 1000 ? count(value) : digits(value);
}
