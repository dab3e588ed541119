// The stretch of time that is shown, shared by all charts with time on their axis.

class TimeView {
  constructor(end) {
    this.end = end;
    this.min = 0;
    this.max = end;
    this.listeners = [];
    this.told = true;
  }

  get isAll() {
    return this.min <= 0 && this.max >= this.end;
  }

  /** Shows the stretch as far as there is one; never less than a microsecond. */
  show(min, max) {
    const width = Math.min(this.end, Math.max(max - min, 1e-6, this.end * 1e-9));
    const centre = (min + max) / 2;
    this.min = Math.min(Math.max(0, centre - width / 2), this.end - width);
    this.max = this.min + width;
    if (this.told) {
      this.told = false;
      requestAnimationFrame(() => this.tell());
    }
  }

  tell() {
    this.told = true;
    this.listeners.forEach((listener) => listener());
  }

  /** Makes the stretch longer by a factor, and lets `at` stay where it is. */
  zoom(factor, at = (this.min + this.max) / 2) {
    const width = Math.min(this.end, (this.max - this.min) * factor);
    const min = at - ((at - this.min) / (this.max - this.min)) * width;
    this.show(min, min + width);
  }

  /** Moves by a part of what is shown. */
  move(part) {
    const by = part * (this.max - this.min);
    const bounded = Math.max(-this.min, Math.min(by, this.end - this.max));
    this.show(this.min + bounded, this.max + bounded);
  }

  all() {
    this.show(0, this.end);
  }
}
