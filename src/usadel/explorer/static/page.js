// The page: what is pressed and moved goes to a session, what it answers is shown.

import { Controls, element } from "./controls.js";
import { drawGraph } from "./graph.js";
import { numberRows } from "./numbers.js";
import { Pictures } from "./pictures.js";
import { drawSketch } from "./sketch.js";

const LINES = 50; // of the log
const COMPUTING = { converged: 0, stage: "computing" };
const NAMES = "ABCDEF"; // of pins
const LONGEST_FILE = 60000; // characters

export class Page {
  // root: element with the markup of the page; home: see home.js; connect(handlers): the way to a session, a Transport.
  constructor(root, home, connect) {
    Object.assign(this, { root, home });
    this.state = null; // what the session said last of boxes and buttons
    this.shown = null; // header of the profiles that are shown
    this.pins = [];
    this.labels = []; // name, label and unit of what the table of numbers may show
    this.took = ""; // how long the last answers took
    this.notes = []; // what is most often a mistake in this device
    this.awaited = 0; // number of the input whose answer is waited for
    this.waiting = ""; // for what, before the first answer
    this.started = false;
    this.wire = null; // of a network, if one alone is shown
    this.verdict = this.get("verdict");
    this.pictures = new Pictures(root, (index) => this.ask("jump", { index }));
    const change = (changes, gesture) => {
      this.pictures.hold = gesture !== null;
      this.ask("set", { changes, gesture, path: Object.keys(changes)[0] });
    };
    const bound = (path, low, high) => this.transport.say("bounds", { path, low, high });
    this.controls = new Controls(this.get("controls"), this.get("find"), change, bound);
    this.listen();
    this.watch();
    this.transport = connect({
      onOpen: () => this.opened(),
      onGone: (text) => this.banner(text),
      onMessage: ({ header, arrays, rest }) => handlers[header.kind]?.call(this, header, arrays, rest),
    });
  }

  get(id) {
    return this.root.querySelector(`#${id}`);
  }

  action(name) {
    return this.root.querySelector(`[data-action="${name}"]`);
  }

  listen() {
    for (const button of this.root.querySelectorAll("[data-action]")) {
      button.addEventListener("click", () => this.act(button.dataset.action));
    }
    const wire = this.get("wire");
    wire.addEventListener("change", () => this.chooseWire(wire.value === "" ? null : Number(wire.value)));
    const file = this.get("file");
    this.get("open").addEventListener("click", () => file.click());
    file.addEventListener("change", () => file.files.length && this.openFile(file.files[0]));
    this.onKey = (event) => this.key(event);
    this.home.keys.addEventListener("keydown", this.onKey);
  }

