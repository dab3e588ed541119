// Wheel, shifted drag, fingers and keys, all in terms of the time view. A plain drag is the chart's own.

/** Where the wheel was last turned outside the charts: a scroll that comes by is not to zoom them. */
let scrolledElsewhere = -Infinity;
const SAME_SCROLL_MS = 250;

addEventListener(
  "wheel",
  (event) => {
    const inChart = event.target instanceof Element && event.target.closest(".u-over") !== null;
    if (!inChart || event.timeStamp - scrolledElsewhere < SAME_SCROLL_MS) scrolledElsewhere = event.timeStamp;
  },
  { passive: true, capture: true },
);

function addGestures(over, view) {
  const timeAt = (clientX) => {
    const box = over.getBoundingClientRect();
    return view.min + ((clientX - box.left) / box.width) * (view.max - view.min);
  };
  over.addEventListener("wheel", (event) => wheel(event, over, view, timeAt), { passive: false });
  addDragging(over, view, timeAt);
}

function wheel(event, over, view, timeAt) {
  if (event.timeStamp === scrolledElsewhere) return;
  const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
  const sideways = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
  if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
    if (view.isAll) return;
    view.move((sideways * lines) / over.clientWidth);
  } else {
    // What is all there already goes on scrolling the page.
    if (view.isAll && event.deltaY > 0) return;
    view.zoom(Math.exp(Math.max(-0.7, Math.min(event.deltaY * lines * 0.002, 0.7))), timeAt(event.clientX));
  }
  event.preventDefault();
}

/** One finger, or the mouse with Shift, moves the time; two fingers stretch it. */
function addDragging(over, view, timeAt) {
  const fingers = new Map();
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return Math.max(8, Math.abs(a - b));
  };
  over.addEventListener("pointerdown", (event) => {
    const moves = event.pointerType === "touch" || event.shiftKey;
    if (!moves || fingers.size === 2) return;
    fingers.set(event.pointerId, event.clientX);
    over.setPointerCapture(event.pointerId);
    over.parentElement.classList.add("panning");
  });
  over.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (before === undefined) return;
    const wide = fingers.size === 2 ? spread() : 0;
    fingers.set(event.pointerId, event.clientX);
    if (fingers.size === 2) view.zoom(wide / spread(), timeAt([...fingers.values()].reduce((a, b) => a + b) / 2));
    else view.move((before - event.clientX) / over.clientWidth);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    over.addEventListener(end, (event) => {
      fingers.delete(event.pointerId);
      over.parentElement.classList.toggle("panning", fingers.size > 0);
    });
  }
}

const ZOOMS = {
  left: (view) => view.move(-0.25),
  right: (view) => view.move(0.25),
  in: (view) => view.zoom(0.5),
  out: (view) => view.zoom(2),
  all: (view) => view.all(),
};

const KEYS = { ArrowLeft: "left", ArrowRight: "right", "+": "in", "=": "in", "-": "out", 0: "all", Home: "all" };

function addKeys(element, view) {
  element.addEventListener("keydown", (event) => {
    const zoom = KEYS[event.key];
    if (zoom === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    ZOOMS[zoom](view);
    event.preventDefault();
  });
}

function addZoomButtons(group, view) {
  group.hidden = false;
  const buttons = [...group.querySelectorAll("button")];
  buttons.forEach((button) => button.addEventListener("click", () => ZOOMS[button.dataset.zoom](view)));
  const update = () => {
    for (const button of buttons) button.setAttribute("aria-disabled", String(view.isAll && button.dataset.zoom !== "in"));
  };
  view.listeners.push(update);
  update();
}
