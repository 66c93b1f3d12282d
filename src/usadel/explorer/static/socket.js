// The socket to the server; connects again when the server was gone.

import { Transport } from "./transport.js";
import { unpack } from "./wire.js";

const AGAIN = 1500; // ms between two tries
const GONE = "The server is gone, or does not answer. This page connects again by itself as soon as it is there.";

export class Socket extends Transport {
  constructor(handlers) {
    super(handlers);
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
      this.onGone(GONE);
      setTimeout(() => this.connect(), AGAIN);
    };
  }

  // Sends what is no input: nothing is solved for it.
  say(kind, content = {}) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ kind, ...content }));
  }
}
