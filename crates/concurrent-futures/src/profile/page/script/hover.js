// What lies under the pointer: an outline in the chart, and what is known of the task beside it.

const REACH_PX = 3;

function addHover(chart, view, lanes, many) {
  const outline = chart.over.appendChild(el("div", { class: "hovered" }));
  const waiting = chart.over.appendChild(el("div", { class: "hovered-wait" }));
  const hide = () => {
    for (const element of [outline, waiting]) element.style.display = "none";
    byId("tooltip").hidden = true;
  };
  chart.over.addEventListener("pointermove", (event) => {
    const box = chart.over.getBoundingClientRect();
    const second = (view.max - view.min) / box.width;
    const lane = Math.floor(((event.clientY - box.top) / box.height) * many);
    if (lane < 0 || lane >= many) return hide();
    const found = lanes.find(lane, view.min + (event.clientX - box.left) * second, REACH_PX * second);
    if (found.place < 0) return hide();
    const frame = { top: (lane * box.height) / many, height: box.height / many, second, view };
    mark(outline, lanes.start[found.place], lanes.stop[found.place], frame);
    markWait(waiting, lanes, found.place, frame);
    const narrow = lanes.stop[found.place] - lanes.start[found.place] < 2 * second;
    tooltip(lanes.task[found.place], narrow ? found.many - 1 : 0, event);
  });
  chart.over.addEventListener("pointerleave", hide);
  view.listeners.push(hide);
}

function mark(element, start, stop, { top, height, second, view }) {
  const left = Math.max(-4, (start - view.min) / second);
  const right = Math.min((view.max - view.min) / second + 4, (stop - view.min) / second);
  Object.assign(element.style, {
    display: "block",
    left: `${left - 1}px`,
    top: `${top - 1}px`,
    width: `${Math.max(4, right - left + 2)}px`,
    height: `${height}px`,
  });
}

/** From its submission to its start, as a line. */
function markWait(element, lanes, place, frame) {
  const start = lanes.start[place];
  const wait = profile.tasks.wait_us[lanes.task[place]] / 1e6;
  mark(element, start - wait, start, frame);
  element.style.top = `${frame.top + frame.height / 2 - 1}px`;
  element.style.height = "2px";
}

function tooltip(task, more, event) {
  const { tasks, outcomes, workers } = profile;
  const place = taskPlace(task);
  const name = taskName(task);
  const outcome = outcomes[tasks.outcome[task]];
  const facts = [
    ["Outcome", outcome, outcomeColour(outcome)],
    ["Worker", workers[tasks.worker[task]].name],
    ["Started at", duration(tasks.start_us[task])],
    ["Waited", duration(tasks.wait_us[task]), "--wait"],
    ["Ran", duration(tasks.run_us[task])],
  ];
  if (outcome !== "running") facts.push(["On a processor", duration(tasks.cpu_us[task]), "--cpu"], ["Blocked", duration(tasks.blocked_us[task]), "--blocked"]);
  if (tasks.contended_us[task] > 0) facts.push(["No processor free", duration(tasks.contended_us[task]), "--wait"]);
  const element = byId("tooltip");
  element.replaceChildren(
    el("strong", {}, name),
    place === name ? "" : el("span", { class: "where" }, place),
    el("dl", {}, facts.flatMap(([fact, text, colour]) => [el("dt", {}, swatch(colour ?? "--none"), fact), el("dd", {}, text)])),
    more > 0 ? el("p", { class: "more" }, `and ${count(more)} more at this place; zoom in to see them`) : "",
  );
  element.hidden = false;
  putBeside(element, event);
}

/** Beside the pointer, on the side with room. */
function putBeside(element, { clientX, clientY }) {
  const { width, height } = element.getBoundingClientRect();
  const right = clientX + 16 + width < innerWidth - 8;
  const below = clientY + 16 + height < innerHeight - 8;
  element.style.left = `${Math.max(8, right ? clientX + 16 : clientX - 16 - width)}px`;
  element.style.top = `${Math.max(8, below ? clientY + 16 : clientY - 16 - height)}px`;
}
