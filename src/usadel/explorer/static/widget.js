// The page in the output of a cell: messages of a widget instead of a socket.

import { cell } from "./home.js";
import { Page } from "./page.js";
import { Transport } from "./transport.js";
import { unpack } from "./wire.js";

const PATIENCE = 3000; // ms without any answer before the page says so
const SILENT = "The kernel does not answer: it is busy with another cell, or gone. The page goes on as soon as it is free.";
const inputs = new WeakMap(); // of each widget, which may be shown several times: its number of inputs

class Messages extends Transport {
  constructor(handlers, model) {
    super(handlers);
    this.model = model;
    this.take = (content, buffers) => this.taken(buffers);
    model.on("msg:custom", this.take);
    queueMicrotask(() => this.onOpen());
  }

  send(kind, content = {}) {
    this.sequence = inputs.get(this.model) ?? 0;
    inputs.set(this.model, this.sequence + 1);
    return super.send(kind, content);
  }

  say(kind, content = {}) {
    this.model.send({ text: JSON.stringify({ kind, ...content }) });
    this.silence ??= setTimeout(() => this.onGone(SILENT), PATIENCE);
  }

  taken([view]) {
    clearTimeout(this.silence);
    this.silence = null;
    this.onGone("");
    this.onMessage(unpack(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)));
  }

  end() {
    clearTimeout(this.silence);
    this.model.off("msg:custom", this.take);
  }
}

// What shows a widget: within a shadow root, so that neither page sees the styles of the other.
export function rendering(style, markup) {
  return ({ model, el }) => {
    const host = document.createElement("div");
    host.dataset.lmSuppressShortcuts = "true"; // for versions of JupyterLab that see keys before anybody else
    const [root, sheet] = [document.createElement("div"), document.createElement("style")];
    root.className = "usadel";
    root.dataset.way = "notebook";
    root.innerHTML = markup;
    sheet.textContent = style;
    host.attachShadow({ mode: "open" }).append(sheet, root);
    // what is typed in a shadow root looks to JupyterLab as if it were typed beside it: "d d" deletes the cell
    for (const name of ["keydown", "keyup", "keypress"]) host.addEventListener(name, (event) => event.stopPropagation());
    el.append(host);
    const page = new Page(root, cell(root), (handlers) => new Messages(handlers, model));
    return () => page.end();
  };
}
