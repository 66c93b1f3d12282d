// The socket to the server: numbers inputs, and connects again when the server was gone.

import { unpack } from "./wire.js";

const AGAIN = 1500; // ms between two tries

export class Transport {
  constructor({ onMessage, onOpen, onGone }) {
    Object.assign(this, { onMessage, onOpen, onGone });
    this.sequence = 0;
    this.connect();
  }

  connect() {
    const token = new URLSearchParams(location.search).get("token") ?? "";
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}/socket?token=${encodeURIComponent(token)}`);
    this.socket.binaryType = "arraybuffer";
    this.socket.onopen = () => this.onOpen();
    this.socket.onmessage = (event) => this.onMessage(unpack(event.data));
    this.socket.onclose = () => {
      this.onGone();
      setTimeout(() => this.connect(), AGAIN);
    };
  }

  // Sends an input, and says its number.
  send(kind, content = {}) {
    this.sequence += 1;
    this.say(kind, { ...content, sequence: this.sequence });
    return this.sequence;
  }

  // Sends what is no input: nothing is solved for it.
  say(kind, content = {}) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ kind, ...content }));
  }
}
