// The memory of a process of a dead kernel: a square for each page that was in memory, in the colour of what became of it.

import { api } from "./api.js";
import { $, element, tip } from "./dom.js";

const fates = {
  adopted: "taken over in place: same frame, same bytes",
  copied: "its bytes are in another frame",
  reread: "of a file: mapped anew, or read again when touched",
  changed: "there, with other bytes",
  lost: "not there any more",
};
const most = 3000; // squares of one area

export class Memory {
  async show(death, pid) {
    this.wanted = `${death} ${pid}`;
    const wanted = this.wanted;
    if (death < 0 || pid === null) return this.clear("no kernel has died in this run, so nothing happened to anybody's memory");
    let areas;
    try {
      areas = await api.memory(death, pid);
    } catch (error) {
      return this.clear(error.message);
    }
    if (wanted !== this.wanted) return;
    const counts = {};
    for (const area of areas) for (const page of area.pages) counts[page.fate] = (counts[page.fate] ?? 0) + 1;
    $("memory-of").textContent = `of process ${pid}, pages of 4 KiB`;
    $("legend").replaceChildren(...Object.keys(fates).filter((fate) => counts[fate]).map((fate) =>
      element("span", { title: fates[fate] }, element("i", { class: fate }), `${counts[fate]} ${fate === "reread" ? "re-read" : fate}`)));
    $("areas").replaceChildren(...areas.map((area) => this.area(area)));
  }

  clear(text) {
    $("memory-of").textContent = "";
    $("legend").replaceChildren();
    $("areas").replaceChildren(element("div", { class: "empty" }, text));
  }

  area(area) {
    const name = area.name.split("/").pop() || "anonymous";
    const pages = element("div", { class: "pages", onmousemove: (event) => tip(event, event.target.dataset.tip ?? ""), onmouseleave: (event) => tip(event, "") },
      ...area.pages.slice(0, most).map((page) => element("i", { class: `page ${page.fate}`, "data-tip": `${page.at}: ${page.fate === "reread" ? "re-read" : page.fate}\n${fates[page.fate]}\nframe ${page.before} → ${page.after ?? "none"}` })));
    if (area.pages.length > most) pages.append(` and ${area.pages.length - most} more`);
    return element("div", { class: "area" },
      element("div", { class: "what", title: `${area.start}-${area.end} ${area.permissions} ${area.name}` }, element("b", {}, area.permissions), ` ${name}`), pages);
  }
}