  key(event) {
    const typing = event.composedPath()[0].matches?.('input[type="text"], input[type="search"], select');
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && key === "z" && !typing) {
      this.act(event.shiftKey ? "redo" : "undo");
      event.preventDefault();
    }
    if (key === "p" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) this.pin();
  }

  // Draws again whenever there is more or less room, or the colours around change.
  watch() {
    const paint = () => {
      this.root.dataset.scheme = this.home.isDark() ? "dark" : "light";
      this.pictures.draw();
    };
    paint();
    this.endScheme = this.home.onScheme(paint);
    this.room = new ResizeObserver(() => {
      paint();
      this.drawSketch();
    });
    this.room.observe(this.root);
  }

  // Ends it, where it is taken away from what is around it.
  end() {
    this.home.keys.removeEventListener("keydown", this.onKey);
    this.endScheme();
    this.room.disconnect();
    this.transport.end();
  }

  opened() {
    this.get("banner").hidden = true;
    this.ask("hello", this.home.remembered());
  }

  // Sends an input: until it is answered, what is shown is not of what stands in the boxes.
  ask(kind, content) {
    this.mark(COMPUTING);
    this.awaited = this.transport.send(kind, content);
  }

  act(name) {
    if (name === "pin") this.pin();
    else if (name === "link") this.copyLink();
    else if (name.startsWith("export-")) this.transport.say("export", { format: name.slice("export-".length) });
    else this.ask(name);
  }

  mark({ converged, stage }) {
    this.verdict.dataset.converged = String(converged);
    this.verdict.dataset.stage = stage;
  }

  showVerdict(header) {
    this.mark(header.sequence < this.awaited ? COMPUTING : header); // the polish of an input before is no answer to this one
    this.verdict.dataset.error = header.error === null ? "" : String(header.error);
    this.verdict.dataset.sequence = String(header.sequence);
    const small = element("small");
    small.textContent = this.verdict.querySelector("small")?.textContent ?? "";
    this.verdict.replaceChildren(header.verdict, small);
    if (header.advice) this.log(header.advice, true);
    const strong = element("strong");
    strong.textContent = header.state;
    this.get("state").replaceChildren(strong, header.advice ? ` – ${header.advice}` : "");
  }

  // What goes on, below the verdict.
  say(text) {
    let small = this.verdict.querySelector("small");
    if (!small) this.verdict.replaceChildren((small = element("small")));
    small.textContent = text;
  }

  showNumbers() {
    const rows = numberRows(this.shown, this.labels, this.pins, {
      onBack: (pin) => this.goTo(pin),
      onForget: (pin) => this.setPins(this.pins.filter((other) => other !== pin)),
    });
    this.root.querySelector("#numbers table").replaceChildren(...rows);
  }

  drawSketch() {
    if (!this.state) return;
    const { drawing, nodes } = this.state;
    const holder = this.root.querySelector("#sketch div");
    this.root.querySelector("#sketch figcaption span").textContent = nodes.length ? "Network, to scale along each wire" : "Device, to scale";
    const choose = (path, wire = null) => {
      this.controls.choose(path);
      if (drawing.length > 1) this.chooseWire(wire);
    };
    if (nodes.length) drawGraph(holder, drawing, nodes, this.wire, choose);
    else drawSketch(holder, drawing, choose);
  }

  // Shows one wire of a network in all plots along the device; null: all of them.
  chooseWire(wire) {
    this.wire = wire;
    this.get("wire").value = wire === null ? "" : String(wire);
    this.pictures.setWire(wire);
    this.drawSketch();
  }

  fillWires(wires) {
    const names = wires.map(({ before, behind }, k) => `wire ${k}: ${before || "end"} – ${behind || "end"}`);
    const select = this.get("wire");
    select.hidden = wires.length < 2;
    if (select.options.length === names.length + 1) return;
    select.replaceChildren(new Option("all wires", ""), ...names.map((name, k) => new Option(name, String(k))));
    this.chooseWire(null);
  }

  pin() {
    if (!this.shown) return;
    const name = [...NAMES].find((letter) => !this.pins.some((one) => one.name === letter));
    const kept = name ? this.pins : this.pins.slice(1);
    this.setPins([...kept, { name: name ?? this.pins[0].name, texts: this.texts(), picture: this.pictures.snapshot() }]);
  }

  setPins(found) {
    this.pins = found.map((one) => ({ ...one, place: NAMES.indexOf(one.name) }));
    this.pictures.setPins(this.pins);
    if (this.shown) this.showNumbers();
    try {
      this.home.keepPins(this.pins);
    } catch {
      this.log("there is no room in this browser to keep the pins when the page is loaded again");
    }
  }

  texts() {
    return Object.fromEntries(Object.entries(this.state.values).map(([path, [text]]) => [path, text]));
  }

  goTo(pin) {
    const now = this.texts();
    const changes = Object.fromEntries(Object.entries(pin.texts).filter(([path, text]) => now[path] !== text));
    if (Object.keys(changes).length) this.ask("set", { changes, gesture: null, path: "" });
  }

  // Begins with another device.
  start(device) {
    this.home.remember({ ...device, following: this.state?.following ?? true });
    this.shown = null;
    this.setPins([]);
    this.pictures.clear();
    this.ask("open", device);
  }

  async openFile(file) {
    const text = await file.text();
    if (text.length <= LONGEST_FILE) this.start({ toml: text });
    else this.log(`${file.name}: is larger than the ${LONGEST_FILE} characters that this page can open`, true);
  }

  download(name, content) {
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([content]));
    link.download = name;
    this.root.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    this.log(`saved ${name}`);
  }

  async copyLink() {
    try {
      await navigator.clipboard.writeText(location.href);
      this.log("copied the link");
    } catch {
      this.log(`the link: ${location.href}`);
    }
  }

  log(text, warns = false) {
    const line = element("li");
    line.textContent = `${new Date().toLocaleTimeString()} ${warns ? "⚠ " : ""}${text}`;
    const list = this.root.querySelector("#log ol");
    list.prepend(line);
    while (list.children.length > LINES) list.lastChild.remove();
  }

  banner(text) {
    this.get("banner").textContent = text;
    this.get("banner").hidden = !text;
  }
}

