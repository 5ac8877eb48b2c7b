/** Tells the person at the other end that the customer is writing, and when they stop. */

/** Nothing typed for this long: the customer has stopped. Milliseconds. */
const PAUSE = 5_000;
/** While somebody types, it is said again no more often than this. Milliseconds. */
const EVERY = 3_000;

/** One sign for one composer. */
export class TypingSign {
  #send;
  #on = false;
  #saidAt = 0;
  #pause = 0;

  /** @param {(on: boolean) => void} send */
  constructor(send) {
    this.#send = send;
  }

  /** @param {boolean} hasText The text box was changed, and whether something stands in it now. */
  changed(hasText) {
    if (!hasText) {
      this.stop();
      return;
    }
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.stop(), PAUSE);
    if (this.#on && Date.now() - this.#saidAt < EVERY) return;
    this.#on = true;
    this.#saidAt = Date.now();
    this.#send(true);
  }

  /** Sent, emptied or left alone. */
  stop() {
    clearTimeout(this.#pause);
    if (!this.#on) return;
    this.#on = false;
    this.#send(false);
  }
}
