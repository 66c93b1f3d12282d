// The device to scale: layers as wide as they are long, interfaces between them, magnets as arrows.

const [HEIGHT, ROW, LABEL, END] = [64, 98, 92, 74]; // px
const LEAST = 320; // px, of the whole
const MOST = 1000;
const NARROW = 26; // px, of the shortest layer: names still fit
const NAMES = {
  ferromagnetic_insulator: "FI", vacuum: "", tunnel: "tunnel", spin_active: "spin-active", transparent: "transparent",
  normal_reservoir: "N", superconducting_reservoir: "S", spin_pumped_reservoir: "pumped",
};
export const FILLS = { superconductor: "layer", normal_metal: "normal", ferromagnet: "magnet", half_metal: "magnet" };

export function drawSketch(holder, wires, onChoose) {
  const rows = wires.length;
  const whole = Math.min(MOST, Math.max(LEAST, holder.clientWidth));
  const svg = make("svg", { viewBox: `0 0 ${whole} ${rows * ROW}`, role: "group", "aria-label": "Device" });
  const longest = Math.max(...wires.map((wire) => lengthOf(wire)));
  wires.forEach((wire, k) => svg.append(...rowOf(wire, k * ROW, whole, longest, onChoose)));
  holder.replaceChildren(svg);
}

function lengthOf(wire) {
  return wire.elements.reduce((sum, part) => sum + (part.length ?? 0), 0);
}

function rowOf(wire, top, whole, longest, onChoose) {
  const parts = [];
  const others = wire.elements.filter((part) => part.form !== "layer");
  const [left, right] = [wire.before ? LABEL : 10, wire.behind ? LABEL : 10];
  const room = whole - left - right - others.length * END;
  const scale = room / longest;
  let at = left;
  const middle = top + HEIGHT / 2 + 6;
  if (wire.before) parts.push(text(wire.before, left - 8, middle, "end"));
  for (const part of wire.elements) {
    const width = part.form === "layer" ? Math.max(NARROW, part.length * scale) : END;
    parts.push(...partOf(part, at, top + 6, width, onChoose));
    at += width;
  }
  if (wire.behind) parts.push(text(wire.behind, at + 8, middle, "start"));
  return parts;
}

function partOf(part, x, y, width, onChoose) {
  const group = make("g", { class: "part", tabindex: 0, role: "button", "aria-label": titleOf(part) });
  const isLayer = part.form === "layer";
  const inset = isLayer ? 0 : 6;
  const fill = isLayer ? `var(--${FILLS[part.kind] ?? "normal"})` : part.form === "reservoir" ? "var(--line)" : part.magnet ? "var(--magnet)" : "none";
  const dash = part.form === "interface" && !part.magnet ? { "stroke-dasharray": "3 3" } : {};
  group.append(make("rect", { x: x + inset, y, width: Math.max(1, width - 2 * inset), height: HEIGHT, rx: isLayer ? 2 : 8, fill, stroke: "var(--quiet)", ...dash }));
  const name = isLayer ? part.name || part.symbol : part.name || (NAMES[part.kind] ?? part.symbol);
  group.append(text(name, x + width / 2, y + (part.magnet ? 24 : HEIGHT / 2 + 5), "middle"));
  if (isLayer) group.append(text(`${Number(part.length.toPrecision(3))} ξ`, x + width / 2, y + HEIGHT + 16, "middle", true));
  if (part.magnet) group.append(...arrow(part.magnet, x + width / 2, y + 44));
  listen(group, part, onChoose);
  return [group, ...(part.on_top ?? []).map((contact) => onTop(contact, x, y, width, onChoose))];
}

// A contact on top of a layer, over the part of it that it covers.
function onTop(contact, x, y, width, onChoose) {
  const [from, to] = contact.range;
  const group = make("g", { class: "part", tabindex: 0, role: "button", "aria-label": titleOf(contact) });
  const size = (to - from) * width;
  group.append(make("rect", { x: x + from * width, y: y - 4, width: size, height: 26, rx: 4, fill: contact.magnet ? "var(--magnet)" : "var(--card)", stroke: "var(--quiet)" }));
  const middle = x + (from + to) * width / 2;
  if (contact.magnet) group.append(...arrow(contact.magnet, middle, y + 9, 9));
  else group.append(text(contact.name || (NAMES[contact.kind] ?? contact.symbol), middle, y + 14, "middle", true));
  listen(group, contact, onChoose);
  return group;
}

function listen(group, part, onChoose) {
  for (const event of ["click", "keydown"]) {
    group.addEventListener(event, (found) => (event === "click" || found.key === "Enter") && onChoose(part.path));
  }
}

export function titleOf(part) {
  return `${part.kind} ${part.name || part.path}`;
}

// The direction in the plane of x (to the right) and z (upwards); y points into the page: a cross, or a dot towards us.
export function arrow([x, y, z], cx, cy, size = 15) {
  const along = Math.hypot(x, z);
  if (along < 0.15) {
    const ring = make("circle", { cx, cy, r: 8, fill: "none", stroke: "var(--ink)", "stroke-width": 1.6 });
    if (y < 0) return [ring, make("circle", { cx, cy, r: 2.4, fill: "var(--ink)" })];
    return [ring, make("path", { d: `M${cx - 5} ${cy - 5}L${cx + 5} ${cy + 5}M${cx + 5} ${cy - 5}L${cx - 5} ${cy + 5}`, stroke: "var(--ink)", "stroke-width": 1.6 })];
  }
  const [dx, dy] = [x * size, -z * size];
  const [ux, uy] = [dx / Math.hypot(dx, dy), dy / Math.hypot(dx, dy)];
  const [tx, ty] = [cx + dx, cy + dy];
  const head = `M${tx} ${ty}L${tx - 6 * ux + 4 * uy} ${ty - 6 * uy - 4 * ux}L${tx - 6 * ux - 4 * uy} ${ty - 6 * uy + 4 * ux}Z`;
  return [
    make("line", { x1: cx - dx, y1: cy - dy, x2: tx - 4 * ux, y2: ty - 4 * uy, stroke: "var(--ink)", "stroke-width": 2 }),
    make("path", { d: head, fill: "var(--ink)" }),
  ];
}

export function text(words, x, y, anchor, quiet = false) {
  const made = make("text", { x, y, "text-anchor": anchor, fill: quiet ? "var(--quiet)" : "var(--ink)", "font-size": quiet ? 12 : 14 });
  made.textContent = words;
  return made;
}

export function make(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
