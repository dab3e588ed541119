// What the colours of the timeline stand for. A colouring has a class for each task, and for each class
// a colour, a label and how strongly it shows where many tasks share a pixel.

const NAMED_COLOURS = 7;
const RAMP = ["--ramp-1", "--ramp-2", "--ramp-3", "--ramp-4", "--ramp-5"];

function colourings(tasks) {
  const all = { outcome: byOutcome(tasks), processor: byProcessor(tasks) };
  if (profile.names.length > 1) all.name = byName(tasks);
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

function byProcessor(tasks) {
  const step = (task) => {
    const share = tasks.run_us[task] > 0 ? tasks.cpu_us[task] / tasks.run_us[task] : 0;
    return Math.min(RAMP.length - 1, Math.floor(share * RAMP.length));
  };
  return {
    title: "Processor",
    classOf: Uint8Array.from(tasks.run_us.keys(), step),
    colours: RAMP,
    labels: ["mostly blocked (0 to 20 % CPU)", "20 to 40 %", "40 to 60 %", "60 to 80 %", "mostly computing (80 to 100 % CPU)"],
    strength: RAMP.map(() => 1),
  };
}

/** The names that took most of the time have a colour each, the others share one. */
function byName(tasks) {
  const time = new Float64Array(profile.names.length);
  tasks.name.forEach((name, task) => (time[name] += tasks.run_us[task]));
  const order = [...time.keys()].sort((a, b) => time[b] - time[a]);
  const named = order.slice(0, NAMED_COLOURS);
  const classOfName = new Uint8Array(profile.names.length).fill(named.length);
  named.forEach((name, place) => (classOfName[name] = place));
  const others = order.length - named.length;
  return {
    title: "Name",
    classOf: Uint8Array.from(tasks.name, (name) => classOfName[name]),
    colours: [...named.map((_, place) => `--name-${place + 1}`), "--name-other"],
    labels: [...named.map((name) => profile.names[name]), plural(others, "other", "others")],
    strength: new Array(named.length + 1).fill(1),
  };
}

/** The choice between colourings, and the legend of the chosen one. */
function colourChooser(all, choose) {
  const legend = el("ul", { "aria-label": "Colours" });
  const fieldset = el("fieldset", {}, el("legend", { class: "unseen" }, "Colour tasks by"));
  const show = (key) => {
    legend.replaceChildren(...legendEntries(all[key]));
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

/** Only classes that occur. */
function legendEntries(colouring) {
  const occurs = new Set(colouring.classOf);
  return colouring.labels.flatMap((label, kind) =>
    occurs.has(kind) ? [el("li", {}, swatch(colouring.colours[kind]), el("span", {}, label))] : [],
  );
}
