// Zoom, pan and hover, with wheel, mouse, keys, buttons and fingers.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { frames, launch, open, profileOf } from "./browser.mjs";

let browser, page, complaints, box;
const profile = profileOf("mixed");
const end = profile.elapsed_s;

before(async () => (browser = await launch()));
after(() => browser.close());

beforeEach(async () => {
  ({ page, complaints } = await open(browser.context, "mixed"));
  await page.locator("#timeline").scrollIntoViewIfNeeded();
  box = await page.locator("#timeline .u-over").boundingBox();
});

afterEach(async () => {
  assert.deepEqual(complaints, []);
  await page.close();
});

async function shown() {
  await frames(page, 2);
  const { from, to } = await page.$eval("#timeline", (timeline) => ({ ...timeline.dataset }));
  return [Number(from), Number(to)];
}

const about = (seen, wanted, message) => assert.ok(Math.abs(seen - wanted) < 0.01 * end, `${message}: ${seen}, not ${wanted}`);

async function drag(from, to, keys = []) {
  const y = box.y + box.height / 2;
  for (const key of keys) await page.keyboard.down(key);
  await page.mouse.move(box.x + from * box.width, y);
  await page.mouse.down();
  await page.mouse.move(box.x + ((from + to) / 2) * box.width, y);
  await page.mouse.move(box.x + to * box.width, y);
  await page.mouse.up();
  for (const key of keys) await page.keyboard.up(key);
}

async function zoomToMiddle() {
  await drag(0.25, 0.75);
  return shown();
}

test("all is shown at first", async () => {
  assert.deepEqual(await shown(), [0, end]);
});

test("the wheel zooms about the pointer, and back to all", async () => {
  await page.mouse.move(box.x + 0.25 * box.width, box.y + 5);
  await page.mouse.wheel(0, -200);
  const [from, to] = await shown();
  assert.ok(to - from < 0.8 * end);
  about(from + 0.25 * (to - from), 0.25 * end, "the time below the pointer");
  for (let turns = 0; turns < 5; turns += 1) await page.mouse.wheel(0, 400);
  assert.deepEqual(await shown(), [0, end]);
});

test("a scroll that comes from elsewhere on the page does not zoom", async () => {
  // In one step, so that no time passes between the two.
  await page.evaluate(() => {
    const turn = () => new WheelEvent("wheel", { deltaY: -100, bubbles: true, cancelable: true });
    document.querySelector("h1").dispatchEvent(turn());
    document.querySelector("#timeline .u-over").dispatchEvent(turn());
  });
  assert.deepEqual(await shown(), [0, end]);
});

test("one finger moves the time, two stretch it", async () => {
  await zoomToMiddle();
  const fingers = await browser.context.newCDPSession(page);
  const touch = (type, ...places) => {
    const touchPoints = places.map((place, id) => ({ x: box.x + place * box.width, y: box.y + 20, id }));
    return fingers.send("Input.dispatchTouchEvent", { type, touchPoints });
  };
  await touch("touchStart", 0.5);
  await touch("touchMove", 0.4);
  await touch("touchMove", 0.3);
  await touch("touchEnd");
  const [from, to] = await shown();
  about(from, 0.35 * end, "from");
  about(to, 0.85 * end, "to");
  await touch("touchStart", 0.4, 0.6);
  await touch("touchMove", 0.3, 0.7);
  await touch("touchMove", 0.2, 0.8);
  await touch("touchEnd");
  const [left, right] = await shown();
  assert.ok(right - left < 0.5 * (to - from), `${left} to ${right}`);
});

test("a drag shows the stretch dragged over", async () => {
  const [from, to] = await zoomToMiddle();
  about(from, 0.25 * end, "from");
  about(to, 0.75 * end, "to");
});

test("with Shift a drag moves the time", async () => {
  await zoomToMiddle();
  await drag(0.5, 0.3, ["Shift"]);
  const [from, to] = await shown();
  about(from, 0.35 * end, "from");
  about(to, 0.85 * end, "to");
});

