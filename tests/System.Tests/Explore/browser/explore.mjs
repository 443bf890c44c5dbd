// Uses the page of `explore` as a person does. Arguments: its address, and where to put a picture of it. Fails with the first thing that is not as it should be.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const [address, picture] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
const problems = [];
page.setDefaultTimeout(120_000); // a busy machine computes a goto for a while
process.on("uncaughtExceptionMonitor", () => console.error("the page had said:", problems));
page.on("pageerror", (error) => problems.push(error.message));
page.on("console", (message) => message.type() === "error" && !/xterm\.mjs|xterm\.css|404/.test(message.text()) && problems.push(message.text()));
page.on("request", (request) => request.url().startsWith(address) || request.url().startsWith("data:") || problems.push(`asks ${request.url()}`));

const at = async () => Number(await page.getAttribute("body", "data-at"));
const arrives = (icount) => page.waitForFunction((wanted) => document.body.dataset.at === String(wanted), icount);
const text = (selector) => page.textContent(selector);
const screen = async () => (await page.textContent("#terminal")).replace(/\u00a0/g, " ");

await page.goto(address);
await page.waitForSelector("body[data-ready=true]", { timeout: 120_000 });

// It arrives at the death; the processes are there before and after, and the memory of one of them.
const death = await at();
// The stack is that of the death, not of the way out.
assert.match(await text("#stack"), /entry_SYSCALL_64|asm_\w+/);
assert.doesNotMatch(await text("#stack"), /ow_crash_run/);
assert.match(await text("#process-table"), /vi.*came back/s);
assert.ok(await page.locator("#areas .page.adopted").count() > 50);
assert.equal(await page.locator("#areas .page.lost").count(), 0);
assert.match(await text("#legend"), /adopted/);

// Nothing is cut off at 1280 x 800.
const size = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
assert.deepEqual(size, [1280, 800]);
if (picture) await page.screenshot({ path: picture });

// Another process is chosen.
await page.click("#process-table tr:has(td.name:text-is('vi'))");
await page.waitForFunction(() => document.querySelector("#memory-of").textContent.includes(document.querySelector("tr[aria-selected=true]").dataset.pid));

// A step, in both directions; keys too.
await page.click("[data-step='1']");
await arrives(death + 1);
await page.click("[data-step='-1']");
await arrives(death);
await page.focus("#timeline");
await page.keyboard.press("ArrowLeft");
await arrives(death - 1);

// An instruction is typed; the console is the one of then.
await page.fill("#icount", "30,000,000");
await page.press("#icount", "Enter");
await arrives(30_000_000);
assert.doesNotMatch(await screen(), /notes-1\.txt/);
await page.click("#chapters .gate");
await page.waitForFunction((before) => Number(document.body.dataset.at) > before, death);
assert.match(await screen(), /notes-1\.txt/);

// The timeline is dragged.
const box = await page.locator("#timeline").boundingBox();
await page.mouse.move(box.x + box.width * 0.9, box.y + 60);
await page.mouse.down();
await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 8 });
await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 8 });
await page.mouse.up();
// Where it was on the way is shown for a while first; and it catches an event a few pixels away.
const { first, known } = await (await fetch(`${address}/api/run/0`)).json();
const middle = (first + known) / 2;
await page.waitForFunction(([place, near]) => Math.abs(document.body.dataset.at - place) < near, [middle, (known - first) / 100]);
const caught = await at();
assert.ok(caught < death);

// It is zoomed, and still goes where one clicks.
for (let i = 0; i < 30; i++) await page.mouse.wheel(0, -100);
await page.mouse.click(box.x + box.width * 0.5 + 100, box.y + 60);
await page.waitForFunction(([place, left]) => { const now = Number(document.body.dataset.at); return now !== left && Math.abs(now - place) < 200_000; }, [middle, caught]);
await page.dblclick("#timeline", { position: { x: 400, y: 60 } });

// The processes of this instruction.
await page.click("#deaths button:text-is('now')");
assert.match(await text("#process-table"), /init/);

// It plays, and is stopped.
const before = await at();
await page.click("#play");
await page.waitForFunction((start) => Number(document.body.dataset.at) > start + 1_000_000, before);
await page.click("#play");
assert.equal(await text("#play"), "replay from here");

// A fork: typed into, ended, and itself explored.
await page.fill("#icount", "41,000,000");
await page.press("#icount", "Enter");
await arrives(41_000_000);
await page.click("#fork");
await page.waitForSelector("#console.live");
if (await page.locator(".xterm").count()) {
  await page.locator(".xterm-helper-textarea").focus();
  await page.keyboard.type("echo sum-$((40+2))\n");
  await page.waitForFunction(() => document.querySelector("#terminal").textContent.includes("sum-42"), null, { timeout: 60_000 });
}
await page.click("#end-fork");
await page.waitForURL(/\?run=\d+/);
await page.waitForSelector("body[data-ready=true]", { timeout: 120_000 });
assert.match(await text("#run"), /fork-\d+/);

// A fault: the fork's kernel dies and its processes come back.
await page.fill("#icount", "0");
await page.press("#icount", "Enter");
await page.waitForFunction(() => Number(document.body.dataset.at) < 51_100_000);
await page.selectOption("#fault", "bug");
await page.click("#inject");
await page.waitForFunction(() => /generation 1 died/.test(document.querySelector("#terminal").textContent.replace(/\u00a0/g, " ")), null, { timeout: 120_000 });

await browser.close();
assert.deepEqual(problems, []);
