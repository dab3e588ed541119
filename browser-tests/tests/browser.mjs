// A Chromium without a window, and pages in it that keep account of everything they should not do.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; run these tests by cargo xtask browser`);
  return value;
}

export async function launch() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "browser-tests-"));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: required("CHROMIUM"),
    args: FLAGS,
    viewport: { width: 1280, height: 900 },
    offline: true,
  });
  const close = async () => {
    await context.close();
    fs.rmSync(folder, { recursive: true, force: true });
  };
  return { context, close };
}

/** The profile beside a page, as the other exports have it. */
export function profileOf(name) {
  return JSON.parse(fs.readFileSync(path.join(required("PAGES"), `${name}.json`), "utf8"));
}

/** Opens a page and waits until it is drawn. `complaints` grows with all that goes wrong in it. */
export async function open(context, name, { width = 1280, height = 900, scheme = "light" } = {}) {
  const page = await context.newPage();
  const complaints = [];
  const address = pathToFileURL(path.join(required("PAGES"), `${name}.html`)).href;
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.stack ?? String(error)));
  page.on("request", (request) => {
    if (request.url() !== address && !request.url().startsWith("data:")) complaints.push(`request of ${request.url()}`);
  });
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: scheme });
  const start = performance.now();
  await page.goto(address);
  await page.waitForFunction(() => document.documentElement.dataset.drawn === "all");
  await frames(page, 2);
  return { page, complaints, took: performance.now() - start };
}

/** Waits until so many frames have been shown. */
export function frames(page, many) {
  return page.evaluate(async (left) => {
    for (; left > 0; left -= 1) await new Promise(requestAnimationFrame);
  }, many);
}

export async function screenshot(page, name) {
  const folder = required("SCREENSHOTS");
  fs.mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
}

export const LOADS = ["empty", "one", "failed", "mixed", "sample", "many"];
