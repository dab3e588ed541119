// The tasks of the timeline, sorted by worker and start, in typed arrays.

class TaskLanes {
  constructor(tasks, lanes) {
    const worker = (task) => tasks.worker[task] ?? -1;
    const ran = [...tasks.start_us.keys()].filter((task) => worker(task) >= 0);
    ran.sort((a, b) => worker(a) - worker(b) || tasks.start_us[a] - tasks.start_us[b]);
    this.task = Uint32Array.from(ran);
    this.start = Float64Array.from(ran, (task) => tasks.start_us[task] / 1e6);
    this.stop = Float64Array.from(ran, (task) => (tasks.start_us[task] + tasks.run_us[task]) / 1e6);
    this.first = new Uint32Array(lanes + 1);
    for (const task of ran) this.first[worker(task) + 1] += 1;
    for (let lane = 0; lane < lanes; lane += 1) this.first[lane + 1] += this.first[lane];
    this.reach = new Float64Array(ran.length);
    this.depth = new Uint8Array(ran.length);
    for (let lane = 0; lane < lanes; lane += 1) this.stack(lane);
  }

  get size() {
    return this.task.length;
  }

  /** A task that waits for another of its pool may run it in its own stead: that one lies above it. */
  stack(lane) {
    const open = [];
    let reach = -Infinity;
    for (let place = this.first[lane]; place < this.first[lane + 1]; place += 1) {
      while (open.length > 0 && open.at(-1) < this.stop[place]) open.pop();
      this.depth[place] = Math.min(open.length, 255);
      open.push(this.stop[place]);
      reach = Math.max(reach, this.stop[place]);
      this.reach[place] = reach;
    }
  }

  /** The first place of a lane from where tasks may end after `time`. */
  from(lane, time) {
    let [low, high] = [this.first[lane], this.first[lane + 1]];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.reach[middle] < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** What lies on a lane at `time`, give or take: the place of the task, and how many there are. */
  find(lane, time, tolerance) {
    let found = { place: -1, many: 0 };
    let best = -Infinity;
    for (let place = this.from(lane, time - tolerance); place < this.first[lane + 1]; place += 1) {
      if (this.start[place] > time + tolerance) break;
      if (this.stop[place] < time - tolerance) continue;
      const covers = this.start[place] <= time && time <= this.stop[place];
      const length = this.stop[place] - this.start[place];
      const merit = covers ? 1e9 * (1 + this.depth[place]) : length;
      found.many += 1;
      if (merit > best) [best, found.place] = [merit, place];
    }
    return found;
  }
}