test("the keys zoom, move and show all", async () => {
  await page.focus("#timeline");
  await page.keyboard.press("+");
  let [from, to] = await shown();
  about(to - from, 0.5 * end, "width");
  await page.keyboard.press("ArrowRight");
  [from, to] = await shown();
  about(from, 0.375 * end, "from");
  await page.keyboard.press("0");
  assert.deepEqual(await shown(), [0, end]);
});

test("so do the buttons, which the keyboard reaches", async () => {
  await page.getByRole("button", { name: "Zoom in" }).click();
  const [from, to] = await shown();
  about(to - from, 0.5 * end, "width");
  await page.getByRole("button", { name: "Show all" }).focus();
  await page.keyboard.press("Enter");
  assert.deepEqual(await shown(), [0, end]);
});

test("a double click shows all", async () => {
  await zoomToMiddle();
  await page.mouse.dblclick(box.x + 0.5 * box.width, box.y + 5);
  assert.deepEqual(await shown(), [0, end]);
});

test("all charts over time follow", async () => {
  const pictures = () => page.$$eval("#timeline canvas, #over-time canvas", (all) => all.map((canvas) => canvas.toDataURL()));
  const before = await pictures();
  assert.equal(before.length, 4);
  await zoomToMiddle();
  const after = await pictures();
  after.forEach((picture, place) => assert.notEqual(picture, before[place], `chart ${place}`));
});

/** The longest task in which no other one ran on the same worker. */
function longestAlone(tasks) {
  const stop = (task) => tasks.start_us[task] + tasks.run_us[task];
  const all = [...tasks.run_us.keys()].filter((task) => tasks.worker[task] !== null);
  const within = (inner, outer) =>
    inner !== outer && tasks.worker[inner] === tasks.worker[outer] && tasks.start_us[inner] >= tasks.start_us[outer] && stop(inner) <= stop(outer);
  const alone = all.filter((outer) => !all.some((inner) => within(inner, outer)));
  return alone.reduce((a, b) => (tasks.run_us[a] >= tasks.run_us[b] ? a : b));
}

test("hovering over a task tells what is known of it", async () => {
  const { tasks, workers } = profile;
  const longest = longestAlone(tasks);
  const middle = (tasks.start_us[longest] + tasks.run_us[longest] / 2) / 1e6;
  const y = (tasks.worker[longest] + 0.5) / workers.length;
  await page.mouse.move(box.x + (middle / end) * box.width, box.y + y * box.height);
  await frames(page, 2);
  const text = await page.innerText("#tooltip");
  assert.ok(text.includes(profile.names[tasks.name[longest]]), text);
  assert.ok(text.includes(workers[tasks.worker[longest]].name), text);
  assert.ok(text.includes(profile.outcomes[tasks.outcome[longest]]), text);
  for (const word of ["Waited", "Ran", "On a processor", "Blocked"]) assert.ok(text.includes(word), text);
  await page.mouse.move(box.x + box.width / 2, box.y - 40);
  await frames(page, 2);
  assert.ok(await page.isHidden("#tooltip"));
});

test("a slow task can be looked up in the timeline", async () => {
  await page.locator("#slowest button").first().click();
  const [from, to] = await shown();
  const { start_us: start, run_us: run } = profile.slowest[0];
  assert.ok(from <= start / 1e6 && to >= (start + run) / 1e6 - 1e-6);
  assert.ok(to - from <= (2.01 * run) / 1e6);
});

test("the colours can stand for something else", async () => {
  const picture = () => page.$eval("#timeline canvas", (canvas) => canvas.toDataURL());
  const before = await picture();
  await page.getByText("Processor", { exact: true }).click();
  await frames(page, 2);
  assert.notEqual(await picture(), before);
  assert.ok((await page.innerText("#colours")).includes("on a processor"));
});
