// A map over position and energy on a canvas, with its bar of colours and a cursor in both.

import { colour, frame, inside, labels, line, prepared, scales, ticks } from "./axes.js";

const BAR = 64; // px of the bar of colours and its numbers
const VIRIDIS = [[68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142], [31, 158, 137], [53, 183, 121], [109, 205, 89], [180, 222, 44], [253, 231, 37]];
const DIVERGING = [[5, 48, 97], [67, 147, 195], [209, 229, 240], [247, 247, 247], [253, 219, 199], [214, 96, 77], [103, 0, 31]];

export class EnergyMap {
  constructor(figure, { onCursor }) {
    Object.assign(this, { figure, onCursor });
    this.canvas = figure.querySelector("canvas");
    this.legend = figure.querySelector(".legend");
    this.pixels = document.createElement("canvas");
    this.cursor = null;
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    figure.plotted = () => this.shown;
  }

  // values of shape (positions, energies), row by row; diverging: colours of either sign.
  show(shown) {
    this.shown = shown;
    this.draw();
  }

  draw() {
    const { context, width, height } = prepared(this.canvas);
    if (width < 120) return;
    if (!this.shown) {
      context.fillStyle = colour(this.canvas, "quiet");
      context.textAlign = "center";
      context.fillText(this.why ?? "", width / 2, height / 2);
      return;
    }
    const box = inside(width, height, BAR);
    const { position, energy, limits } = this.shown;
    const [x, y] = [[position[0], position[position.length - 1]], this.shown.window];
    this.at = scales(box, x, y);
    this.paint(box, x, y);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.pixels, box.left, box.top, box.right - box.left, box.bottom - box.top);
    frame(context, box, x, y, { xLabel: "x / ξ", grid: false });
    this.drawBar(context, box, limits);
    this.drawBorders(context, box);
    this.drawCursor(context, box);
    this.legend.textContent = `E / Δ0 upwards${this.shown.note ? `, ${this.shown.note}` : ""}`;
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", `Map over position and energy, from ${limits[0].toPrecision(3)} to ${limits[1].toPrecision(3)}, ${energy.length} energies`);
  }

  paint(box, x, y) {
    const { position, energy, values, limits, diverging } = this.shown;
    const [across, down] = [Math.max(2, Math.round(box.right - box.left)), Math.max(2, Math.round(box.bottom - box.top))];
    [this.pixels.width, this.pixels.height] = [across, down];
    const context = this.pixels.getContext("2d");
    const image = context.createImageData(across, down);
    const pixels = new Uint32Array(image.data.buffer);
    const table = colours(diverging ? DIVERGING : VIRIDIS);
    const [columns, rows] = [places(position, x, across), places(energy, y, down)];
    const count = energy.length;
    for (let j = 0; j < down; j += 1) {
      const { index: k, weight: b } = rows[down - 1 - j];
      for (let i = 0; i < across; i += 1) {
        const { index, weight: a } = columns[i];
        const at = index * count + k;
        const value = (1 - a) * ((1 - b) * values[at] + b * values[at + 1]) + a * ((1 - b) * values[at + count] + b * values[at + count + 1]);
        const part = (value - limits[0]) / (limits[1] - limits[0]);
        pixels[j * across + i] = Number.isFinite(part) ? table[Math.max(0, Math.min(255, Math.round(255 * part)))] : 0;
      }
    }
    context.putImageData(image, 0, 0);
  }

  drawBar(context, box, limits) {
    const table = this.shown.diverging ? DIVERGING : VIRIDIS;
    const gradient = context.createLinearGradient(0, box.bottom, 0, box.top);
    table.forEach((rgb, k) => gradient.addColorStop(k / (table.length - 1), `rgb(${rgb.join(",")})`));
    context.fillStyle = gradient;
    context.fillRect(box.right + 10, box.top, 12, box.bottom - box.top);
    context.fillStyle = colour(this.canvas, "quiet");
    context.textAlign = "left";
    context.textBaseline = "middle";
    const across = ticks(...limits, 5);
    const { texts } = labels(across);
    across.found.forEach((value, k) => {
      const part = (value - limits[0]) / (limits[1] - limits[0]);
      context.fillText(texts[k], box.right + 26, box.bottom - part * (box.bottom - box.top - 8) - 4);
    });
  }

  drawBorders(context, box) {
    context.strokeStyle = "#fff";
    for (const border of this.shown.borders ?? []) {
      context.lineWidth = border.wire ? 3 : 1;
      context.beginPath();
      line(context, this.at.right(border.x), box.top, this.at.right(border.x), box.bottom);
      context.stroke();
    }
  }

  drawCursor(context, box) {
    if (!this.cursor) return;
    const [x, energy] = this.cursor;
    context.lineWidth = 1;
    for (const [style, dash] of [["#000", []], ["#fff", [3, 3]]]) {
      context.strokeStyle = style;
      context.setLineDash(dash);
      context.beginPath();
      line(context, this.at.right(x), box.top, this.at.right(x), box.bottom);
      if (energy !== null) line(context, box.left, this.at.up(energy), box.right, this.at.up(energy));
      context.stroke();
    }
    context.setLineDash([]);
  }

  point(event) {
    if (!this.at || !this.shown) return;
    const { position, window: span } = this.shown;
    this.onCursor(limited(this.at.toX(event.offsetX), [position[0], position[position.length - 1]]), limited(this.at.toY(event.offsetY), span));
  }

  key(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!steps || !this.shown) return;
    const { position, window: span } = this.shown;
    const [x, energy] = this.cursor ?? [position[0], 0];
    const last = position[position.length - 1];
    this.onCursor(limited(x + 0.02 * last * steps[0], [position[0], last]), limited((energy ?? 0) + 0.02 * (span[1] - span[0]) * steps[1], span));
    event.preventDefault();
  }

  setCursor(x, energy) {
    this.cursor = [x, energy];
    this.draw();
  }
}

function limited(value, [low, high]) {
  return Math.min(high, Math.max(low, value));
}

// Where pixels lie between the values of an axis.
function places(axis, [low, high], count) {
  const found = [];
  let index = 0;
  for (let i = 0; i < count; i += 1) {
    const value = low + ((high - low) * (i + 0.5)) / count;
    while (index < axis.length - 2 && axis[index + 1] < value) index += 1;
    const width = axis[index + 1] - axis[index];
    const outside = value < axis[0] || value > axis[axis.length - 1];
    found.push({ index, weight: outside ? NaN : Math.min(1, Math.max(0, width > 0 ? (value - axis[index]) / width : 0)) });
  }
  return found;
}

function colours(stops) {
  const table = new Uint32Array(256);
  for (let k = 0; k < 256; k += 1) {
    const at = (k / 255) * (stops.length - 1);
    const first = Math.min(stops.length - 2, Math.floor(at));
    const mix = (c) => Math.round(stops[first][c] + (at - first) * (stops[first + 1][c] - stops[first][c]));
    table[k] = (255 << 24) | (mix(2) << 16) | (mix(1) << 8) | mix(0);
  }
  return table;
}
