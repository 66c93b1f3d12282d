// Axes on a canvas: sizes for dense screens, ticks, grid, colours of the page.

export const PAD = { left: 58, right: 12, top: 20, bottom: 34 };

export function colour(canvas, name) {
  return getComputedStyle(canvas).getPropertyValue(`--${name}`).trim();
}

// Fits the pixels of a canvas to its size on the screen; its context in CSS pixels.
export function prepared(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) [canvas.width, canvas.height] = [across, down];
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = "12px system-ui, sans-serif";
  return { context, width, height };
}

export function ticks(low, high, most) {
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((s) => s >= rough * 0.999);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1) found.push(k * step);
  return { step, found };
}

// Numbers of an axis: as many digits as its step needs, with a power of ten where they are very small or large.
export function labels({ step, found }) {
  const largest = Math.max(...found.map(Math.abs), step);
  const power = Math.floor(Math.log10(largest) + 1e-9);
  const scaled = power < -2 || power > 4;
  const factor = scaled ? 10 ** power : 1;
  const digits = Math.max(0, Math.min(8, -Math.floor(Math.log10(step / factor) + 1e-9)));
  return { texts: found.map((value) => (value / factor).toFixed(digits).replace(/^-(0\.?0*)$/, "$1")), power: scaled ? power : 0 };
}

// A scale from values to pixels of a canvas.
export function scales(box, x, y) {
  const right = (value) => box.left + ((value - x[0]) / (x[1] - x[0])) * (box.right - box.left);
  const up = (value) => box.bottom - ((value - y[0]) / (y[1] - y[0])) * (box.bottom - box.top);
  const toX = (pixel) => x[0] + ((pixel - box.left) / (box.right - box.left)) * (x[1] - x[0]);
  const toY = (pixel) => y[0] + ((box.bottom - pixel) / (box.bottom - box.top)) * (y[1] - y[0]);
  return { right, up, toX, toY };
}

export function frame(context, box, x, y, { xLabel = "", grid = true } = {}) {
  const { right, up } = scales(box, x, y);
  const [across, down] = [ticks(...x, (box.right - box.left) / 70), ticks(...y, (box.bottom - box.top) / 38)];
  context.strokeStyle = colour(context.canvas, "line");
  context.fillStyle = colour(context.canvas, "quiet");
  context.lineWidth = 1;
  context.beginPath();
  if (grid) {
    for (const value of across.found) line(context, right(value), box.top, right(value), box.bottom);
    for (const value of down.found) line(context, box.left, up(value), box.right, up(value));
  }
  context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
  context.stroke();
  context.textAlign = "center";
  context.textBaseline = "top";
  const [xTexts, yTexts] = [labels(across), labels(down)];
  across.found.forEach((value, k) => context.fillText(xTexts.texts[k], right(value), box.bottom + 4));
  const name = xLabel + (xTexts.power ? ` · 10^${xTexts.power}` : "");
  context.fillText(name, (box.left + box.right) / 2, box.bottom + 19);
  context.textAlign = "right";
  context.textBaseline = "middle";
  down.found.forEach((value, k) => context.fillText(yTexts.texts[k], box.left - 5, up(value)));
  if (yTexts.power) {
    context.textBaseline = "bottom";
    context.fillText(`× 1e${yTexts.power}`, box.left - 5, box.top - 4);
  }
}

export function line(context, x0, y0, x1, y1) {
  context.moveTo(Math.round(x0) + 0.5, Math.round(y0) + 0.5);
  context.lineTo(Math.round(x1) + 0.5, Math.round(y1) + 0.5);
}

export function inside(width, height, right = PAD.right) {
  return { left: PAD.left, right: width - right, top: PAD.top, bottom: height - PAD.bottom };
}

// Index of the value of a sorted array next to another value.
export function nearest(values, value) {
  let best = 0;
  for (let k = 1; k < values.length; k += 1) if (Math.abs(values[k] - value) < Math.abs(values[best] - value)) best = k;
  return best;
}
