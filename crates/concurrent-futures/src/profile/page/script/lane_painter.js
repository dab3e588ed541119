// Draws the tasks of one worker. Tasks wider than a few pixels are rectangles; of the others each column
// of pixels shows how much of its time was taken, in the colour of the strongest.

const NARROW = 2;
const NESTED_INSET = 0.28;
const LABEL_WIDTH = 56;

class Columns {
  constructor(width) {
    this.taken = new Float32Array(width);
    this.strongest = new Float32Array(width);
    this.kind = new Uint8Array(width);
    this.clear();
  }

  clear() {
    this.taken.fill(0);
    this.strongest.fill(0);
    this.used = false;
  }

  add(left, right, kind, strength) {
    this.used = true;
    const last = Math.min(this.taken.length - 1, Math.floor(right));
    for (let column = Math.max(0, Math.floor(left)); column <= last; column += 1) {
      const part = Math.min(right, column + 1) - Math.max(left, column);
      this.taken[column] += part;
      if (part * strength >= this.strongest[column]) {
        this.strongest[column] = part * strength;
        this.kind[column] = kind;
      }
    }
  }

  /** How dense a column shows, from 1 to 8; 0 if nothing is there. */
  density(column) {
    const taken = this.taken[column];
    return this.strongest[column] === 0 ? 0 : Math.min(8, 3 + Math.floor(taken * 5.5));
  }

  /** Calls back with [first, end, kind, density] of each run of equal columns. */
  runs(paint) {
    let first = 0;
    for (let column = 1; column <= this.taken.length; column += 1) {
      const density = this.density(first);
      const goesOn = column < this.taken.length && this.density(column) === density && this.kind[column] === this.kind[first];
      if (goesOn) continue;
      if (density > 0) paint(first, column, this.kind[first], density);
      first = column;
    }
  }
}

class LanePainter {
  constructor(chart, view, lanes, colouring) {
    this.ctx = chart.ctx;
    this.left = chart.bbox.left;
    this.width = chart.bbox.width;
    this.view = view;
    this.lanes = lanes;
    this.colouring = colouring;
    this.colours = colouring.colours.map((name) => palette.get(name));
    this.textColours = colouring.colours.map((name) => palette.on(name));
    this.scale = this.width / (view.max - view.min);
    const columns = Math.ceil(this.width);
    this.dense = [new Columns(columns), new Columns(columns)];
    this.pixel = uPlot.pxRatio;
  }

  /** Paints the lane between `top` and `top + height`. */
  paint(lane, top, height) {
    const { lanes, view, scale, colouring } = this;
    const end = lanes.first[lane + 1];
    for (let place = lanes.from(lane, view.min); place < end && lanes.start[place] < view.max; place += 1) {
      const right = (lanes.stop[place] - view.min) * scale;
      if (right < 0) continue;
      const left = (lanes.start[place] - view.min) * scale;
      const kind = colouring.classOf[lanes.task[place]];
      if (right - left < NARROW * this.pixel) {
        this.dense[lanes.depth[place] > 0 ? 1 : 0].add(left, right, kind, colouring.strength[kind]);
      } else {
        this.rectangle(place, kind, left, right, top, height);
      }
    }
    this.dense.forEach((columns, nested) => this.columns(columns, top + nested * NESTED_INSET * height, height * (1 - nested * NESTED_INSET)));
  }

  rectangle(place, kind, left, right, top, height) {
    const inset = height * (1 - (1 - NESTED_INSET) ** this.lanes.depth[place]);
    const from = Math.max(left, -2);
    const to = Math.min(right, this.width + 2);
    const gap = right - left > 8 * this.pixel ? this.pixel : 0;
    this.ctx.globalAlpha = 1;
    this.ctx.fillStyle = this.colours[kind];
    this.ctx.fillRect(this.left + from, top + inset, to - from - gap, height - inset);
    if (to - from > LABEL_WIDTH * this.pixel && height - inset >= 13 * this.pixel) {
      this.ctx.fillStyle = this.textColours[kind];
      this.label(taskName(this.lanes.task[place]), from, to, top + inset, height - inset);
    }
  }

  label(text, from, to, top, height) {
    const start = Math.max(from, 0);
    const room = to - start - 12 * this.pixel;
    const letters = Math.floor(room / (6.4 * this.pixel));
    if (letters < 4) return;
    const shown = text.length > letters ? text.slice(0, letters - 1) + "…" : text;
    this.ctx.fillText(shown, this.left + start + 6 * this.pixel, top + height / 2, room);
  }

  columns(columns, top, height) {
    if (!columns.used) return;
    columns.runs((first, end, kind, density) => {
      this.ctx.globalAlpha = density / 8;
      this.ctx.fillStyle = this.colours[kind];
      this.ctx.fillRect(this.left + first, top, end - first, height);
    });
    this.ctx.globalAlpha = 1;
    columns.clear();
  }
}