// What a message of the session does, by its kind; `this` is the page.
const handlers = {
  gallery({ starters }) {
    this.get("page").hidden = true;
    this.get("gallery").hidden = false;
    this.verdict.textContent = "no device yet";
    const buttons = Object.entries(starters).map(([kind, does]) => {
      const [button, name] = [element("button"), element("strong")];
      name.textContent = kind;
      button.type = "button";
      button.append(name, does);
      button.addEventListener("click", () => this.start({ starter: kind }));
      return button;
    });
    this.get("gallery").querySelector("div").replaceChildren(...buttons);
  },

  controls(header) {
    this.get("page").hidden = false;
    this.get("gallery").hidden = true;
    this.controls.build(header.controls);
    this.labels = header.labels;
    this.get("about").textContent = header.about ?? "";
    this.get("about").hidden = !header.about;
    if (!this.started && this.home.pins().length) this.setPins(this.home.pins());
    this.started = true;
  },

  state(header) {
    this.state = header;
    this.get("title").textContent = header.title || "usadel explore";
    this.home.entitle(header.title || "usadel explore");
    this.controls.update(header.values);
    this.get("pictures").classList.remove("stale");
    this.pictures.setDrawing(header.drawing);
    this.fillWires(header.drawing);
    this.drawSketch();
    this.action("undo").disabled = !header.undo;
    this.action("redo").disabled = !header.redo;
    this.action("follow").setAttribute("aria-pressed", String(header.following));
    this.action("fresh").setAttribute("aria-pressed", String(!header.following));
    const { starter, toml } = this.home.remembered();
    this.home.remember({ starter, toml, changes: header.changes, following: header.following });
    for (const note of header.notes) if (!this.notes.includes(note)) this.log(note, true);
    this.notes = header.notes;
  },

  refused({ sequence, path, text, withdrawn }) {
    if (sequence === this.awaited && this.shown) {
      this.awaited = withdrawn ? 0 : this.state.sequence;
      if (this.shown.sequence >= this.awaited) this.mark(this.shown); // what is shown holds again
    }
    if (this.controls.refuse(path, text)) this.get("pictures").classList.add("stale");
    else this.log(text, true);
  },

  busy() {
    this.say(this.waiting || "computing …");
  },

  progress({ text }) {
    this.say(this.waiting || text);
  },

  idle() {
    this.pictures.hold = false;
    this.say(this.took);
  },

  note({ text, until_answered }) {
    if (until_answered) this.waiting = text;
    this.log(text);
    this.say(text);
  },

  other({ text }) {
    this.log(text);
    this.get("state").append(" – ", text);
  },

  fault({ text }) {
    this.log(text, true);
    this.say(text);
  },

  full({ text }) {
    this.banner(text);
  },

  profiles(header, arrays) {
    this.shown = header;
    this.waiting = "";
    if (header.stage === "preview") this.took = `first answer after ${header.milliseconds.toFixed(0)} ms`;
    const { path } = header;
    const value = path ? this.state?.values[path]?.[1] : null;
    this.pictures.setMoving(path, value, this.pictures.hold && header.stage === "preview");
    this.pictures.setProfiles(header, arrays);
    this.showNumbers();
    this.showVerdict(header);
  },

  map(header, arrays) {
    this.pictures.setMap(header, arrays);
  },

  branch(header, arrays) {
    this.pictures.setBranch(header, arrays);
  },

  file({ name }, _, content) {
    this.download(name, content);
  },
};
