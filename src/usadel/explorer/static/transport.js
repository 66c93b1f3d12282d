// The way to a session: numbers inputs. What extends it says how a message gets there, and calls `onMessage` with answers.

export class Transport {
  constructor({ onMessage, onOpen, onGone }) {
    Object.assign(this, { onMessage, onOpen, onGone });
    this.sequence = 0;
  }

  // Sends an input, and says its number.
  send(kind, content = {}) {
    this.sequence += 1;
    this.say(kind, { ...content, sequence: this.sequence });
    return this.sequence;
  }
}
