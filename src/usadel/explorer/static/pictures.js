// What is drawn of an answer: which curves of which arrays, with what was pinned behind them.

import { nearest } from "./axes.js";
import { Plot } from "./curves.js";
import { EnergyMap } from "./map.js";

const COMPONENTS = ["x", "y", "z"];
const KINDS = { charge_current: "charge", spin_current: "spin", energy_current: "energy", spin_energy_current: "spin energy" };
const PIECES = { "": "total", _super: "super", _resistive: "resistive" };
const PROFILES = {
  gap: "Δ / Δ0", gap_phase: "phase (rad)", spin_accumulation: "spin accumulation", charge_accumulation: "charge accumulation",
  singlet_real: "singlet pairs, real", singlet_imag: "singlet pairs, imaginary", triplet_real: "triplet pairs, real",
  triplet_imag: "triplet pairs, imaginary",
};
const PARTS = { dos: "N / N0", 0: "N_x", 1: "N_y", 2: "N_z" };
const MODES = ["energy", "spin energy x", "spin energy y", "spin energy z", "charge", "spin x", "spin y", "spin z"];
const BRANCHES = { gap: "largest gap", charge_current: "charge current", spin_current_x: "spin current x", spin_current_y: "spin current y", spin_current_z: "spin current z" };
const INTO = "charge_into_"; // what flows into the device at a terminal
const ZERO = 1e-9; // what is smaller everywhere is shown as zero

export class Pictures {
  constructor(root, onJump) {
    this.root = root;
    const figure = (name) => root.querySelector(`#${name}`);
    const along = { onCursor: (x) => this.setCursor(x, this.cursor[1]), cursorName: "x" };
    this.gap = new Plot(figure("gap"), along);
    this.current = new Plot(figure("current"), along);
    this.cut = new Plot(figure("cut"), { onCursor: (value) => this.pointInCut(value) });
    this.map = new EnergyMap(figure("map"), { onCursor: (x, energy) => this.setCursor(x, energy) });
    this.branch = new Plot(figure("branch"), { onPick: (x, y, at) => this.pickPoint(x, y, at, onJump) });
    this.branch.onCursor = (value) => this.branch.setCursor(value);
    this.cursor = [null, null];
    this.wire = null;
    this.state = {};
    this.pins = [];
    this.selects();
  }

  selects() {
    const select = (name, k = 0) => this.root.querySelectorAll(`#${name} figcaption select`)[k];
    const choices = { gap: [PROFILES], current: [KINDS, PIECES], map: [PARTS], branch: [BRANCHES] };
    this.chosen = {};
    for (const [name, tables] of Object.entries(choices)) {
      tables.forEach((table, k) => {
        fill(select(name, k), Object.entries(table));
        select(name, k).addEventListener("change", () => this.draw());
      });
      this.chosen[name] = (k = 0) => select(name, k).value;
    }
    select("map").value = "dos";
    select("current").value = "spin_current";
    this.cutSelect = select("cut");
    this.setCuts(false);
    this.cutSelect.addEventListener("change", () => this.draw());
  }

  // What may be drawn over the parameter: of a network also what flows in at its terminals.
  setBranches(currents) {
    const select = this.root.querySelector("#branch select");
    const entries = [...Object.entries(BRANCHES), ...currents.map((name) => [name, branchName(name)])];
    if (select.options.length === entries.length) return;
    const chosen = select.value;
    fill(select, entries);
    select.value = entries.some(([value]) => value === chosen) ? chosen : "gap";
    if (currents.length && chosen === "charge_current") [select.value] = currents; // the mean over several wires says little
  }

  setCuts(distributions) {
    const entries = [["energy", "over E, at the cursor"], ["position", "over x, at the cursor"]];
    if (distributions) entries.push(["distribution", "distribution over E"]);
    if (this.cutSelect.options.length === entries.length) return;
    const chosen = this.cutSelect.value;
    fill(this.cutSelect, entries);
    if (entries.some(([value]) => value === chosen)) this.cutSelect.value = chosen;
  }

  // What is known of the device: names and borders of its layers come with the profiles.
  setDrawing(wires) {
    this.layers = wires.flatMap((wire, k) => wire.elements.filter((part) => part.form === "layer").map((part) => ({ ...part, wire: k })));
    this.several = wires.length > 1;
  }

