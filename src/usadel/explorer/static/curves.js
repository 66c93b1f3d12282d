// Curves over one axis: gaps where numbers are missing, pinned ones dashed, a cursor shared between plots.

import { colour, frame, inside, line, nearest, prepared, scales } from "./axes.js";

const MARGIN = 0.07; // of the range, above and below
const LEAST = 1e-9; // range of an axis of numbers that are all the same, if they are not zero
const ERRORS = 10; // no axis is shorter than so many errors: what differs by less would only look different
const ROUNDING = 1e-12; // what is smaller is what rounding has left of a zero
const DASHES = [[6, 4], [2, 3], [9, 3, 2, 3], [1, 2], [12, 4], [4, 2, 1, 2]]; // of pins

export class Plot {
  constructor(figure, { onCursor = () => {}, onPick = null, cursorName = "" } = {}) {
    Object.assign(this, { figure, onCursor, onPick, cursorName });
    this.canvas = figure.querySelector("canvas");
    this.legend = figure.querySelector(".legend");
    this.lines = [];
    this.options = {};
    this.cursor = null;
    this.held = null;
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("click", (event) => this.pick(event));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    figure.plotted = () => this.lines;
    figure.limits = () => this.range();
    figure.pixelOf = (x, y) => [this.at.right(x), this.at.up(y)];
  }

  // lines: {x, y, label, colour, pin (number, if pinned), dashed (per point), marks}; options: xLabel, error, borders,
  // names, here ({x, y}), empty (text), hold (whether the axis may only grow).
  show(lines, options = {}) {
    this.lines = lines;
    this.options = options;
    this.draw();
  }

