// The picture in the README, from the report of the download example:
//
//   cargo run --release --example download -- --report target/report.html
//   CHROMIUM=chromium-or-a-path node browser-tests/picture.mjs target/report.html docs/profile.png
//   pngquant --force --output docs/profile.png 64 docs/profile.png

import path from "node:path";
import { pathToFileURL } from "node:url";
import { frames, launch } from "./tests/browser.mjs";

const [report, picture] = process.argv.slice(2);
const MARGIN = 20;

const { context, close } = await launch();
const page = await context.newPage();
await page.setViewportSize({ width: 1160, height: 900 });
await page.goto(pathToFileURL(path.resolve(report)).href);
await frames(page, 3);
const bottom = await page.$eval("#timeline-help", (help) => help.getBoundingClientRect().bottom);
await page.screenshot({ path: picture, fullPage: true, clip: { x: 0, y: 0, width: 1160, height: bottom + MARGIN } });
await close();
