// Charts with time on their axis: they show the same stretch, share the cursor and are zoomed alike.

function timeChart(container, view, options, data) {
  const chart = chartIn(
    container,
    {
      padding: [8, 12, 0, 0],
      ...options,
      scales: { x: { time: false, range: () => [view.min, view.max] }, ...options.scales },
      cursor: timeCursor(view),
      hooks: { ...options.hooks, setSelect: [(self) => showSelected(self, view)] },
    },
    data,
  );
  view.listeners.push(() => {
    chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    chart.setScale("x", { min: view.min, max: view.max });
  });
  addGestures(chart.over, view);
  return chart;
}

/** The axis of time; a chart with another below it has the lines without labels. */
function timeAxis(view, shows) {
  const labels = (_, splits, __, ___, step) => timeLabels(splits, step, view.end);
  return axis({
    size: shows === "labels" ? AXIS_HEIGHT : 0,
    gap: 3,
    space: 90,
    incrs: steps(-9, 7),
    values: shows === "labels" ? labels : (_, splits) => splits.map(() => ""),
    ticks: { show: shows === "labels" },
  });
}

function timeCursor(view) {
  return {
    y: false,
    points: { show: false },
    sync: { key: "time", filters: { pub: (type) => type === "mousemove" || type === "mouseleave" } },
    drag: { x: true, y: false, setScale: false, dist: 4 },
    bind: {
      mousedown: (_, __, select) => (event) => {
        if (event.button === 0 && !event.shiftKey) select(event);
      },
      dblclick: () => () => view.all(),
    },
  };
}

function showSelected(chart, view) {
  const { left, width } = chart.select;
  if (width > 0) view.show(chart.posToVal(left, "x"), chart.posToVal(left + width, "x"));
}
