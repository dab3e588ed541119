// What the colours of the timeline stand for. A colouring has a class for each task, and for each class
// a colour, a label and how strongly it shows where many tasks share a pixel.

const NAMED_COLOURS = 7;
const RAMP = ["--ramp-1", "--ramp-2", "--ramp-3", "--ramp-4", "--ramp-5"];

function colourings(tasks) {
  const all = { outcome: byOutcome(tasks), processor: byProcessor(tasks) };
  const name = byName(tasks);
  if (name.labels.length > 1) all.name = name;
  return all;
}

function byOutcome(tasks) {
  const outcomes = profile.outcomes;
  return {
    title: "Outcome",
    classOf: Uint8Array.from(tasks.outcome),
    colours: outcomes.map(outcomeColour),
    labels: outcomes,
    // One failure among a thousand is what one looks for.
    strength: outcomes.map((outcome) => (outcome === "completed" ? 1 : 1000)),
  };
}

/** By the part of its time that a task was on a processor, which is not known while it runs. */
function byProcessor(tasks) {
  const running = profile.outcomes.indexOf("running");
  const step = (task) => {
    if (tasks.outcome[task] === running) return RAMP.length;
    const share = tasks.run_us[task] > 0 ? tasks.cpu_us[task] / tasks.run_us[task] : 0;
    return Math.min(RAMP.length - 1, Math.floor(share * RAMP.length));
  };
  const steps = ["0 to 20 % on a processor", "20 to 40 %", "40 to 60 %", "60 to 80 %", "80 to 100 %"];
  return {
    title: "Processor",
    classOf: Uint8Array.from(tasks.run_us.keys(), step),
    colours: [...RAMP, "--running"],
    labels: [...steps, "running"],
    strength: new Array(RAMP.length + 1).fill(1),
  };
}

/** The names that took most of the time have a colour each, the others share one. */
function byName(tasks) {
  const { names, locations } = profile;
  const key = (task) => tasks.name[task] ?? names.length + tasks.location[task];
  const time = new Map();
  tasks.run_us.forEach((run, task) => time.set(key(task), (time.get(key(task)) ?? 0) + run));
  const order = [...time.keys()].sort((a, b) => time.get(b) - time.get(a));
  const named = order.slice(0, order.length > NAMED_COLOURS + 1 ? NAMED_COLOURS : NAMED_COLOURS + 1);
  const classes = new Map(named.map((name, kind) => [name, kind]));
  const label = (name) => names[name] ?? locations[name - names.length];
  const colours = named.map((_, kind) => (kind < NAMED_COLOURS ? `--name-${kind + 1}` : "--name-other"));
  const others = order.length > named.length ? [plural(order.length - named.length, "other", "others")] : [];
  return {
    title: "Name",
    classOf: Uint8Array.from(tasks.run_us.keys(), (task) => classes.get(key(task)) ?? named.length),
    colours: [...colours, ...others.map(() => "--name-other")],
    labels: [...named.map(label), ...others],
    strength: new Array(named.length + 1).fill(1),
  };
}

/** The choice between colourings, and the legend of the chosen one. */
function colourChooser(all, lanes, choose) {
  const legend = el("ul", { "aria-label": "Colours" });
  const fieldset = el("fieldset", {}, el("legend", { class: "unseen" }, "Colour tasks by"));
  const show = (key) => {
    legend.replaceChildren(...legendEntries(all[key], lanes));
    choose(all[key]);
  };
  Object.entries(all).forEach(([key, colouring], place) => {
    const input = el("input", { type: "radio", name: "colouring", value: key, class: "unseen" });
    input.checked = place === 0;
    input.addEventListener("change", () => show(key));
    fieldset.append(el("label", {}, input, colouring.title));
  });
  byId("colours").replaceChildren(fieldset, legend);
  show(Object.keys(all)[0]);
}

/** Only classes that are drawn. */
function legendEntries(colouring, lanes) {
  const occurs = new Set(lanes.task.map((task) => colouring.classOf[task]));
  return colouring.labels.flatMap((label, kind) =>
    occurs.has(kind) ? [el("li", {}, swatch(colouring.colours[kind]), el("span", {}, label))] : [],
  );
}
