// Processes: those of a death, before and after side by side, or those of the instruction one stands at.

import { api } from "./api.js";
import { $, element, grouped, tabs } from "./dom.js";

const states = { R: "running", S: "sleeping", D: "waiting", T: "stopped", t: "traced", Z: "zombie", X: "dead", I: "idle", P: "parked" };
const cell = (text, kind) => element("td", { class: kind }, text);
const head = (...names) => element("thead", {}, element("tr", {}, ...names.map(([name, kind]) => element("th", { class: kind }, name))));
const size = (task) => `${grouped(task.rss_kib)} K`;

export class Processes {
  constructor(chosen) {
    this.chosen = chosen;
    this.shown = "now"; // or the number of a death
    this.deaths = [];
    this.pid = null; // shown in the memory panel
    this.picked = null; // by the person
  }

  async show(run) {
    this.events = run.events;
    const known = this.deaths.map((death) => Boolean(death.gate)).join();
    this.deaths = run.deaths;
    if (known === run.deaths.map((death) => Boolean(death.gate)).join()) return;
    if (this.shown === "now" && run.deaths.length > 0) this.shown = 0;
    await this.draw();
  }

  moveTo(moment) {
    this.moment = moment;
    $("generation").textContent = moment.generation ? `kernel ${moment.generation} runs` : "";
    if (this.shown === "now") this.draw();
  }

  async draw() {
    const items = this.deaths.map((death, i) => ({ value: i, label: this.deaths.length === 1 ? "before and after" : `death ${i + 1}`, title: death.death.detail }));
    tabs($("deaths"), [...items, { value: "now", label: "now", title: "at the instruction shown" }], this.shown, (value) => { this.shown = value; this.draw(); });
    if (this.shown === "now") this.drawNow();
    else await this.drawDeath(this.shown);
  }

  drawNow() {
    const tasks = this.moment?.tasks ?? [];
    $("process-table").replaceChildren(
      head(["pid", "number"], ["command"], ["state"], ["parent", "number"], ["threads", "number"], ["memory", "number"]),
      element("tbody", {}, ...tasks.map((task) => element("tr", { class: task.pid === this.moment.current ? "current" : null, onclick: () => this.pick(task.pid) },
        cell(task.pid, "number"), cell(task.name, "name"), cell(states[task.state] ?? task.state), cell(task.parent_pid, "number"), cell(task.threads, "number"), cell(size(task), "number")))));
  }

  async drawDeath(number) {
    const rows = await api.death(number);
    const revived = Boolean(this.deaths[number].gate);
    const said = this.marks(number);
    $("process-table").replaceChildren(
      head(["pid", "number"], ["command"], ["before"], ["memory", "number"], ["after", "split"], ["memory", "number"], [""]),
      element("tbody", {}, ...rows.map((row) => this.row(row, revived ? this.outcome(row, said) : ["", ""]))));
    const had = rows.filter((row) => row.before);
    const best = had.filter((row) => said[row.pid]?.name === "resurrected").sort((one, other) => other.after.rss_kib - one.after.rss_kib)[0];
    this.choose((had.find((row) => row.pid === this.picked) ?? best ?? had[0])?.pid);
  }

  // What the reviving kernel said of each pid.
  marks(number) {
    const { death, gate } = this.deaths[number];
    return Object.fromEntries(this.events
      .filter((event) => event.icount > death.icount && event.icount <= (gate?.icount ?? 0) && /resurrected|degraded/.test(event.name))
      .map((event) => [event.detail.match(/pid=(\d+)/)?.[1], event]));
  }

  outcome({ pid, before, after }, said) {
    const mark = said[pid];
    if (mark?.name === "not-resurrected") return [`left behind: ${mark.detail.match(/reason=(\S+)/)?.[1] ?? ""}`.replace(/: left$/, ""), "left"];
    if (mark?.name === "degraded") return [`came back without ${mark.detail.match(/what=(\S+)/)?.[1] ?? "something"}`, "left"];
    if (mark) return ["came back", "came-back"];
    return before && after ? ["another one", "new"] : before ? ["left behind", "left"] : ["new", "new"];
  }

  row({ pid, before, after }, outcome) {
    return element("tr", { "data-pid": pid, "aria-selected": String(pid === this.pid), onclick: () => before && this.pick(pid) },
      cell(pid, "number"), cell((before ?? after).name, "name"),
      cell(before ? states[before.state] ?? before.state : "–"), cell(before ? size(before) : "", "number"),
      cell(after ? states[after.state] ?? after.state : "–", "split"), cell(after ? size(after) : "", "number"),
      cell(outcome[0], outcome[1]));
  }

  pick(pid) {
    this.picked = pid;
    this.choose(pid);
  }

  choose(pid) {
    this.pid = pid ?? null;
    for (const row of $("process-table").querySelectorAll("tr[data-pid]")) row.setAttribute("aria-selected", String(row.dataset.pid === String(pid)));
    const death = this.shown === "now" ? this.deaths.length - 1 : this.shown;
    this.chosen(death, this.pid);
  }
}
