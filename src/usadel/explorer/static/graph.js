// A network as a graph: nodes where springs between all of them come to rest, wires as bands of layers, to scale along each.

import { FILLS, arrow, make, text, titleOf } from "./sketch.js";

const [WIDEST, NARROWEST, TALLEST] = [1000, 320, 300]; // px, of the whole
const [SIDE, EDGE] = [96, 52]; // px left free for names
const [BAND, CONTACT] = [20, 16]; // px, of wires across and of interfaces along them
const [HALF, HIGH] = [36, 17]; // px, of the boxes of terminals
const BEND = 0.5; // of its length, between wires that share both ends
const ROUNDS = 200; // of the springs: they rest after some tens
const PIECES = 48; // of a bent wire

// onChoose(path, wire): wire is null for a node. chosen: wire that stands out, or null.
export function drawGraph(holder, wires, nodes, chosen, onChoose) {
  const ends = endsOf(wires, nodes);
  const whole = Math.min(WIDEST, Math.max(NARROWEST, holder.clientWidth));
  const bends = bendsOf(ends.pairs);
  const { places, height } = inPixels(rest(ends), ends.pairs, bends, whole);
  const svg = make("svg", { viewBox: `0 0 ${whole} ${height}`, role: "group", "aria-label": "Network" });
  wires.forEach((wire, k) => svg.append(...drawWire(wire, k, ends, places, bends[k], chosen === k, onChoose)));
  nodes.forEach((node, k) => svg.append(drawNode(node, places[k], onChoose)));
  holder.replaceChildren(svg);
}

// How many ends there are, nodes first and then free ones, and which two each wire has.
function endsOf(wires, nodes) {
  const names = nodes.map((node) => node.name);
  let count = names.length;
  const end = (name) => (names.includes(name) ? names.indexOf(name) : count++);
  const pairs = wires.map(({ before, behind }) => [end(before), end(behind)]);
  const reach = Array.from({ length: count }, (_, k) => k < nodes.length && nodes[k].form === "reservoir");
  return { count, pairs, reach };
}

// Places in which the distances on the screen are those along the wires, as nearly as they can be; the longer way across.
function rest({ count, pairs }) {
  const far = Array.from({ length: count }, (_, i) => Array.from({ length: count }, (_, j) => (i === j ? 0 : count)));
  for (const [i, j] of pairs) if (i !== j) far[i][j] = far[j][i] = 1;
  for (let k = 0; k < count; k += 1) for (let i = 0; i < count; i += 1) for (let j = 0; j < count; j += 1) far[i][j] = Math.min(far[i][j], far[i][k] + far[k][j]);
  const at = far.map((_, k) => [Math.cos((2 * Math.PI * k) / count), Math.sin((2 * Math.PI * k) / count)]);
  for (let round = 0; round < ROUNDS; round += 1) at.forEach((_, i) => (at[i] = pulled(at, far[i], i)));
  return turned(at);
}

// Where the springs of one node have the least tension, with all others held.
function pulled(at, far, i) {
  let [x, y, sum] = [0, 0, 0];
  at.forEach(([otherX, otherY], j) => {
    if (j === i) return;
    const weight = far[j] ** -2;
    const [dx, dy] = [at[i][0] - otherX, at[i][1] - otherY];
    const stretch = far[j] / Math.max(1e-9, Math.hypot(dx, dy));
    x += weight * (otherX + dx * stretch);
    y += weight * (otherY + dy * stretch);
    sum += weight;
  });
  return sum ? [x / sum, y / sum] : [0, 0];
}

function turned(at) {
  const middle = [0, 1].map((k) => at.reduce((sum, place) => sum + place[k], 0) / at.length);
  const moved = at.map(([x, y]) => [x - middle[0], y - middle[1]]);
  const sum = (f) => moved.reduce((total, place) => total + f(...place), 0);
  const angle = 0.5 * Math.atan2(2 * sum((x, y) => x * y), sum((x, y) => x * x - y * y));
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const result = moved.map(([x, y]) => [c * x + s * y, c * y - s * x]);
  return result[0][0] > result[result.length - 1][0] ? result.map(([x, y]) => [-x, y]) : result;
}

function inPixels(at, pairs, bends, whole) {
  const all = [...at, ...pairs.flatMap(([i, j], k) => curve(at[i], at[j], bends[k]).points)];
  const [low, high] = [Math.min, Math.max].map((edge) => [0, 1].map((k) => edge(...all.map((place) => place[k]))));
  const span = [0, 1].map((k) => Math.max(1e-6, high[k] - low[k]));
  const scale = Math.min((whole - 2 * SIDE) / span[0], (TALLEST - 2 * EDGE) / Math.max(span[1], 0.4));
  const height = Math.max(scale * span[1], 40) + 2 * EDGE;
  const [left, top] = [(whole - scale * span[0]) / 2, (height - scale * span[1]) / 2];
  return { places: at.map(([x, y]) => [left + scale * (x - low[0]), top + scale * (y - low[1])]), height };
}

// How far each wire bends aside, so that those with the same ends lie apart.
function bendsOf(pairs) {
  const key = ([i, j]) => `${Math.min(i, j)} ${Math.max(i, j)}`;
  const all = pairs.map(key);
  return pairs.map((pair, k) => {
    const count = all.filter((one) => one === all[k]).length;
    const rank = all.slice(0, k).filter((one) => one === all[k]).length;
    return (count > 1 ? BEND * (2 * rank - count + 1) : 0) * (pair[0] <= pair[1] ? 1 : -1);
  });
}