  // Which wire of a network is shown; null: all, one behind the other.
  setWire(wire) {
    this.wire = wire;
    this.setCursor(null, this.cursor[1]);
    this.map.cursor = null;
    this.draw();
  }

  // First and last place of the wire that is shown, by the layers of the places.
  shownPlaces({ position, layer }) {
    const last = position.data.length - 1;
    if (this.wire === null) return [0, last];
    const isIn = (place) => this.layers?.[place]?.wire === this.wire;
    const first = layer.data.findIndex(isIn);
    return first < 0 ? [0, last] : [first, layer.data.findLastIndex(isIn)];
  }

  // The same in a map, which has no layers: wires meet where a position stands twice.
  shownRows(position) {
    const { profiles } = this.state;
    if (this.wire === null || !profiles) return [0, position.length - 1];
    const [first, last] = this.shownPlaces(profiles.arrays).map((k) => profiles.arrays.position.data[k]);
    const begin = first > 0 ? position.findLastIndex((x) => x <= first) : 0;
    const end = position.findIndex((x) => x >= last);
    return [begin, end < 0 ? position.length - 1 : end];
  }

  setProfiles(header, arrays) {
    this.state.profiles = { header, arrays };
    if (header.stage === "not converged") this.state.map = null;
    if (!this.hasChosen) this.choose(header);
    this.draw(["gap", "current", "branch"]);
  }

  // What is not zero, once: whoever looks may choose something else.
  choose({ values, error }) {
    const largest = (name) => Math.max(...["", "_x", "_y", "_z"].map((end) => Math.abs(values[name + end] ?? 0)));
    const kinds = Object.keys(KINDS);
    const best = kinds.reduce((one, other) => (largest(other) > largest(one) ? other : one));
    this.hasChosen = true;
    if (values.gap_max === 0) this.root.querySelector("#gap select").value = "singlet_real";
    if (largest(best) <= (error ?? 0)) return;
    this.root.querySelector("#current select").value = best;
    if (values.gap_max === 0 && best in BRANCHES) this.root.querySelector("#branch select").value = best;
  }

  setMap(header, arrays) {
    this.state.map = { header, arrays };
    if (arrays.distribution) this.setCuts(true);
    this.draw(["map", "cut"]);
  }

  setBranch(header, arrays) {
    this.state.branch = { header, arrays };
    this.setBranches(Object.keys(arrays).filter((name) => name.startsWith(INTO)));
    this.draw(["branch"]);
  }

  clear() {
    this.state = {};
    this.hasChosen = false;
    this.setCuts(false);
    this.pins = [];
    this.cursor = [null, null];
    this.draw();
  }

  // What is to be kept of the present picture.
  snapshot() {
    const copy = ({ arrays, header }) => ({ header, arrays: Object.fromEntries(Object.entries(arrays).map(([name, { shape, data }]) => [name, { shape, data: Array.from(data, (v) => (Number.isFinite(v) ? v : null)) }])) });
    const { profiles, map } = this.state;
    const small = map && { header: map.header, arrays: { position: map.arrays.position, energy: map.arrays.energy, dos: map.arrays.dos } };
    return { profiles: copy(profiles), map: small ? copy(small) : null };
  }

  setPins(pins) {
    this.pins = pins;
    this.draw();
  }

  setMoving(path, value, hold) {
    Object.assign(this, { path, value, hold });
  }

  draw(which = ["gap", "current", "map", "cut", "branch"]) {
    if (which.includes("gap")) this.drawProfiles(this.gap, [this.chosen.gap()], this.chosen.gap() === "gap");
    if (which.includes("current")) this.drawProfiles(this.current, [this.chosen.current() + this.chosen.current(1)], true);
    if (which.includes("map")) this.drawMap();
    if (which.includes("cut")) this.drawCut();
    if (which.includes("branch")) this.drawBranch();
  }

  drawProfiles(plot, [name], zero) {
    const { profiles } = this.state;
    if (!profiles) return plot.show([], { empty: "computing …" });
    const places = (arrays) => this.shownPlaces(arrays);
    const lines = this.pins.flatMap(({ picture, name: pin, place }) => profileLines(picture.profiles.arrays, name, places(picture.profiles.arrays), pin, place));
    lines.push(...profileLines(profiles.arrays, name, places(profiles.arrays)));
    const { borders, names } = this.borders(profiles.arrays);
    const span = this.pins.length ? null : places(profiles.arrays).map((k) => profiles.arrays.position.data[k]);
    return plot.show(lines, { xLabel: "x / ξ", error: profiles.header.error, borders, names, zero, hold: this.hold, empty: "not in this device", span });
  }

