// The page: what is pressed and moved goes to the server, what it answers is shown.

import { Controls, element } from "./controls.js";
import { Pictures } from "./pictures.js";
import { drawSketch } from "./sketch.js";
import { Transport } from "./transport.js";

const get = (id) => document.getElementById(id);
const verdict = get("verdict");
const LINES = 50; // of the log
const COMPUTING = { converged: 0, stage: "computing" };
const NAMES = "ABCDEF";
const DIGITS = 9; // of the numbers: more than any tolerance in use needs
const ROUNDING = 1e-12; // what is smaller is what rounding has left of a zero
const LONGEST_FILE = 60000; // characters

let state = null; // what the server said last of boxes and buttons
let shown = null; // header of the profiles that are shown
let pins = [];
let numbers = []; // name, label and unit of what the table shows
let took = ""; // how long the last answers took
let notes = []; // what is most often a mistake in this device
let awaited = 0; // number of the input whose answer is waited for
let waiting = ""; // for what, before the first answer
let started = false;

const pictures = new Pictures((index) => ask("jump", { index }));
const controls = new Controls(get("controls"), get("find"), (changes, gesture) => {
  pictures.hold = gesture !== null;
  ask("set", { changes, gesture, path: Object.keys(changes)[0] });
});

const transport = new Transport({
  onOpen() {
    get("banner").hidden = true;
    ask("hello", remembered());
  },
  onGone() {
    banner("The server is gone, or does not answer. This page connects again by itself as soon as it is there.");
  },
  onMessage: ({ header, arrays, rest }) => handlers[header.kind]?.(header, arrays, rest),
});

const handlers = {
  gallery({ starters }) {
    get("page").hidden = true;
    get("gallery").hidden = false;
    verdict.textContent = "no device yet";
    const buttons = Object.entries(starters).map(([kind, does]) => {
      const [button, name] = [element("button"), element("strong")];
      name.textContent = kind;
      button.type = "button";
      button.append(name, does);
      button.addEventListener("click", () => start({ starter: kind }));
      return button;
    });
    get("gallery").querySelector("div").replaceChildren(...buttons);
  },
  controls(header) {
    get("page").hidden = false;
    get("gallery").hidden = true;
    controls.build(header.controls);
    numbers = header.labels;
    if (!started) restorePins();
    started = true;
  },
  state(header) {
    state = header;
    get("title").textContent = document.title = header.title || "usadel explore";
    controls.update(header.values);
    get("pictures").classList.remove("stale");
    pictures.setDrawing(header.drawing);
    drawSketch(get("sketch").querySelector("div"), header.drawing, (path) => controls.choose(path));
    action("undo").disabled = !header.undo;
    action("redo").disabled = !header.redo;
    action("follow").setAttribute("aria-pressed", String(header.following));
    action("fresh").setAttribute("aria-pressed", String(!header.following));
    remember();
    for (const note of header.notes) if (!notes.includes(note)) log(note, true);
    notes = header.notes;
  },
  refused({ sequence, path, text, withdrawn }) {
    if (sequence === awaited && shown) {
      awaited = withdrawn ? 0 : state.sequence;
      if (shown.sequence >= awaited) mark(shown); // what is shown holds again
    }
    if (controls.refuse(path, text)) get("pictures").classList.add("stale");
    else log(text, true);
  },
  busy() {
    say(waiting || "computing …");
  },
  progress({ text }) {
    say(waiting || text);
  },
  idle() {
    pictures.hold = false;
    say(took);
  },
  note({ text, until_answered }) {
    if (until_answered) waiting = text;
    log(text);
    say(text);
  },
  other({ text }) {
    log(text);
    get("state").append(" – ", text);
  },
  fault({ text }) {
    log(text, true);
    say(text);
  },
  full({ text }) {
    banner(text);
  },
  profiles(header, arrays) {
    shown = header;
    waiting = "";
    if (header.stage === "preview") took = `first answer after ${header.milliseconds.toFixed(0)} ms`;
    const path = header.path;
    pictures.setMoving(path, path ? state?.values[path]?.[1] : null, pictures.hold && header.stage === "preview");
    pictures.setProfiles(header, arrays);
    showNumbers();
    showVerdict(header);
  },
  map: (header, arrays) => pictures.setMap(header, arrays),
  branch: (header, arrays) => pictures.setBranch(header, arrays),
  file({ name }, _, content) {
    download(name, content);
  },
};

// Sends an input: until it is answered, what is shown is not of what stands in the boxes.
function ask(kind, content) {
  mark(COMPUTING);
  awaited = transport.send(kind, content);
}

function mark({ converged, stage }) {
  verdict.dataset.converged = String(converged);
  verdict.dataset.stage = stage;
}

function showVerdict(header) {
  mark(header.sequence < awaited ? COMPUTING : header); // the polish of an input before is no answer to this one
  verdict.dataset.error = header.error === null ? "" : String(header.error);
  verdict.dataset.sequence = String(header.sequence);
  const small = element("small");
  small.textContent = verdict.querySelector("small")?.textContent ?? "";
  verdict.replaceChildren(header.verdict, small);
  if (header.advice) log(header.advice, true);
  const strong = element("strong");
  strong.textContent = header.state;
  get("state").replaceChildren(strong, header.advice ? ` – ${header.advice}` : "");
}

