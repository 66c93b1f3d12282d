// The controls: a box that takes numbers and expressions, a slider, + and -, or a choice; by element, written ones first.

const DIGITS = 4; // of a slider, beyond those of its range

export class Controls {
  // onChange({path: text}, gesture): gesture is a number during a drag, else null. onBounds(path, low, high): of its slider.
  constructor(holder, find, onChange, onBounds) {
    Object.assign(this, { holder, onChange, onBounds });
    this.rows = new Map();
    this.gesture = 0;
    find.addEventListener("input", () => this.filter(find.value));
  }

  build(controls) {
    this.rows.clear();
    const groups = new Map();
    for (const control of controls) {
      if (!groups.has(control.group)) groups.set(control.group, []);
      groups.get(control.group).push(control);
    }
    this.holder.replaceChildren(...[...groups].map(([name, found]) => this.group(name, found)));
  }

  group(name, controls) {
    const field = element("fieldset", "keys");
    field.dataset.group = name;
    const legend = element("legend");
    const kind = element("small");
    kind.textContent = ` ${controls[0].owner.replaceAll("_", " ")}`;
    legend.append({ "": "Device", parameters: "Parameters" }[name] ?? name, kind);
    field.append(legend);
    const isFirst = (c) => !c.fixed && (c.written || c.group === "");
    const [written, others] = [controls.filter(isFirst), controls.filter((c) => !isFirst(c))];
    field.append(...written.map((control) => this.row(control)));
    if (others.length) {
      const more = element("details");
      const summary = element("summary");
      summary.textContent = `${others.length} more key${others.length > 1 ? "s" : ""}`;
      more.append(summary, ...others.map((control) => this.row(control)));
      field.append(more);
    }
    return field;
  }

  row(control) {
    const row = { control, text: "", holder: element("div", "control"), problem: element("div", "problem") };
    const id = `box-${control.path}`;
    const label = element("label");
    label.htmlFor = id;
    label.title = `${control.path}: ${control.meaning}; ${control.allowed}`;
    label.append(control.label);
    if (control.unit) {
      const unit = element("small");
      unit.textContent = ` ${control.unit}`;
      label.append(unit);
    }
    row.problem.setAttribute("role", "alert");
    row.problem.id = `problem-${control.path}`;
    row.box = control.words.length ? this.choice(control) : this.box(row);
    row.box.id = id;
    row.box.dataset.path = control.path;
    row.box.setAttribute("aria-describedby", row.problem.id);
    row.holder.append(label, row.box);
    row.box.disabled = control.fixed;
    if (!control.words.length && !control.fixed) row.holder.append(...this.slider(row));
    row.holder.append(row.problem);
    this.rows.set(control.path, row);
    return row.holder;
  }

  choice(control) {
    const box = element("select");
    for (const word of control.words) box.append(new Option(word || "default", word));
    box.addEventListener("change", () => this.onChange({ [control.path]: box.value }, null));
    return box;
  }

