// How the page looks: both colour schemes, wide and narrow, on paper. And how fast a large one opens.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { frames, launch, LOADS, open, profileOf, screenshot } from "./browser.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

for (const scheme of ["light", "dark"]) {
  for (const width of [1280, 400]) {
    test(`${scheme}, ${width} wide: fits, and can be read`, async () => {
      for (const load of LOADS) {
        const { page, complaints } = await open(browser.context, load, { scheme, width });
        const across = await page.evaluate(() => document.scrollingElement.scrollWidth);
        assert.ok(across <= width, `${load} is ${across} wide`);
        assert.deepEqual(await page.evaluate(faint), [], load);
        assert.deepEqual(complaints, [], load);
        await screenshot(page, `${load}-${scheme}-${width}`);
        await page.close();
      }
    });
  }
}

/** Texts whose contrast to what is behind them is below 4.5 to 1. Runs in the page. */
function faint() {
  const parse = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = ([red, green, blue]) => {
    const linear = [red, green, blue].map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = parse(getComputedStyle(element).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== "");
  const texts = [...document.querySelectorAll("header *, main *")].filter((element) => hasText(element) && element.checkVisibility());
  return texts.flatMap((element) => {
    const [one, two] = [parse(getComputedStyle(element).color), behind(element)].map(luminance);
    const contrast = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    return contrast < 4.5 ? [`${contrast.toFixed(2)}: ${element.textContent.trim()}`] : [];
  });
}

test("a page that is open follows the colour scheme", async () => {
  const { page, complaints } = await open(browser.context, "mixed");
  const looks = () => page.evaluate(() => [getComputedStyle(document.body).backgroundColor, document.querySelector("#timeline canvas").toDataURL()]);
  const light = await looks();
  await page.emulateMedia({ colorScheme: "dark" });
  await frames(page, 3);
  const dark = await looks();
  assert.notEqual(dark[0], light[0]);
  assert.notEqual(dark[1], light[1], "the charts are drawn anew");
  assert.deepEqual(complaints, []);
  await page.close();
});

test("on paper it is light, and whole", async () => {
  const { page, complaints } = await open(browser.context, "mixed", { scheme: "dark" });
  const pdf = await page.pdf({ format: "A4" });
  assert.ok(pdf.length > 10_000);
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await frames(page, 3);
  assert.deepEqual(await page.evaluate(faint), []);
  await screenshot(page, "mixed-paper");
  assert.deepEqual(complaints, []);
  await page.close();
});

test("headings go down by one, and tables head their columns and rows", async () => {
  const { page } = await open(browser.context, "mixed");
  const levels = await page.$$eval("h1, h2, h3", (all) => all.map((heading) => Number(heading.tagName[1])));
  assert.equal(levels.filter((level) => level === 1).length, 1);
  levels.forEach((level, place) => assert.ok(place === 0 || level <= levels[place - 1] + 1));
  for (const table of await page.$$("table")) {
    assert.ok(await table.$("caption"));
    assert.ok((await table.$$("thead th[scope=col]")).length > 1);
    assert.ok((await table.$$("tbody th[scope=row]")).length > 0);
  }
  await page.close();
});

test("a hundred thousand tasks open and zoom without delay", async (context) => {
  const many = profileOf("many").tasks.kept;
  assert.ok(many >= 100_000);
  const { page, took } = await open(browser.context, "many");
  context.diagnostic(`${many} tasks: open and drawn in ${took.toFixed(0)} ms`);
  await page.focus("#timeline");
  const slowest = await page.evaluate(async () => {
    const key = (name) => document.querySelector("#timeline").dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
    let longest = 0;
    for (const name of ["+", "-", "+", "ArrowLeft", "ArrowRight", "ArrowRight", "+", "+", "ArrowRight", "0"]) {
      const start = performance.now();
      key(name);
      await new Promise(requestAnimationFrame);
      await new Promise((done) => setTimeout(done));
      longest = Math.max(longest, performance.now() - start);
    }
    return longest;
  });
  context.diagnostic(`longest frame while zooming: ${slowest.toFixed(0)} ms`);
  // The aim is 2000 ms; this limit is for a machine with other things to do.
  assert.ok(took < 15_000, `${took} ms`);
  await page.close();
});
