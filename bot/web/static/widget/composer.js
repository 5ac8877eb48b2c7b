/** The text box: Enter sends, Shift+Enter makes a new line. */

import { h, icon, setText } from "./dom.js";

/** The counter shows from this many characters before the limit. */
const NEAR_LIMIT = 200;

/** A form with a draft that outlives a page change. */
export class Composer {
  #texts;
  #storage;
  #send;
  #onTyping;
  #limit = 2000;
  /** Whose draft it is. @type {string | null} */
  #subject = null;

  #input = h("textarea", { id: "input", rows: "1", enterkeyhint: "send", dir: "auto" });
  #label = h("label", { for: "input", class: "unseen" });
  #button = h("button", { type: "submit", class: "send" }, icon("send"));
  #counter = h("p", { class: "counter", id: "counter" });
  #spoken = h("p", { class: "unseen", role: "status" });
  element = h(
    "form",
    { class: "composer", novalidate: true },
    this.#label,
    h("div", { class: "box" }, this.#input, this.#button),
    this.#counter,
    this.#spoken,
  );

  /**
   * @param {import("./texts.js").Texts} texts
   * @param {import("./storage.js").Storage} storage
   * @param {(text: string) => void} send
   * @param {(hasText: boolean) => void} onTyping Told of each change by the customer's hand.
   */
  constructor(texts, storage, send, onTyping) {
    this.#texts = texts;
    this.#storage = storage;
    this.#send = send;
    this.#onTyping = onTyping;
    this.#input.addEventListener("input", () => {
      this.#changed();
      this.#onTyping(Boolean(this.#input.value.trim()));
    });
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** @param {number} limit The longest message, in characters. */
  render(limit) {
    this.#limit = limit;
    setText(this.#label, this.#texts.get("input"));
    this.#input.placeholder = this.#texts.get("placeholder");
    this.#button.setAttribute("aria-label", this.#texts.get("send"));
    this.#count();
  }

  /** Put the cursor into the text box. */
  focus() {
    this.#input.focus({ preventScroll: true });
  }

  /**
   * Show the draft of who is here now. Another customer's is forgotten; where nobody is signed in
   * it is only not shown, as the site's word may yet come.
   *
   * @param {string | null} subject
   * @param {boolean} [signedOut] That word will not come.
   */
  restore(subject, signedOut = false) {
    this.#subject = subject;
    const draft = this.#storage.readTab("draft");
    const own = !draft || draft.subject === null || draft.subject === subject;
    const text = (own && draft?.text) || "";
    if (this.#input.value !== text) this.#input.value = text;
    if (own || subject !== null || signedOut) this.#keep();
    this.#fit();
  }

  #clear() {
    this.#input.value = "";
    this.#changed();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // While an input method is composing, Enter only picks a word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const text = this.#input.value.trim();
    if (!text || length(text) > this.#limit) return;
    this.#onTyping(false);
    this.#send(text);
    this.#clear();
    this.focus();
  }

  #changed() {
    this.#keep();
    this.#fit();
  }

  #keep() {
    const text = this.#input.value;
    this.#storage.writeTab("draft", text ? { text, subject: this.#subject } : null);
  }

  #fit() {
    this.#count();
    // Browsers without `field-sizing: content` are told the height.
    if (!CSS.supports("field-sizing", "content")) {
      this.#input.style.blockSize = "auto";
      this.#input.style.blockSize = `${this.#input.scrollHeight}px`;
    }
  }

  #count() {
    const left = this.#limit - length(this.#input.value.trim());
    const near = left <= Math.min(NEAR_LIMIT, this.#limit / 4);
    const key = left < 0 ? "too_long" : "characters_left";
    const text = near ? this.#texts.get(key, { count: Math.abs(left) }) : "";
    setText(this.#counter, text);
    this.#counter.hidden = !near;
    this.#counter.classList.toggle("over", left < 0);
    this.#input.setAttribute("aria-invalid", String(left < 0));
    this.#button.disabled = left < 0 || !this.#input.value.trim();
    if (near) this.#input.setAttribute("aria-describedby", "counter");
    else this.#input.removeAttribute("aria-describedby");
    // Said at each fifty and when it is too long, not at every key.
    if (!near) setText(this.#spoken, "");
    else if (left % 50 === 0 || left < 0 !== this.#over) setText(this.#spoken, text);
    this.#over = left < 0;
  }
  #over = false;
}

/** @param {string} text @returns {number} Characters as the server counts them. */
function length(text) {
  return [...text].length;
}
