// Puts the parts together: one instruction is shown, and everything follows it.

import { api } from "./api.js";
import { Console } from "./console.js";
import { $, element } from "./dom.js";
import { showMachine } from "./machine.js";
import { Memory } from "./memory.js";
import { Processes } from "./processes.js";
import { Timeline } from "./timeline.js";

const playRate = 40e6; // instructions in a second of the person's
const memory = new Memory();
const processes = new Processes((death, pid) => memory.show(death, pid));
const terminal = new Console($("terminal"));
const timeline = new Timeline($("timeline"), (icount) => goTo(icount));

let run = null;
let at = null;
let wanted = null; // the instruction asked for while an answer is on its way
let asking = false;
let playing = null;
let fork = null;

function say(text, bad = false) {
  $("status").textContent = text;
  $("status").title = text;
  $("status").className = bad ? "bad" : "";
}

// The console follows at once; the machine as soon as the server has it, and only for the last instruction asked for.
async function goTo(icount) {
  at = Math.min(Math.max(Math.round(icount), run.first), run.known);
  timeline.moveTo(at);
  terminal.moveTo(at);
  wanted = at;
  if (asking) return;
  asking = true;
  try {
    while (wanted !== null) {
      const now = wanted;
      wanted = null;
      const moment = await api.moment(now);
      showMachine(moment);
      processes.moveTo(moment);
      document.body.dataset.at = moment.icount;
    }
  } catch (error) {
    say(error.message, true);
  } finally {
    asking = false;
  }
}

function stop() {
  playing = null;
  $("play").textContent = "replay from here";
}

function play() {
  if (playing) return stop();
  if (at >= run.known) at = run.first;
  const mine = playing = { from: at, since: performance.now() };
  $("play").textContent = "pause";
  const frame = (now) => {
    if (playing !== mine) return;
    const there = mine.from + (now - mine.since) / 1000 * playRate;
    goTo(there);
    if (there >= run.known) stop(); else requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

async function startFork(fault) {
  stop();
  try {
    const started = await api.fork(at, fault);
    fork = started.fork;
    for (const button of [$("fork"), $("inject"), $("fault"), $("play")]) button.disabled = true;
    $("console").classList.add("live");
    $("console-note").textContent = `live, recorded as ${started.path}`;
    $("end-fork").hidden = false;
    terminal.attach(fork, (outcome) => { $("console-note").textContent = outcome; });
    const ownPath = $("place").textContent.startsWith("ow_") ? ", in the code that would have saved it" : "";
    say(fault ? `a run of its own: its kernel dies now${ownPath}` : "a run of its own: type into its console");
  } catch (error) {
    say(error.message, true);
  }
}

async function endFork() {
  $("end-fork").disabled = true;
  try {
    const { run: number } = await api.endFork(fork);
    location.search = `?run=${number}`;
  } catch (error) {
    say(error.message, true);
  }
}

function drawChapters() {
  const marks = run.events.filter((event) => ["fault", "death", "gate"].includes(event.kind)).slice(0, 9);
  $("chapters").replaceChildren(...marks.map((event) =>
    element("button", { class: event.kind, title: `${event.name} ${event.detail}`, onclick: () => { stop(); goTo(event.icount); } }, event.kind === "fault" ? "fault" : event.kind === "death" ? "death" : "gate open")));
}

// The run is replayed while one looks; ask until all of it is known.
async function learn() {
  run = await api.run();
  $("run").textContent = run.path;
  document.title = `${run.path} · Otherworld`;
  timeline.show(run);
  drawChapters();
  await Promise.all([terminal.show(run), processes.show(run)]);
  if (run.problem) say(run.problem, true);
  else if (!run.whole) say(`replaying: ${Math.round(run.known / 1e6)} million instructions`);
  else if (!run.symbols) say("no symbols: the processor and the consoles only", true);
  else say("");
  $("inject").disabled = !run.symbols || fork !== null;
  if (!run.whole) setTimeout(() => learn().catch((error) => say(error.message, true)), 300);
  else if (at === null || at === run.first) await arrive();
}

async function arrive() {
  if (run.deaths.length === 0) await processes.draw();
  if (run.deaths.length === 0) memory.show(-1, null);
  await goTo(run.deaths[0]?.death.icount ?? run.known);
  document.body.dataset.ready = "true";
}

$("play").onclick = play;
$("fork").onclick = () => startFork(null);
$("inject").onclick = () => startFork($("fault").value);
$("end-fork").onclick = endFork;
$("icount").onchange = () => { stop(); goTo(Number($("icount").value.replace(/[^0-9]/g, "")) || 0); $("icount").blur(); };
for (const button of document.querySelectorAll("[data-step]")) button.onclick = () => { stop(); goTo(at + Number(button.dataset.step)); };
addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, button, .xterm")) return;
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") { stop(); goTo(at + (event.key === "ArrowLeft" ? -1 : 1) * (event.shiftKey ? 1000 : 1)); }
  else if (event.key === " ") { event.preventDefault(); play(); }
});
$("timeline").addEventListener("pointerdown", stop);

learn().catch((error) => say(error.message, true));