  // Where layers, and wires, meet along the axis.
  borders({ position, layer }) {
    const borders = [];
    const names = [];
    let begin = 0;
    const close = (end) => {
      const known = this.layers?.[layer.data[begin]];
      const wire = this.several && known ? `${known.wire}: ` : "";
      names.push({ x: (position.data[begin] + position.data[end]) / 2, text: wire + (known ? known.name || known.symbol : "") });
    };
    for (let k = 1; k < position.data.length; k += 1) {
      if (layer.data[k] === layer.data[k - 1]) continue;
      const [before, after] = [layer.data[k - 1], layer.data[k]].map((n) => this.layers?.[n]?.wire);
      borders.push({ x: position.data[k], wire: before !== after });
      close(k - 1);
      begin = k;
    }
    close(position.data.length - 1);
    const [from, to] = this.shownPlaces({ position, layer }).map((k) => position.data[k]);
    return { borders: borders.filter(({ x }) => x > from && x < to), names: names.filter(({ x }) => x > from && x < to) };
  }

  part() {
    const { arrays } = this.state.map;
    const chosen = this.chosen.map();
    if (chosen === "dos" || !arrays.dos_spin) return { values: arrays.dos.data, spin: false };
    const size = arrays.dos.data.length;
    return { values: arrays.dos_spin.data.subarray(Number(chosen) * size, (Number(chosen) + 1) * size), spin: true };
  }

  drawMap() {
    const { map, profiles } = this.state;
    if (!map) {
      this.map.why = this.why();
      return this.map.show(null);
    }
    const { values, spin } = this.part();
    const energy = map.arrays.energy.data;
    const top = Math.min(2, energy[energy.length - 1]);
    let largest = 0;
    for (const value of values) if (Math.abs(value) > largest) largest = Math.abs(value);
    const limits = spin ? [-Math.max(largest, ZERO), Math.max(largest, ZERO)] : [0, Math.min(3, Math.max(1, largest))];
    const { error, stage } = map.header;
    const note = !error ? stage : `${stage}, error ≤ ${error.toExponential(0)}`;
    const [first, last] = this.shownRows(map.arrays.position.data);
    return this.map.show({
      position: map.arrays.position.data.subarray(first, last + 1), energy,
      values: values.subarray(first * energy.length, (last + 1) * energy.length), limits, diverging: spin, note, window: [Math.max(-top, energy[0]), top],
      borders: profiles ? this.borders(profiles.arrays).borders : [],
    });
  }

  // Why there is no map.
  why() {
    return this.state.profiles?.header.stage === "not converged" ? "not of a state that did not converge" : "computing …";
  }

  drawCut() {
    const { map } = this.state;
    if (!map) return this.cut.show([], { empty: this.why() });
    const [position, energy] = [map.arrays.position.data, map.arrays.energy.data];
    const rows = this.shownRows(position);
    const x = this.cursor[0] ?? position[rows[0]];
    const place = rows[0] + nearest(position.subarray(rows[0], rows[1] + 1), x);
    const kind = this.cutSelect.value;
    if (kind === "distribution") return this.drawDistribution(map.arrays, place);
    if (kind === "position") return this.drawAcross(position, energy);
    const count = energy.length;
    const pinned = this.pins.filter((pin) => pin.picture.map && this.chosen.map() === "dos").map((pin) => pinnedCut(pin, x));
    const lines = [...pinned, { x: energy, y: this.part().values.slice(place * count, (place + 1) * count), label: PARTS[this.chosen.map()], colour: "c0" }];
    const top = Math.min(2, energy[count - 1]);
    return this.cut.show(lines, { xLabel: "E / Δ0", zero: true, note: `x = ${position[place].toPrecision(3)} ξ`, span: [Math.max(-top, energy[0]), top], error: map.header.error });
  }

  drawAcross(position, energy) {
    const k = nearest(energy, this.cursor[1] ?? 0);
    const values = this.part().values;
    const [first, last] = this.shownRows(position);
    const x = position.subarray(first, last + 1);
    const y = Array.from(x, (_, i) => values[(first + i) * energy.length + k]);
    this.cut.show([{ x, y, label: PARTS[this.chosen.map()], colour: "c0" }], { xLabel: "x / ξ", zero: true, note: `E = ${energy[k].toPrecision(3)} Δ0` });
  }

