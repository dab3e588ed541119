// The page shows the numbers of the profile, and nothing else happens.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, LOADS, open, profileOf } from "./browser.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const at = (profile, path) => path.split(".").reduce((value, key) => value?.[key], profile);

const UNITS = { ns: 1e-3, "µs": 1, ms: 1e3, s: 1e6 };

/** What a reader takes a text for, in the unit of the profile's field, and how exact that is. */
function read(text, path) {
  const [, digits, unit] = text.replaceAll(",", "").match(/^([\d.]+) ?(.*)$/);
  const decimals = digits.split(".")[1]?.length ?? 0;
  const scale = path.endsWith("_us") ? UNITS[unit] : path.endsWith("_s") && unit in UNITS ? UNITS[unit] / 1e6 : 1;
  return { value: Number(digits) * scale, exact: 0.500001 * 10 ** -decimals * scale };
}

for (const load of LOADS) {
  test(`${load}: no error, no request`, async () => {
    const { page, complaints } = await open(browser.context, load);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test(`${load}: every number is the profile's`, async () => {
    const profile = profileOf(load);
    const { page } = await open(browser.context, load);
    const shown = await page.$$eval("data[data-path]", (all) => all.map((data) => [data.dataset.path, data.value, data.textContent]));
    for (const [path, value, text] of shown) {
      assert.equal(Number(value), at(profile, path), path);
      const { value: seen, exact } = read(text, path);
      assert.ok(Math.abs(seen - at(profile, path)) <= exact, `${path}: ${text} for ${at(profile, path)}`);
    }
    const paths = new Set(shown.map(([path]) => path));
    const wanted = ["counts.completed", "elapsed_s", "pool.max_workers"];
    if (profile.latency.run.count > 0) wanted.push("latency.run.p50_us", "latency.run.p99_us", "latency.wait.max_us", "shares.cpu");
    profile.slowest.forEach((_, row) => wanted.push(`slowest.${row}.run_us`));
    profile.workers.forEach((_, row) => wanted.push(`workers.${row}.busy_s`));
    assert.deepEqual(wanted.filter((path) => !paths.has(path)), []);
    await page.close();
  });

  test(`${load}: all advice is there, with its arithmetic`, async () => {
    const { page } = await open(browser.context, load);
    const text = await page.textContent("#advice");
    for (const advice of profileOf(load).advice) {
      assert.ok(text.includes(advice.text), advice.text);
      assert.ok(text.includes(advice.arithmetic), advice.arithmetic);
    }
    await page.close();
  });
}

test("shares add to 100 % as printed", async () => {
  const { page } = await open(browser.context, "mixed");
  const shares = await page.$$eval("#shares dl dd:first-of-type data", (all) => all.map((data) => data.textContent));
  const tenths = shares.map((share) => Math.round(10 * Number(share.split(" ")[0])));
  assert.equal(tenths.length, 3);
  assert.equal(tenths.reduce((a, b) => a + b), 1000);
  await page.close();
});

test("every task that ran is on the timeline", async () => {
  for (const load of LOADS) {
    const { tasks } = profileOf(load);
    const { page } = await open(browser.context, load);
    const drawn = Number((await page.locator("#timeline").count()) && (await page.getAttribute("#timeline", "data-tasks")));
    assert.equal(drawn, tasks.worker.filter((worker) => worker !== null && worker >= 0).length, load);
    await page.close();
  }
});

test("a sample says that it is one, and what is not over is told", async () => {
  const { tasks } = profileOf("sample");
  const { page } = await open(browser.context, "sample");
  const text = await page.innerText("main");
  assert.ok(text.includes(`A sample: ${tasks.kept} of ${tasks.total.toLocaleString("en-GB")} tasks`), text);
  assert.ok(text.includes("3 running, 2 queued"), text);
  assert.ok((await page.innerText("#colours")).includes("running"));
  await page.close();
});
