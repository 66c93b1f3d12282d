// The recorded page: in place of a session the answers that it gave once, to a few sliders, each moved alone.

import { ownPage } from "./home.js";
import { Page } from "./page.js";
import { Transport } from "./transport.js";
import { unpack } from "./wire.js";

class Replay extends Transport {
  constructor(handlers, messages) {
    super(handlers);
    [this.controls, ...messages] = messages;
    this.over = this.controls.header.recorded;
    this.states = []; // each: what was said of it, by kind
    this.branches = {}; // by path
    for (const message of messages) {
      const { kind, path } = message.header;
      if (kind === "state") this.states.push([]);
      if (kind === "branch") this.branches[path] = message;
      else this.states[this.states.length - 1].push(message);
    }
    this.changes = {};
    queueMicrotask(() => this.onOpen());
  }

  say(kind, content = {}) {
    queueMicrotask(() => this.answer(kind, content));
  }

  answer(kind, { changes = {}, path = "", sequence, index }) {
    if (kind === "hello") {
      this.onMessage(this.controls);
      this.show(Math.max(0, this.exact(changes)), Object.keys(changes)[0] ?? "", sequence);
    } else if (kind === "set") {
      this.set(changes, path || this.moved(changes), sequence);
    } else if (kind === "jump") {
      const { parameter } = this.branch.arrays;
      this.set({ [this.branch.header.path]: String(parameter.data[index]) }, this.branch.header.path, sequence);
    } else {
      this.refuse("", "a recorded page cannot do that", sequence);
    }
  }

  // The slider that leads to a state with these texts.
  moved(changes) {
    return Object.keys(changes).find((path) => path in this.over && changes[path] !== this.text(path)) ?? "";
  }

  // What stood in a box to begin with.
  text(path) {
    return this.states[0][0].header.values[path][0];
  }

  set(changes, path, sequence) {
    const wanted = Object.entries({ ...this.changes, ...changes }).filter(([name, text]) => text !== this.text(name));
    const exact = this.exact(Object.fromEntries(wanted));
    if (exact >= 0) return this.show(exact, path, sequence);
    const value = Number(changes[path]);
    const values = this.over[path];
    if (!values) return this.refuse(path, "this value was not recorded", sequence);
    if (!Number.isFinite(value)) return this.refuse(path, `recorded are numbers from ${values[0]} to ${values[values.length - 1]}`, sequence);
    const others = wanted.map(([name]) => name).filter((name) => name !== path);
    if (others.length) this.onMessage({ header: { kind: "note", text: `one slider at a time was recorded: ${others.join(", ")} is back` } });
    return this.show(this.nearest(path, value), path, sequence);
  }

  exact(changes) {
    const wanted = JSON.stringify(changes);
    return this.states.findIndex(([{ header }]) => JSON.stringify(header.changes) === wanted);
  }

  nearest(path, value) {
    let [best, distance] = [0, Infinity];
    this.states.forEach(([{ header }], k) => {
      const isOnPath = k === 0 || path in header.changes;
      const away = Math.abs(header.values[path][1] - value);
      if (isOnPath && away < distance) [best, distance] = [k, away];
    });
    return best;
  }

  show(k, path, sequence) {
    this.changes = this.states[k][0].header.changes;
    for (const { header, arrays } of this.states[k]) this.onMessage({ header: { ...header, path, sequence }, arrays });
    const branch = this.branches[path];
    if (branch && branch !== this.branch) this.onMessage(branch);
    this.branch = branch ?? this.branch;
    this.onMessage({ header: { kind: "idle" } });
  }

  refuse(path, text, sequence) {
    this.onMessage({ header: { kind: "refused", path, text, sequence, withdrawn: true } });
  }
}

// The messages of a recording: each behind its length, all compressed.
async function read(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = await new Response(stream).arrayBuffer();
  const found = [];
  for (let at = 0; at < bytes.byteLength; ) {
    const length = new DataView(bytes).getUint32(at, true);
    found.push(unpack(bytes.slice(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return found;
}

read(document.getElementById("recording").textContent).then((messages) => {
  new Page(document.body, ownPage, (handlers) => new Replay(handlers, messages));
});
