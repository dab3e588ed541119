// The top of the page: headline numbers, shares, advice.

function drawTitle() {
  const { name, max_workers: workers, processors } = profile.pool;
  const title = name ? `Profile of the pool ${name}` : "Profile of a thread pool";
  document.title = title;
  byId("title").textContent = title;
  byId("subtitle").textContent = `${plural(workers, "worker", "workers")} at most, on ${plural(processors, "processor", "processors")}`;
}

function drawTiles() {
  const { latency } = profile;
  const bad = notCompleted().length > 0;
  tile("Tasks completed", figure("counts.completed", count), tasksNote(), bad ? "bad" : "");
  tile("Elapsed", figure("elapsed_s", seconds), el("span", {}, figure("throughput_per_s", rate), " finished"));
  tile("Speed-up", figure("advised.speed_up", factor), speedUpNote());
  for (const [kind, label] of [["wait", "Waited, p99"], ["run", "Ran, p99"]]) {
    const any = latency[kind].count > 0;
    const median = el("span", {}, "half within ", figure(`latency.${kind}.p50_us`, duration));
    tile(label, any ? figure(`latency.${kind}.p99_us`, duration) : "–", any ? median : "");
  }
  const load = profile.advised === null ? [] : [profile.advised.load.replace("cpu", "CPU").replace("io-", "I/O-"), " load; "];
  tile("Workers advised", figure("advised.workers", count), el("span", {}, load, "there may be ", figure("pool.max_workers", count)));
}

function tile(label, number, note, kind = "") {
  byId("tiles").append(el("div", { class: kind }, el("dt", {}, label), el("dd", {}, number), el("dd", {}, note)));
}

/** The ends other than completion that occurred. */
function notCompleted() {
  const kinds = ["failed", "panicked", "cancelled", "deadline_exceeded", "rejected", "discarded", "broken"];
  return kinds.filter((kind) => profile.counts[kind] > 0);
}

function tasksNote() {
  const open = ["running", "queued"].filter((kind) => profile.counts[kind] > 0);
  const kinds = [...notCompleted(), ...open];
  const parts = kinds.flatMap((kind, place) => [place > 0 ? ", " : "", figure(`counts.${kind}`, count), " " + kind.replace("_", " ")]);
  if (parts.length > 0) return el("span", {}, parts);
  return profile.counts.completed > 0 ? "and no other" : "";
}

function speedUpNote() {
  if (profile.advised === null) return "too few tasks to tell";
  return el("span", {}, "over one by one; possible: ", figure("advised.possible_speed_up", factor));
}

const SHARES = [
  ["wait", "Waiting", "--wait"],
  ["cpu", "On a processor", "--cpu"],
  ["blocked", "Blocked", "--blocked"],
];

const SHARE_NOTES = {
  cpu: "The task was computing.",
  blocked: "The task held a worker and waited: for the network, a disk, a lock, a sleep.",
};

function drawShares() {
  const shares = profile.shares;
  if (SHARES.every(([kind]) => !(shares?.[kind] > 0))) {
    byId("shares").replaceChildren(nothing("No task has ended yet."));
    return;
  }
  const text = SHARES.map(([kind, label]) => `${label} ${percent(shares[kind])}`).join(", ");
  const stack = el("div", { class: "stack", role: "img", "aria-label": text });
  for (const [kind, , colour] of SHARES) {
    const part = el("span", shares[kind] > 0 ? {} : { hidden: "" });
    part.style.flex = `${shares[kind]} 0 0`;
    part.style.background = `var(${colour})`;
    stack.append(part);
  }
  const entries = SHARES.map(([kind, label, colour]) => {
    const note = kind === "wait" ? waitNote(shares) : SHARE_NOTES[kind];
    return el("div", {}, el("dt", {}, swatch(colour), label), el("dd", {}, figure(`shares.${kind}`, percent)), el("dd", {}, note));
  });
  byId("shares").replaceChildren(stack, el("dl", {}, entries));
}

function waitNote(shares) {
  if (!(shares.contended > 0)) return "The task waited for a worker.";
  return el("span", {}, "The task waited for a worker, or with one for a free processor (", figure("shares.contended", percent), ").");
}

function drawAdvice() {
  if (profile.advice.length === 0) {
    byId("advice").replaceChildren(nothing("There is too little to go by yet."));
    return;
  }
  const entries = profile.advice.map(({ topic, text, arithmetic }) =>
    el("div", {}, el("h3", {}, topic), el("p", {}, text), arithmetic ? el("p", { class: "arithmetic" }, arithmetic) : null),
  );
  byId("advice").replaceChildren(...entries);
}
