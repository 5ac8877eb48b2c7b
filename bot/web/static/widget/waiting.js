/** The strip below the header: the place in the queue while waiting, or the person who is here. */

import { h, setText } from "./dom.js";

/** What a customer reads while they wait, and the way out of the queue. */
export class StatusStrip {
  #texts;
  #text = h("p", { class: "status-text", dir: "auto" });
  #withdraw = h("button", { type: "button", class: "withdraw" });
  element = h("div", { class: "status", hidden: true }, this.#text, this.#withdraw);
  /**
   * What is said aloud. The estimate changes all the time and the notices in the log are read out
   * anyway: of the queue only another place is said.
   */
  spoken = h("p", { class: "unseen", role: "status" });

  /** Conversation and place of the text last seen. @type {{conversation: string, place: number} | null} */
  #known = null;

  /** @param {import("./texts.js").Texts} texts @param {() => void} withdraw */
  constructor(texts, withdraw) {
    this.#texts = texts;
    this.#withdraw.addEventListener("click", withdraw);
  }

  /** @param {import("./store.js").Store} store */
  render({ status, queue, asking, leaving }) {
    const byPerson = status.owner === "agent";
    const isWaiting = !byPerson && status.case === "waiting";
    let text = "";
    if (byPerson && status.agent) text = this.#texts.get("with_person", { name: status.agent });
    else if (isWaiting) text = queue?.text ?? this.#texts.get("waiting");
    else if (asking) text = this.#texts.get("asking_person");
    this.element.hidden = !text;
    this.element.dataset.state = byPerson ? "person" : "waiting";
    setText(this.#text, text);
    this.#withdraw.hidden = !isWaiting;
    this.#withdraw.setAttribute("aria-disabled", String(leaving));
    setText(this.#withdraw, this.#texts.get("withdraw"));
    setText(this.spoken, this.#aloud(isWaiting, queue, asking ? text : ""));
  }

  /**
   * @param {boolean} isWaiting
   * @param {import("./types.js").Queue | null} queue
   * @param {string} otherwise
   */
  #aloud(isWaiting, queue, otherwise) {
    if (!isWaiting || !queue) {
      if (!isWaiting) this.#known = null;
      return otherwise;
    }
    const before = this.#known;
    const moved = before?.conversation === queue.conversation && before.place !== queue.place;
    this.#known = { conversation: queue.conversation, place: queue.place };
    if (moved) return queue.text;
    return before ? (this.spoken.textContent ?? "") : "";
  }
}
