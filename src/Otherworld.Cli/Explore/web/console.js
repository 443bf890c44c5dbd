// The console: what the run had said by an instruction, or a fork's own, which one can type into.

import { api } from "./api.js";
import { $, tabs } from "./dom.js";

let Terminal = null;
try {
  ({ Terminal } = await import("/web/xterm.mjs"));
} catch {
  // Built without it: plain text.
}

class PlainText {
  constructor(holder) { this.box = holder.appendChild(document.createElement("pre")); this.text = ""; }
  write(bytes) { this.text += new TextDecoder().decode(bytes); this.box.textContent = this.text.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, ""); this.box.scrollTop = 1e9; }
  reset() { this.text = ""; this.box.textContent = ""; }
  onData() {}
  focus() {}
}

export class Console {
  constructor(holder) {
    if (Terminal) {
      this.screen = new Terminal({
        cols: 80, rows: 24, fontSize: 11.2, scrollback: 5000, cursorBlink: false,
        fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
        theme: { background: "#0b0d12", foreground: "#d7dce6", cursor: "#5ad1a5" },
      });
      this.screen.open(holder);
    } else {
      this.screen = new PlainText(holder);
    }
    this.screen.onData((keys) => this.type(new TextEncoder().encode(keys)));
    this.line = 0;
    this.said = [];
    this.shown = 0;
    this.at = 0;
  }

  async show(run) {
    this.lengths = run.lines;
    this.drawTabs();
    await Promise.all(run.lines.map(async (length, line) => {
      if (length === (this.said[line]?.bytes.length ?? 0)) return;
      const { text, stamps } = await api.console(line);
      this.said[line] = { bytes: Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)), stamps };
    }));
    this.moveTo(this.at);
  }

  drawTabs() {
    const lines = this.lengths.map((length, line) => ({ value: line, label: `ttyS${line}`, title: `${length} bytes` })).filter(({ value }) => value === 0 || this.lengths[value] > 0);
    tabs($("lines"), this.socket ? lines.slice(0, 1) : lines, this.line, (line) => { this.line = line; this.shown = Infinity; this.drawTabs(); this.moveTo(this.at); });
  }

  // As much of it as was said by then: forwards it goes on, backwards it begins anew.
  moveTo(icount) {
    this.at = icount;
    const said = this.said[this.line];
    if (!said || this.socket) return;
    let [low, high] = [0, said.stamps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (said.stamps[middle][0] <= icount) low = middle + 1; else high = middle;
    }
    const length = low === 0 ? 0 : said.stamps[low - 1][1];
    if (length < this.shown) {
      this.screen.reset();
      this.shown = 0;
    }
    if (length > this.shown) this.screen.write(said.bytes.subarray(this.shown, length));
    this.shown = length;
  }

  // What is typed into a recorded run goes nowhere; what comes before the fork listens waits.
  type(keys) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(keys);
    else this.socket?.addEventListener("open", () => this.socket.send(keys));
  }

  // From now on the terminal is a fork's.
  attach(fork, ended) {
    this.line = 0;
    this.shown = Infinity;
    this.moveTo(this.at);
    this.socket = api.tty(fork);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => typeof data === "string" ? ended(data) : this.screen.write(new Uint8Array(data));
    if (this.screen.options) this.screen.options.cursorBlink = true;
    this.drawTabs();
    this.screen.focus();
  }
}
