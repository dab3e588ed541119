// Elements. Texts of the profile only ever become text nodes, never markup.

function byId(id) {
  return document.getElementById(id);
}

/** An element with attributes; those with a dash or a lower-case name are set as they are. */
function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, value);
  element.append(...children.flat().filter((child) => child !== null));
  return element;
}

/** The value in the profile at a path such as "latency.wait.p99_us". */
function at(path) {
  return path.split(".").reduce((value, key) => value?.[key], profile);
}

/** A number of the profile, with its exact value and where it stands there. */
function figure(path, format) {
  const value = at(path);
  if (typeof value !== "number") return el("span", {}, "–");
  return el("data", { value, "data-path": path }, format(value));
}

function swatch(colour) {
  const element = el("span", { class: "swatch", "aria-hidden": "true" });
  element.style.background = `var(${colour})`;
  return element;
}

/** A stacked bar: parts of [fraction, colour]. */
function bar(parts, label) {
  const spans = parts.map(([fraction, colour]) => {
    const span = el("span");
    span.style.width = `${100 * fraction}%`;
    span.style.background = `var(${colour})`;
    return span;
  });
  return el("div", { class: "bar", role: "img", "aria-label": label }, spans);
}

/** A table; a column is [heading, class, cell of a row]; the first column heads its row. */
function table(caption, columns, rows) {
  const head = columns.map(([heading, kind]) => el("th", { scope: "col", class: kind }, heading));
  const body = rows.map((row, index) => {
    const cells = columns.map(([, kind, cell], column) =>
      el(column === 0 ? "th" : "td", column === 0 ? { scope: "row", class: kind } : { class: kind }, cell(row, index)),
    );
    return el("tr", {}, cells);
  });
  return el("table", {}, el("caption", { class: "unseen" }, caption), el("thead", {}, el("tr", {}, head)), el("tbody", {}, body));
}

function nothing(text) {
  return el("p", { class: "nothing" }, text);
}