// What goes on, below the verdict.
function say(text) {
  let small = verdict.querySelector("small");
  if (!small) verdict.replaceChildren((small = element("small")));
  small.textContent = text;
}

function showNumbers() {
  const table = document.querySelector("#numbers table");
  const head = element("tr");
  head.append(element("th"), cell("th", "now"), ...pins.map((pin) => pinHead(pin)), cell("th", ""));
  const rows = numbers.filter(([name]) => name in shown.values).map(([name, label, unit]) => {
    const row = element("tr");
    const value = cell("td", written(shown.values[name]));
    value.dataset.value = name;
    const head = cell("th", label);
    head.title = unit;
    row.append(head, value, ...pins.map((pin) => difference(pin, name)), cell("td", pins.length ? "" : unit));
    return row;
  });
  table.replaceChildren(head, ...rows);
}

function written(value) {
  if (Math.abs(value) < ROUNDING) return "0.000000";
  return Math.abs(value) < 1e-4 ? value.toExponential(DIGITS - 2) : value.toPrecision(DIGITS);
}

function pinHead(pin) {
  const head = element("th");
  const [back, away] = [element("button"), element("button")];
  Object.assign(back, { type: "button", textContent: pin.name, title: `Go back to ${pin.name}` });
  Object.assign(away, { type: "button", textContent: "×", title: `Forget ${pin.name}` });
  away.setAttribute("aria-label", `Forget ${pin.name}`);
  back.addEventListener("click", () => goTo(pin));
  away.addEventListener("click", () => setPins(pins.filter((other) => other !== pin)));
  head.append(back, away);
  return head;
}

// Now minus then, with the error of both.
function difference(pin, name) {
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

function pin() {
  if (!shown) return;
  const name = [...NAMES].find((letter) => !pins.some((one) => one.name === letter));
  const kept = name ? pins : pins.slice(1);
  const made = { name: name ?? pins[0].name, texts: texts(), picture: pictures.snapshot() };
  setPins([...kept, made]);
}

function setPins(found) {
  pins = found.map((one) => ({ ...one, place: NAMES.indexOf(one.name) }));
  pictures.setPins(pins);
  if (shown) showNumbers();
  try {
    sessionStorage.setItem("pins", JSON.stringify(pins));
  } catch {
    log("there is no room in this browser to keep the pins when the page is loaded again");
  }
}

function restorePins() {
  const kept = sessionStorage.getItem("pins");
  if (kept) setPins(JSON.parse(kept));
}

function texts() {
  return Object.fromEntries(Object.entries(state.values).map(([path, [text]]) => [path, text]));
}

function goTo(pin) {
  const now = texts();
  const changes = Object.fromEntries(Object.entries(pin.texts).filter(([path, text]) => now[path] !== text));
  if (Object.keys(changes).length) ask("set", { changes, gesture: null, path: "" });
}

// The state of the page in its address, so that it is found again.
function remember() {
  const { starter, toml } = remembered();
  const kept = { starter, toml, changes: state.changes, following: state.following };
  const short = JSON.stringify(Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)));
  history.replaceState(null, "", `${location.pathname}${location.search}#state=${encodeURIComponent(short)}`);
}

function remembered() {
  try {
    return JSON.parse(decodeURIComponent(location.hash.slice("#state=".length))) ?? {};
  } catch {
    return {};
  }
}

// Begins with another device.
function start(device) {
  const kept = { ...device, following: state?.following ?? true };
  history.replaceState(null, "", `${location.pathname}${location.search}#state=${encodeURIComponent(JSON.stringify(kept))}`);
  shown = null;
  setPins([]);
  pictures.clear();
  ask("open", device);
}

function download(name, content) {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([content]));
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  log(`saved ${name}`);
}

function log(text, warns = false) {
  const line = element("li");
  line.textContent = `${new Date().toLocaleTimeString()} ${warns ? "⚠ " : ""}${text}`;
  const list = get("log").querySelector("ol");
  list.prepend(line);
  while (list.children.length > LINES) list.lastChild.remove();
}

function banner(text) {
  get("banner").textContent = text;
  get("banner").hidden = false;
}

function action(name) {
  return document.querySelector(`[data-action="${name}"]`);
}

async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    log("copied the link");
  } catch {
    log(`the link: ${location.href}`);
  }
}

async function openFile(file) {
  const text = await file.text();
  if (text.length > LONGEST_FILE) log(`${file.name}: is larger than the ${LONGEST_FILE} characters that this page can open`, true);
  else start({ toml: text });
}

for (const button of document.querySelectorAll("[data-action]")) {
  button.addEventListener("click", () => act(button.dataset.action));
}

function act(name) {
  if (name === "pin") pin();
  else if (name === "link") copyLink();
  else if (name.startsWith("export-")) transport.say("export", { format: name.slice("export-".length) });
  else ask(name);
}

get("open").addEventListener("click", () => get("file").click());
get("file").addEventListener("change", () => get("file").files.length && openFile(get("file").files[0]));

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches('input[type="text"], input[type="search"], select');
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && key === "z" && !typing) {
    act(event.shiftKey ? "redo" : "undo");
    event.preventDefault();
  }
  if (key === "p" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) pin();
});
