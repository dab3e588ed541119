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

  /** The colour of text on a task of a colour: the one that stands out more. */
  on(name) {
    return luminance(this.get(name)) > EVEN_LUMINANCE ? this.get("--on-light") : this.get("--on-dark");
  },

  changed() {
    this.known.clear();
    this.listeners.forEach((listener) => listener());
  },
};

/** Where black and white text stand out alike. */
const EVEN_LUMINANCE = 0.18;

/** Relative luminance, as the guidelines for accessibility define it, of a colour such as #4583b4. */
function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

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
