// Colours stand in the style sheet, for light, dark and paper. A canvas has to be told their values.

const palette = {
  known: new Map(),
  listeners: [],

  get(name) {
    let colour = this.known.get(name);
    if (colour === undefined) {
      colour = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
      this.known.set(name, colour);
    }
    return colour;
  },

  changed() {
    this.known.clear();
    this.listeners.forEach((listener) => listener());
  },
};

function onPaper(paper) {
  document.documentElement.classList.toggle("on-paper", paper);
  palette.changed();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => palette.changed());
addEventListener("beforeprint", () => onPaper(true));
addEventListener("afterprint", () => onPaper(false));

const RAN = { completed: "--completed", failed: "--failed", panicked: "--panicked", running: "--running" };

function outcomeColour(outcome) {
  return RAN[outcome] ?? "--unran";
}

const PAGE_FONT = getComputedStyle(document.body).fontFamily;
