// The tables at the end of the page.

function drawSlowest(view) {
  if (profile.slowest.length === 0) {
    byId("slowest").replaceChildren(nothing("No task has ended yet."));
    return;
  }
  const time = (fact) => (_, row) => figure(`slowest.${row}.${fact}`, duration);
  const columns = [
    ["Task", "task-name", taskCell],
    ["Ran", "right", time("run_us")],
    ["On a processor", "right", time("cpu_us")],
    ["Blocked", "right", time("blocked_us")],
    ["Waited", "right", time("wait_us")],
    ["Started at", "right", (task) => startButton(task, view)],
    ["Worker", "", (task) => task.worker ?? "–"],
    ["Outcome", "", ({ outcome }) => el("span", { class: "outcome" }, swatch(outcomeColour(outcome)), outcome)],
  ];
  byId("slowest").replaceChildren(table("Slowest tasks", columns, profile.slowest));
}

function taskCell({ name, location }) {
  return name === null ? location : el("span", {}, name, el("span", { class: "where" }, location));
}

/** Shows the task in the timeline, with as much again around it. */
function startButton({ start_us: start, run_us: run }, view) {
  if (view === null) return duration(start);
  const button = el("button", { type: "button", class: "link", title: "Show in the timeline" }, duration(start));
  button.addEventListener("click", () => {
    const room = Math.max(run, 1) / 1e6;
    view.show(start / 1e6 - room / 2, (start + run) / 1e6 + room / 2);
    byId("timeline").scrollIntoView({ block: "center" });
  });
  return button;
}

function drawWorkers() {
  const elapsed = profile.elapsed_s;
  if (profile.workers.length === 0) {
    byId("workers").replaceChildren(nothing("No worker has started yet."));
    return;
  }
  const part = (s) => (elapsed > 0 ? Math.min(1, s / elapsed) : 0);
  const load = ({ busy_s: busy, cpu_s: cpu }) =>
    bar(
      [
        [part(Math.min(cpu, busy)), "--cpu"],
        [part(busy) - part(Math.min(cpu, busy)), "--blocked"],
      ],
      `busy for ${percent(100 * part(busy))} of the time, on a processor for ${percent(100 * part(cpu))}`,
    );
  const columns = [
    ["Worker", "", ({ name }) => name],
    ["Tasks", "right", (_, row) => figure(`workers.${row}.tasks`, count)],
    ["Busy", "right", (_, row) => figure(`workers.${row}.busy_s`, seconds)],
    ["On a processor", "right", (_, row) => figure(`workers.${row}.cpu_s`, seconds)],
    ["Share of the whole time", "bar-cell", load],
  ];
  byId("workers").replaceChildren(table("Load of each worker", columns, profile.workers));
}