  box(row) {
    const box = element("input");
    Object.assign(box, { type: "text", spellcheck: false, autocomplete: "off" });
    box.addEventListener("change", () => this.typed(row));
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.reset(row);
      if (event.key === "ArrowUp" || event.key === "ArrowDown") {
        this.nudge(row, event.key === "ArrowUp" ? 1 : -1);
        event.preventDefault();
      }
    });
    return box;
  }

  slider(row) {
    const { control } = row;
    const range = element("input");
    Object.assign(range, { type: "range", min: control.low, max: control.high, step: "any" });
    range.dataset.path = control.path;
    range.setAttribute("aria-label", `${control.path} slider`);
    range.addEventListener("input", () => this.moved(row));
    range.addEventListener("change", () => this.endGesture());
    range.addEventListener("keydown", (event) => this.slide(row, event));
    row.range = range;
    const [less, more] = ["−", "+"].map((sign, k) => {
      const button = element("button");
      Object.assign(button, { type: "button", textContent: sign, title: `${control.path} ${sign} ${control.step}` });
      button.setAttribute("aria-label", `${k ? "increase" : "decrease"} ${control.path}`);
      button.addEventListener("click", () => this.nudge(row, 2 * k - 1));
      return button;
    });
    const holder = element("div", "range");
    row.bounds = { min: this.bound(row, "min"), max: this.bound(row, "max") };
    holder.append(row.bounds.min, range, row.bounds.max);
    this.showBounds(row);
    return [less, more, holder];
  }

  // The box of one end of a slider.
  bound(row, end) {
    const box = element("input");
    Object.assign(box, { type: "number", step: "any", title: "End of the slider" });
    box.setAttribute("aria-label", `${row.control.path} slider ${end === "min" ? "from" : "to"}`);
    box.addEventListener("change", () => this.setBound(row, end, box));
    return box;
  }

  // Takes a new end if it leaves a range; one that would leave the value out is widened again to hold it.
  setBound(row, end, box) {
    const { control, range } = row;
    const place = control.logarithmic ? Math.log10(Number(box.value)) : Number(box.value);
    const [low, high] = end === "min" ? [place, Number(range.max)] : [Number(range.min), place];
    if (box.value !== "" && Number.isFinite(place) && low < high) {
      Object.assign(range, { min: low, max: high });
      this.place(row);
      Object.assign(control, { low: Number(range.min), high: Number(range.max) });
      this.onBounds(control.path, control.low, control.high);
    }
    this.showBounds(row);
  }

  showBounds({ control, range, bounds }) {
    for (const [end, box] of Object.entries(bounds)) {
      const place = Number(range[end]);
      box.value = control.logarithmic ? Number((10 ** place).toPrecision(2)) : Number(place.toPrecision(4));
    }
  }

  slide(row, event) {
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (!steps) return;
    this.nudge(row, steps);
    event.preventDefault();
  }

  typed(row) {
    if (row.box.value.trim() === row.text) return this.reset(row);
    return this.onChange({ [row.control.path]: row.box.value }, null);
  }

  moved(row) {
    const text = this.written(row, Number(row.range.value));
    row.box.value = text;
    row.range.setAttribute("aria-valuetext", text);
    this.onChange({ [row.control.path]: text }, this.gesture);
  }

  endGesture() {
    this.gesture += 1;
  }

  // A place of the slider as a number in the box, with no more digits than it can tell.
  written({ control }, place) {
    if (control.logarithmic) return (10 ** place).toExponential(1);
    const digits = DIGITS - Math.ceil(Math.log10(control.high - control.low));
    return String(Number(place.toFixed(Math.max(0, Math.min(12, digits)))));
  }

  nudge(row, steps) {
    const { control } = row;
    const place = row.value === null ? control.low : control.logarithmic ? Math.log10(row.value) : row.value;
    const next = Math.round((place + steps * control.step) / control.step) * control.step;
    const text = control.logarithmic ? (10 ** next).toExponential(1) : String(Number(next.toPrecision(10)));
    row.box.value = text;
    this.onChange({ [control.path]: text }, null);
  }

  reset(row) {
    row.box.value = row.text;
    this.accept(row);
  }

  // What the server says that stands in the boxes now; `busy` is the path whose slider is being moved.
  update(values) {
    for (const [path, [text, value]] of Object.entries(values)) {
      const row = this.rows.get(path);
      if (!row) continue;
      this.accept(row);
      Object.assign(row, { text, value });
      if (row.box.value !== text) row.box.value = text;
      if (row.control.words.length === 0) this.place(row);
    }
  }

  place(row) {
    const { range, value, control } = row;
    if (row.text === "") row.box.placeholder = value === null ? "default" : String(Number(value.toPrecision(6)));
    if (!range) return;
    range.disabled = value === null && row.text !== "";
    if (value === null) return;
    const at = control.logarithmic ? Math.log10(value) : value;
    if (at < Number(range.min) || at > Number(range.max)) {
      Object.assign(range, { min: Math.min(at, range.min), max: Math.max(at, range.max) });
      this.showBounds(row);
    }
    if (range.matches(":active")) return;
    range.value = at;
    range.setAttribute("aria-valuetext", row.text);
  }

  accept(row) {
    row.box.removeAttribute("aria-invalid");
    row.problem.textContent = "";
  }

  // Whether the refusal could be shown at a box.
  refuse(path, text) {
    const row = this.rows.get(path);
    if (!row) return false;
    row.box.setAttribute("aria-invalid", "true");
    row.problem.textContent = text;
    row.holder.closest("details")?.setAttribute("open", "");
    return true;
  }

  get hasProblem() {
    return [...this.rows.values()].some((row) => row.problem.textContent);
  }

  choose(group) {
    for (const field of this.holder.children) {
      field.classList.toggle("chosen", field.dataset.group === group);
      if (field.dataset.group === group) field.scrollIntoView({ block: "nearest" });
    }
  }

  filter(words) {
    const wanted = words.trim().toLowerCase();
    for (const { control, holder } of this.rows.values()) {
      const hit = `${control.path} ${control.meaning}`.toLowerCase().includes(wanted);
      holder.hidden = !hit;
      if (wanted && hit) holder.closest("details")?.setAttribute("open", "");
    }
    for (const field of this.holder.children) field.hidden = !field.querySelector(".control:not([hidden])");
  }
}

export function element(tag, name = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  return made;
}