  range() {
    let [low, high] = [Infinity, -Infinity];
    for (const { y } of this.lines) {
      for (const value of y) if (Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
    }
    if (!(low <= high)) return [0, 1];
    if (this.options.zero) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
    if (Math.max(-low, high) < ROUNDING) [low, high] = [-1, 1];
    const least = Math.max(ERRORS * (this.options.error || 0), LEAST, 1e-6 * Math.abs(high));
    const add = Math.max(0, (least - (high - low)) / 2) + MARGIN * Math.max(high - low, least);
    let found = [low - add, high + add];
    if (this.options.hold && this.held) found = [Math.min(found[0], this.held[0]), Math.max(found[1], this.held[1])];
    this.held = found;
    return found;
  }

  across() {
    let [low, high] = [Infinity, -Infinity];
    for (const { x } of this.lines) {
      for (const value of x) if (Number.isFinite(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
    }
    if (this.options.span) [low, high] = this.options.span;
    return low < high ? [low, high] : [0, 1];
  }

  draw() {
    const { context, width, height } = prepared(this.canvas);
    if (width < 80) return;
    const box = inside(width, height);
    const visible = this.lines.length > 0;
    const [x, y] = [visible ? this.across() : [0, 1], visible ? this.range() : [0, 1]];
    this.at = scales(box, x, y);
    if (!visible) {
      context.fillStyle = colour(this.canvas, "quiet");
      context.textAlign = "center";
      context.fillText(this.options.empty ?? "", width / 2, height / 2);
      this.caption();
      return;
    }
    frame(context, box, x, y, { xLabel: this.options.xLabel });
    this.drawBorders(context, box);
    context.save();
    context.beginPath();
    context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    context.clip();
    for (const one of this.lines) this.drawLine(context, one);
    this.drawCursor(context, box);
    context.restore();
    this.drawHere(context);
    this.caption();
  }

  drawBorders(context, box) {
    const { borders = [], names = [] } = this.options;
    context.strokeStyle = colour(this.canvas, "quiet");
    context.setLineDash([]);
    for (const border of borders) {
      context.lineWidth = border.wire ? 2.5 : 1;
      context.beginPath();
      line(context, this.at.right(border.x), box.top, this.at.right(border.x), box.bottom);
      context.stroke();
    }
    context.fillStyle = colour(this.canvas, "quiet");
    context.textAlign = "center";
    context.textBaseline = "bottom";
    if (names.length > 1) for (const { x, text } of names) context.fillText(text, this.at.right(x), box.top - 4);
  }

  drawLine(context, { x, y, colour: name, pin, dashed, marks, breaks = [] }) {
    context.strokeStyle = colour(this.canvas, name);
    context.fillStyle = colour(this.canvas, name);
    context.globalAlpha = pin === undefined ? 1 : 0.75;
    context.lineWidth = pin === undefined ? 2 : 1.4;
    let open = false;
    let unstable = false;
    const begin = (k) => {
      if (open) context.stroke();
      unstable = Boolean(dashed && dashed[k]);
      context.setLineDash(pin !== undefined ? DASHES[pin % DASHES.length] : unstable ? [5, 4] : []);
      context.beginPath();
      open = true;
    };
    let last = null;
    for (let k = 0; k < x.length; k += 1) {
      if (breaks.includes(k)) last = null;
      if (!Number.isFinite(y[k])) {
        last = null;
        continue;
      }
      const here = [this.at.right(x[k]), this.at.up(y[k])];
      if (!open || last === null || Boolean(dashed && dashed[k]) !== unstable) {
        begin(k);
        context.moveTo(...(last ?? here));
      }
      context.lineTo(...here);
      last = here;
    }
    if (open) context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
    (marks ?? []).forEach((marked, k) => marked && this.dot(context, x[k], y[k], 4, true));
  }

  dot(context, x, y, radius, hollow) {
    context.beginPath();
    context.arc(this.at.right(x), this.at.up(y), radius, 0, 2 * Math.PI);
    if (!hollow) return context.fill();
    context.lineWidth = 2;
    return context.stroke();
  }

  drawHere(context) {
    const { here } = this.options;
    if (!here || !Number.isFinite(here.y)) return;
    context.fillStyle = colour(this.canvas, "ink");
    this.dot(context, here.x, here.y, 5, false);
  }

  drawCursor(context, box) {
    if (this.cursor === null) return;
    context.strokeStyle = colour(this.canvas, "quiet");
    context.lineWidth = 1;
    context.setLineDash([2, 3]);
    context.beginPath();
    line(context, this.at.right(this.cursor), box.top, this.at.right(this.cursor), box.bottom);
    context.stroke();
    context.setLineDash([]);
  }

  // Names of the lines, with their values at the cursor.
  caption() {
    const parts = [];
    for (const { x, y, label, colour: name, pin } of this.lines) {
      const entry = document.createElement("span");
      const swatch = document.createElement("i");
      swatch.style.borderTopColor = colour(this.canvas, name);
      if (pin !== undefined) swatch.style.borderTopStyle = "dashed";
      const value = this.cursor === null || x.length === 0 ? "" : ` ${shown(y[nearest(x, this.cursor)])}`;
      entry.append(swatch, `${label}${value}`);
      parts.push(entry);
    }
    if (this.cursor !== null && this.cursorName) parts.push(`${this.cursorName} = ${shown(this.cursor)}`);
    if (this.options.note) parts.push(this.options.note);
    this.legend.replaceChildren(...parts);
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", `${this.figure.querySelector("figcaption").firstChild.textContent.trim()}: ${this.legend.textContent}`);
  }

  point(event) {
    if (!this.at || this.lines.length === 0) return;
    const [low, high] = this.across();
    this.onCursor(Math.min(high, Math.max(low, this.at.toX(event.offsetX))));
  }

  pick(event) {
    if (this.onPick && this.at && this.lines.length) this.onPick(event.offsetX, event.offsetY, this.at);
  }

  key(event) {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key) || this.lines.length === 0) return;
    const [low, high] = this.across();
    const step = ((event.shiftKey ? 0.1 : 0.02) * (high - low)) * (event.key === "ArrowLeft" ? -1 : 1);
    this.onCursor(Math.min(high, Math.max(low, (this.cursor ?? (low + high) / 2) + step)));
    event.preventDefault();
  }

  setCursor(value) {
    if (value === this.cursor) return;
    this.cursor = value;
    this.draw();
  }
}

export function shown(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size < ROUNDING) return "0";
  return size < 1e-3 || size >= 1e5 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}