  drawDistribution({ distribution, energy }, place) {
    if (!distribution) return this.cut.show([], { empty: "computing …" });
    const [modes, positions, count] = distribution.shape;
    const lines = [];
    for (let mode = 0; mode < modes; mode += 1) {
      const at = (mode * positions + place) * count;
      const y = distribution.data.slice(at, at + count);
      if (mode === 0 || y.some((value) => Math.abs(value) > ZERO)) lines.push({ x: energy.data, y, label: MODES[mode], colour: `c${lines.length % 4}` });
    }
    return this.cut.show(lines, { xLabel: "E / Δ0", zero: true });
  }

  drawBranch() {
    const { branch, profiles } = this.state;
    const name = this.chosen.branch();
    if (!branch) return this.branch.show([], { empty: "move a slider: its branch is drawn when the page rests" });
    const x = branch.arrays.parameter.data;
    const { stable, fold } = branch.arrays;
    const dashed = branch.header.method === "arclength" && stable ? Array.from(stable.data, (value) => value === 0) : null;
    const lines = [{ x, y: branch.arrays[name].data, label: branchName(name), colour: "c0", dashed, marks: fold?.data }];
    const value = profiles?.header.values[name === "gap" ? "gap_max" : name];
    const here = branch.header.path === this.path && profiles ? { x: this.value, y: value } : null;
    const notes = [dashed?.some(Boolean) ? "dashed: unstable" : "", branch.header.folds.length ? `fold at ${branch.header.folds.map((v) => v.toPrecision(5)).join(", ")}` : "", here ? "● you are here; click a full line to go there" : ""];
    this.branch.cursorName = branch.header.path;
    return this.branch.show(lines, { xLabel: branch.header.path, zero: true, here, span: branch.header.span, note: notes.filter(Boolean).join(", ") });
  }

  pickPoint(pixelX, pixelY, at, onJump) {
    const { arrays } = this.state.branch ?? {};
    if (!arrays) return;
    const y = arrays[this.chosen.branch()].data;
    let [best, distance] = [-1, Infinity];
    arrays.parameter.data.forEach((value, k) => {
      const away = Math.hypot(at.right(value) - pixelX, at.up(y[k]) - pixelY);
      if (away < distance) [best, distance] = [k, away];
    });
    if (best >= 0) onJump(best);
  }

  pointInCut(value) {
    if (this.cutSelect.value === "position") this.setCursor(value, this.cursor[1]);
    else this.setCursor(this.cursor[0] ?? 0, value);
  }

  setCursor(x, energy) {
    this.cursor = [x, energy];
    this.gap.setCursor(x);
    this.current.setCursor(x);
    this.map.setCursor(x ?? 0, energy);
    this.cut.cursor = this.cutSelect.value === "position" ? x : energy;
    this.drawCut();
  }
}

// Lines of a quantity between the first and the last of some places.
function profileLines(arrays, name, [first, last], pin = "", place = undefined) {
  const found = arrays[name];
  if (!found) return [];
  const count = arrays.position.data.length;
  const x = arrays.position.data.slice(first, last + 1);
  const rows = found.shape.length === 2 ? COMPONENTS.map((c, k) => [c, k]) : [["", 0]];
  const several = found.shape.length === 2;
  const label = several ? "" : PROFILES[name] ?? name.replaceAll("_", " ");
  return rows.map(([component, k]) => {
    const y = found.data.slice(k * count + first, k * count + last + 1);
    const breaks = [];
    for (let n = first + 1; n <= last; n += 1) if (arrays.layer.data[n] !== arrays.layer.data[n - 1]) breaks.push(n - first);
    return { x, y, breaks, label: [pin, component || label].filter(Boolean).join(" "), colour: `c${k}`, pin: pin ? place : undefined };
  });
}

function pinnedCut(pin, x) {
  const { position, energy, dos } = pin.picture.map.arrays;
  const [place, count] = [nearest(position.data, x), energy.data.length];
  return { x: energy.data, y: dos.data.slice(place * count, (place + 1) * count), label: pin.name, colour: "quiet", pin: pin.place };
}

function branchName(name) {
  return BRANCHES[name] ?? `charge current at ${name.slice(INTO.length)}`;
}

function fill(select, entries) {
  select.replaceChildren(...entries.map(([value, name]) => new Option(name, value)));
  if (entries.length < 2) select.hidden = true;
}
