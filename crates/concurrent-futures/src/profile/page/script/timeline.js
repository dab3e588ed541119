// The tasks on their workers: a lane for each worker, time to the right.

const MOST_LANE_HEIGHT = 26;
const MOST_HEIGHT = 560;

function taskName(task) {
  return profile.names[profile.tasks.name[task]] ?? taskPlace(task);
}

function taskPlace(task) {
  return profile.locations[profile.tasks.location[task]];
}

/** Names of workers less what they have in common: download_0 and download_1 are 0 and 1. */
function shortNames(names) {
  const split = names.map((name) => name.match(/^(.*?)(\d+)$/));
  const common = split.every((parts) => parts !== null && parts[1] === split[0][1]);
  return common ? split.map((parts) => parts[2]) : names;
}

function laneHeight(lanes) {
  return Math.max(2, Math.min(MOST_LANE_HEIGHT, Math.floor(MOST_HEIGHT / lanes)));
}

function drawTimeline(view) {
  const workers = profile.workers.map((worker) => worker.name);
  const lanes = new TaskLanes(profile.tasks, workers.length);
  byId("timeline-note").textContent = timelineNote(lanes);
  if (lanes.size === 0) {
    byId("timeline").remove();
    return;
  }
  let colouring = null;
  const paint = (chart) => paintLanes(chart, view, lanes, colouring, workers.length);
  let chart = null;
  colourChooser(colourings(profile.tasks), lanes, (chosen) => {
    colouring = chosen;
    chart?.redraw(false);
  });
  chart = timeChart(
    byId("timeline"),
    view,
    {
      height: workers.length * laneHeight(workers.length) + AXIS_HEIGHT + 8,
      series: [{}, { paths: () => null, points: { show: false } }],
      scales: { y: { range: () => [0, workers.length] } },
      axes: [timeAxis(view, "labels"), laneAxis(shortNames(workers))],
      hooks: { draw: [paint] },
    },
    [[0, view.end], [null, null]],
  );
  addHover(chart, view, lanes, workers.length);
  tellShown(byId("timeline"), view, lanes);
  addKeys(byId("timeline"), view);
  addZoomButtons(byId("zoom-buttons"), view);
  byId("timeline-help").hidden = false;
}

/** What the canvas shows, for whoever cannot look at it. */
function tellShown(element, view, lanes) {
  element.dataset.tasks = lanes.size;
  const update = () => {
    element.dataset.from = view.min;
    element.dataset.to = view.max;
  };
  view.listeners.push(update);
  update();
}

function timelineNote(lanes) {
  const { total, kept } = profile.tasks;
  if (lanes.size === 0) return "No task has run yet.";
  const sample = kept < total ? `A sample: ${count(kept)} of ${plural(total, "task", "tasks")}, so a gap may be a task, too. All other figures are of all tasks. ` : "";
  const unran = kept - lanes.size;
  const missing = unran > 0 ? `${plural(unran, "task that never ran is", "tasks that never ran are")} not drawn.` : "";
  return sample + missing;
}

function laneAxis(names) {
  const every = Math.ceil(14 / laneHeight(names.length));
  const shown = names.map((name, lane) => [names.length - lane - 0.5, name]).filter((_, lane) => lane % every === 0);
  const letters = 9;
  const text = (name) => (name.length > letters ? "…" + name.slice(1 - letters) : name);
  return axis({
    scale: "y",
    size: GUTTER,
    gap: 6,
    splits: () => shown.map(([middle]) => middle),
    values: () => shown.map(([, name]) => text(name)),
    ticks: { show: false },
    grid: { show: false },
  });
}

function paintLanes(chart, view, lanes, colouring, many) {
  const { ctx, bbox } = chart;
  const height = bbox.height / many;
  const gap = height >= 10 * uPlot.pxRatio ? 2 * uPlot.pxRatio : height >= 4 * uPlot.pxRatio ? 1 : 0;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${11 * uPlot.pxRatio}px ${PAGE_FONT}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  const painter = new LanePainter(chart, view, lanes, colouring);
  for (let lane = 0; lane < many; lane += 1) painter.paint(lane, bbox.top + lane * height, height - gap);
  ctx.restore();
}