// Points along a wire, and how far along it each lies.
function curve([x0, y0], [x1, y1], bend) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const control = [(x0 + x1) / 2 - bend * dy, (y0 + y1) / 2 + bend * dx];
  const points = Array.from({ length: PIECES + 1 }, (_, k) => {
    const t = k / PIECES;
    return [x0, y0].map((from, n) => (1 - t) ** 2 * from + 2 * t * (1 - t) * control[n] + t ** 2 * [x1, y1][n]);
  });
  const along = [0];
  for (let k = 1; k <= PIECES; k += 1) along.push(along[k - 1] + Math.hypot(points[k][0] - points[k - 1][0], points[k][1] - points[k - 1][1]));
  return { points, along, length: along[PIECES] };
}

// Place and direction at some distance along a curve.
function pointAt({ points, along }, distance) {
  let k = 1;
  while (k < PIECES && along[k] < distance) k += 1;
  const part = (distance - along[k - 1]) / Math.max(1e-9, along[k] - along[k - 1]);
  const [[ax, ay], [bx, by]] = [points[k - 1], points[k]];
  const size = Math.max(1e-9, Math.hypot(bx - ax, by - ay));
  return { x: ax + part * (bx - ax), y: ay + part * (by - ay), ux: (bx - ax) / size, uy: (by - ay) / size };
}

function pathOf(line, from, to) {
  const between = line.points.filter((_, k) => line.along[k] > from && line.along[k] < to);
  const all = [pointAt(line, from), ...between.map(([x, y]) => ({ x, y })), pointAt(line, to)];
  return all.map(({ x, y }, k) => `${k ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

function drawWire(wire, k, ends, places, bend, isChosen, onChoose) {
  const [i, j] = ends.pairs[k];
  const line = curve(places[i], places[j], bend);
  const reach = (end, place) => (ends.reach[end] ? boxReach(pointAt(line, place)) : 0);
  const [from, to] = [reach(i, 0), line.length - reach(j, line.length)];
  const contacts = wire.elements.filter((part) => part.form !== "layer").length;
  const room = Math.max(10, to - from - contacts * CONTACT);
  const longest = wire.elements.reduce((sum, part) => sum + (part.length ?? 0), 0);
  const around = make("path", { d: pathOf(line, from, to), fill: "none", stroke: isChosen ? "var(--accent)" : "var(--quiet)", "stroke-width": BAND + (isChosen ? 5 : 2) });
  let at = from;
  return [around, ...wire.elements.map((part) => {
    const size = part.form === "layer" ? (room * part.length) / longest : CONTACT;
    const made = drawPart(part, line, at, at + size, () => onChoose(part.path, k));
    at += size;
    return made;
  })];
}

function boxReach({ ux, uy }) {
  return Math.min(HALF / Math.max(1e-6, Math.abs(ux)), HIGH / Math.max(1e-6, Math.abs(uy)));
}

function drawPart(part, line, from, to, choose) {
  const group = button(titleOf(part), choose);
  const isLayer = part.form === "layer";
  const stroke = isLayer ? `var(--${FILLS[part.kind] ?? "normal"})` : part.magnet ? "var(--magnet)" : "var(--card)";
  group.append(make("path", { d: pathOf(line, from, to), fill: "none", stroke, "stroke-width": BAND }));
  for (const { range, magnet } of part.on_top ?? []) {
    const [begin, end] = range.map((share) => from + share * (to - from));
    group.append(make("path", { d: pathOf(line, begin, end), fill: "none", stroke: magnet ? "var(--magnet)" : "var(--card)", "stroke-width": BAND / 3 }));
  }
  const { x, y, ux, uy } = pointAt(line, (from + to) / 2);
  if (part.magnet) group.append(...arrow(part.magnet, x, y));
  const side = uy > 0.001 || (Math.abs(uy) <= 0.001 && ux > 0) ? 1 : -1; // above, or to the right
  const [away, level] = [BAND / 2 + (isLayer ? 13 : 9), uy * side];
  const [px, py] = [x + away * level, y - away * ux * side];
  if (isLayer) group.append(text(`${part.name || part.symbol} ${Number(part.length.toPrecision(3))} ξ`, px, py + 4, level > 0.4 ? "start" : "middle"));
  else group.append(make("path", { d: crossing(line, (from + to) / 2), stroke: "var(--ink)", "stroke-width": 1.6, "stroke-dasharray": "3 2" }));
  return group;
}

// A stroke across a wire.
function crossing(line, distance) {
  const { x, y, ux, uy } = pointAt(line, distance);
  const half = BAND / 2 + 3;
  return `M${x - uy * half} ${y + ux * half}L${x + uy * half} ${y - ux * half}`;
}

function drawNode(node, [x, y], onChoose) {
  const group = button(titleOf(node), () => onChoose(node.path, null));
  if (node.form !== "reservoir") {
    group.append(make("circle", { cx: x, cy: y, r: 7, fill: "var(--ink)" }), text(node.name, x, y + 24, "middle", true));
    return group;
  }
  group.append(make("rect", { x: x - HALF, y: y - HIGH, width: 2 * HALF, height: 2 * HIGH, rx: 8, fill: `var(--${node.kind === "superconducting_reservoir" ? "layer" : "line"})`, stroke: "var(--quiet)" }));
  group.append(text(node.name, x, y + 5, "middle"));
  return group;
}

function button(name, choose) {
  const group = make("g", { class: "part", tabindex: 0, role: "button", "aria-label": name });
  const title = make("title", {});
  title.textContent = name;
  group.append(title);
  group.addEventListener("click", choose);
  group.addEventListener("keydown", (event) => event.key === "Enter" && choose());
  return group;
}
