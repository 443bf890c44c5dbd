// The timeline: lives of kernels, the ways between them, what happened; drag to move, turn the wheel to zoom.

import { grouped, milliseconds, tip } from "./dom.js";

const colours = getComputedStyle(document.documentElement);
const colour = (name) => colours.getPropertyValue(`--${name}`).trim();
const named = ["death", "gate", "fault"];

export class Timeline {
  constructor(canvas, moved) {
    this.canvas = canvas;
    this.moved = moved;
    this.run = null;
    this.at = 0;
    this.view = null; // first and last instruction shown; null for all
    canvas.addEventListener("pointerdown", (event) => this.grab(event));
    canvas.addEventListener("pointermove", (event) => this.point(event));
    canvas.addEventListener("pointerup", (event) => this.drop(event));
    canvas.addEventListener("pointerleave", (event) => tip(event, ""));
    canvas.addEventListener("wheel", (event) => this.zoom(event), { passive: false });
    canvas.addEventListener("dblclick", () => { this.view = null; this.draw(); });
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  get range() { return this.view ?? [this.run.first, Math.max(this.run.known, this.run.first + 1)]; }

  show(run) { this.run = run; this.draw(); }

  moveTo(icount) {
    this.at = icount;
    if (this.view && (icount < this.view[0] || icount > this.view[1])) this.view = null;
    this.draw();
  }

  x(icount) {
    const [first, last] = this.range;
    return (icount - first) / (last - first) * this.canvas.clientWidth;
  }

  icount(x) {
    const [first, last] = this.range;
    const there = Math.round(first + x / this.canvas.clientWidth * (last - first));
    return Math.min(Math.max(there, this.run.first), this.run.known);
  }

  grab(event) {
    if (!this.run) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.dragging = true;
    this.drag(event);
  }

  drag(event) {
    const near = this.near(event.offsetX, 4);
    this.at = near ? near.icount : this.icount(event.offsetX);
    this.draw();
    this.moved(this.at, false);
  }

  point(event) {
    if (!this.run) return;
    if (this.dragging) this.drag(event);
    const near = this.near(event.offsetX, 6);
    const icount = near ? near.icount : this.icount(event.offsetX);
    tip(event, near ? `${near.name} ${near.detail}\ninstruction ${grouped(near.icount)}, ${milliseconds(near.vtime_ns)}` : `instruction ${grouped(icount)}`);
  }

  drop() {
    if (!this.dragging) return;
    this.dragging = false;
    this.moved(this.at, true);
  }

  zoom(event) {
    if (!this.run) return;
    event.preventDefault();
    const [first, last] = this.range;
    const centre = first + event.offsetX / this.canvas.clientWidth * (last - first);
    const factor = 2 ** (event.deltaY / 300);
    const width = Math.max((last - first) * factor, 40);
    if (width >= this.run.known - this.run.first) {
      this.view = null;
    } else {
      const start = Math.max(this.run.first, centre - (centre - first) / (last - first) * width);
      this.view = [start, Math.min(start + width, this.run.known)];
    }
    this.draw();
  }

  near(x, distance) {
    const rank = (event) => named.includes(event.kind) ? 0 : event.kind === "mark" ? 1 : 2;
    return this.run.events
      .filter((event) => Math.abs(this.x(event.icount) - x) <= distance)
      .sort((one, other) => rank(one) - rank(other) || Math.abs(this.x(one.icount) - x) - Math.abs(this.x(other.icount) - x))[0];
  }

  draw() {
    const { canvas, run } = this;
    const [width, height, dense] = [canvas.clientWidth, canvas.clientHeight, devicePixelRatio];
    canvas.width = width * dense;
    canvas.height = height * dense;
    if (!run) return;
    const paint = canvas.getContext("2d");
    paint.scale(dense, dense);
    this.drawLives(paint);
    this.drawEvents(paint, width);
    this.drawScale(paint, width, height);
    const x = this.x(this.at);
    paint.fillStyle = "#ffffff";
    paint.fillRect(x - 0.75, 0, 1.5, height);
    paint.beginPath();
    paint.moveTo(x - 5, 0);
    paint.lineTo(x + 5, 0);
    paint.lineTo(x, 7);
    paint.fill();
  }

  // Between a kernel's death and the gate nobody works; the lives on both sides have colours of their own.
  drawLives(paint) {
    const [top, height] = [30, 20];
    const lives = [colour("accent"), colour("gate"), colour("typed"), colour("fault")];
    let start = this.run.first;
    this.run.deaths.forEach((death, i) => {
      this.band(paint, start, death.death.icount, top, height, lives[i % lives.length] + "66", `kernel ${i + 1}`);
      start = death.gate?.icount ?? this.run.known;
      this.band(paint, death.death.icount, start, top, height, colour("death") + "55", death.gate ? "resurrection" : "dead");
    });
    if (start < this.run.known) this.band(paint, start, this.run.known, top, height, lives[this.run.deaths.length % lives.length] + "66", `kernel ${this.run.deaths.length + 1}`);
  }

  band(paint, from, to, top, height, fill, label) {
    const [x, width] = [this.x(from), this.x(to) - this.x(from)];
    paint.fillStyle = fill;
    paint.fillRect(x, top, Math.max(width, 1), height);
    paint.font = "11px system-ui, sans-serif";
    const left = Math.max(x, 0);
    if (Math.min(x + width, this.canvas.clientWidth) - left < paint.measureText(label).width + 14) return;
    paint.fillStyle = "#ffffffcc";
    paint.fillText(label, left + 7, top + 14);
  }

  drawEvents(paint, width) {
    let taken = -Infinity;
    paint.font = "11px system-ui, sans-serif";
    for (const event of this.run.events) {
      const x = this.x(event.icount);
      if (x < 0 || x > width) continue;
      const important = named.includes(event.kind);
      paint.fillStyle = colour(event.kind === "input" ? "typed" : event.kind);
      paint.fillRect(x - (important ? 1 : 0.5), important ? 18 : event.kind === "mark" ? 24 : 44, important ? 2 : 1, important ? 32 : 12);
      if (!important || x < taken) continue;
      paint.fillText(event.kind === "fault" ? "fault" : event.name, Math.min(x, width - 60), 14);
      taken = x + paint.measureText(event.name).width + 10;
    }
  }

  drawScale(paint, width, height) {
    const [first, last] = this.range;
    const rough = (last - first) / 8;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = Math.max(1, [1, 2, 5, 10].find((factor) => factor * power >= rough) * power);
    paint.font = "10px system-ui, sans-serif";
    for (let mark = Math.ceil(first / step) * step; mark <= last; mark += step) {
      const x = this.x(mark);
      paint.fillStyle = colour("line");
      paint.fillRect(x, 52, 1, height - 52);
      paint.fillStyle = colour("dim");
      paint.fillText(step >= 1e6 ? `${mark / 1e6} M` : grouped(mark), x + 4, height - 6);
    }
  }
}
