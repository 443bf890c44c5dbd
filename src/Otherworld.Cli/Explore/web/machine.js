// The processor at an instruction: code, registers, who called whom.

import { $, element, grouped, milliseconds } from "./dom.js";

let last = {};

export function showMachine(moment) {
  if (document.activeElement !== $("icount")) $("icount").value = grouped(moment.icount);
  $("vtime").textContent = milliseconds(moment.vtime_ns);
  $("place").textContent = moment.place;
  $("mode").textContent = moment.cpl === 0 ? "in the kernel" : "in a process";
  $("code").replaceChildren(...moment.code.flatMap((line) => [
    element("span", { class: line.is_next ? "next" : null, title: line.place }, element("span", { class: "at" }, `${line.address}  `), line.text), "\n"]));
  $("registers").replaceChildren(...moment.registers.map(({ name, value, meaning }) =>
    element("div", {}, element("b", {}, name), element("span", { class: name in last && last[name] !== value ? "moved" : null, title: meaning || null }, value))));
  last = Object.fromEntries(moment.registers.map(({ name, value }) => [name, value]));
  $("stack").textContent = moment.stack.replace(/^[^]*?Call Trace:\n/, "").trim() + (moment.damages.length ? `\ndamaged: ${moment.damages.join("\ndamaged: ")}` : "");
}
