// The table of numbers: those of the state that is shown, and what they differ by from pinned ones, with the error of both.

import { element } from "./controls.js";

const DIGITS = 9; // more than any tolerance in use needs
const ROUNDING = 1e-12; // what is smaller is what rounding has left of a zero

// labels: name, label and unit of all there may be; onBack and onForget are called with a pin.
export function numberRows(shown, labels, pins, { onBack, onForget }) {
  const head = element("tr");
  head.append(element("th"), cell("th", "now"), ...pins.map((pin) => pinHead(pin, onBack, onForget)), cell("th", ""));
  const rows = labels.filter(([name]) => name in shown.values).map(([name, label, unit]) => {
    const row = element("tr");
    const value = cell("td", written(shown.values[name]));
    value.dataset.value = name;
    const first = cell("th", label);
    first.title = unit;
    row.append(first, value, ...pins.map((pin) => difference(shown, pin, name)), cell("td", pins.length ? "" : unit));
    return row;
  });
  return [head, ...rows];
}

function written(value) {
  if (Math.abs(value) < ROUNDING) return "0.000000";
  return Math.abs(value) < 1e-4 ? value.toExponential(DIGITS - 2) : value.toPrecision(DIGITS);
}

function pinHead(pin, onBack, onForget) {
  const head = element("th");
  const [back, away] = [element("button"), element("button")];
  Object.assign(back, { type: "button", textContent: pin.name, title: `Go back to ${pin.name}` });
  Object.assign(away, { type: "button", textContent: "×", title: `Forget ${pin.name}` });
  away.setAttribute("aria-label", `Forget ${pin.name}`);
  back.addEventListener("click", () => onBack(pin));
  away.addEventListener("click", () => onForget(pin));
  head.append(back, away);
  return head;
}

function difference(shown, pin, name) {
  const then = pin.picture.profiles.header;
  const made = cell("td", "");
  if (!(name in then.values)) return made;
  const small = element("small");
  const error = (shown.error ?? NaN) + (then.error ?? NaN);
  small.textContent = ` ± ${Number.isFinite(error) ? error.toExponential(0) : "?"}`;
  const change = shown.values[name] - then.values[name];
  const sign = Math.abs(change) < ROUNDING ? "" : change < 0 ? "−" : "+";
  made.append(sign ? sign + Math.abs(change).toPrecision(4) : "0", small);
  made.title = `${pin.name}: ${written(then.values[name])}`;
  made.dataset.pin = pin.name;
  return made;
}

function cell(tag, text) {
  const made = element(tag);
  made.textContent = text;
  return made;
}
