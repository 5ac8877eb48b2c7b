/** The list of messages: what is shown, in which order, and where the reader stands in it. */

import { ContactForm } from "./contact.js";
import { h } from "./dom.js";
import { createMessage, updateMessage } from "./message.js";
import { day, ended, welcome } from "./notes.js";

/**
 * @typedef {import("./types.js").Entry} Entry
 * @typedef {import("./store.js").Store} Store
 */

/** Nearer to the end than this, the reader is at the end. Pixels. */
const NEAR_END = 60;
/** So long after other labels came nothing is read out. Milliseconds. */
const QUIET = 500;

/** Keeps one node per message and touches only what changed. */
export class MessageList {
  /** The `role="log"`. */
  element = h("div", { class: "log", role: "log", "aria-live": "off" });
  /** Scrolls; the typing sign stands in it below the log. */
  scroller = h("div", { class: "scroller" }, this.element);

  #store;
  #texts;
  #actions;
  #onAway;
  /** @type {Map<string, HTMLElement>} */
  #nodes = new Map();
  /** By conversation. @type {Map<string, ContactForm>} */
  #forms = new Map();
  #quiet = 0;
  /** What is drawn comes from now on: it appears before the eyes, and is read out. */
  #live = false;
  /** @type {Entry | undefined} */
  #lastOwn;
  /** @type {Entry | null} */
  #asking = null;
  #atEnd = true;
  #lastKey = "";
  #revealed = false;

  /**
   * @param {Store} store
   * @param {import("./texts.js").Texts} texts
   * @param {import("./message.js").Actions} actions
   * @param {(news: boolean) => void} onAway The reader is away from the end and something new came
   *   there; false when the reader is back.
   */
  constructor(store, texts, actions, onAway) {
    this.#store = store;
    this.#texts = texts;
    this.#actions = actions;
    this.#onAway = onAway;
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.#arrows(event));
    this.element.addEventListener("focusin", (event) => this.#rove(event.target));
    new ResizeObserver(() => this.follow()).observe(this.scroller);
  }

  /** Draw the store's state. */
  render() {
    const { entries, replaying, session, status } = this.#store;
    this.#live = !replaying && !this.#quiet;
    const scrollTop = this.scroller.scrollTop;
    const field = /** @type {HTMLElement | null} */ (this.element.querySelector("form.contact :focus"));
    this.#lastOwn = entries.findLast((entry) => entry.from === "customer");
    this.#asking = this.#store.askingContact;
    const wanted = [];
    // What another customer began to write goes with them.
    if (!entries.length) this.#forms.clear();
    if (!entries.length) wanted.push(this.#note("welcome", () => welcome(this.#texts, session)));
    const today = new Date().toDateString(); // what was "Today" is "Yesterday" after midnight
    let dayBefore = "";
    entries.forEach((entry, index) => {
      const itsDay = new Date(entry.at).toDateString();
      if (itsDay !== dayBefore) {
        const key = `day ${itsDay} seen ${today}`;
        wanted.push(this.#note(key, () => day(entry.at, this.#texts.language)));
      }
      wanted.push(this.#message(entry, index, itsDay !== dayBefore));
      dayBefore = itsDay;
    });
    if (!status.conversation_open && entries.length) {
      wanted.push(this.#note("ended", () => ended(this.#texts)));
    }
    this.#place(wanted);
    if (field?.isConnected) field.focus({ preventScroll: true }); // a form that moved loses the cursor
    // What happened before is not read out; only what comes from now on.
    const live = this.#live ? "polite" : "off";
    if (this.element.getAttribute("aria-live") !== live) this.element.setAttribute("aria-live", live);
    this.element.setAttribute("aria-label", this.#texts.get("log"));
    this.scroller.scrollTop = scrollTop;
    this.#follow(entries, replaying);
  }

  /** Draw everything anew: other labels. */
  reset() {
    this.#nodes.clear();
    for (const form of this.#forms.values()) form.label();
    // What was read out once is not read out again because its labels have changed.
    this.element.setAttribute("aria-live", "off");
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.#quiet = 0;
      this.render();
    }, QUIET);
    // At once: an emptied list would be seen until the next frame.
    this.render();
  }

  /** @returns {boolean} The reader sees the end of the list. */
  get isAtEnd() {
    return this.#atEnd;
  }

  /** Stay at the end if the reader is there. */
  follow() {
    if (this.#atEnd) this.toEnd();
  }

  /** Show the end of the list. */
  toEnd() {
    this.#atEnd = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#onAway(false);
  }

  /**
   * @param {string} article
   * @returns {boolean} False when no message has it as a source.
   */
  showArticle(article) {
    const entry = this.#store.entries.findLast((each) =>
      each.sources.some((source) => source.article === article),
    );
    const node = entry && this.#nodes.get(entry.key);
    if (!node) return false;
    this.#scrollTo(node);
    return true;
  }

  /** @param {Entry} entry @param {number} index @param {boolean} newDay */
  #message(entry, index, newDay) {
    const { entries, feedback, used, link } = this.#store;
    const delayed = entry.delivery === "sending" && (link === "reconnecting" || link === "unreachable");
    let node = this.#nodes.get(entry.key);
    if (!node) {
      node = createMessage(entry, this.#texts);
      node.classList.toggle("fresh", this.#live);
      this.#nodes.set(entry.key, node);
    }
    const before = entries[index - 1];
    const cursor = entry.cursor ?? "";
    // Only messages with quick replies look at what follows: a long list stays quick to draw.
    const later = entry.buttons.length ? entries.slice(index + 1) : [];
    // What the same turn added does not overtake; anything after it does.
    const overtaken = later.some((each) => !each.ref || each.ref !== entry.ref);
    const next = later.find((each) => each.from === "customer");
    const chosen = entry.buttons.find((button) => button.title === next?.text)?.title;
    /** @type {import("./message.js").View} */
    const view = {
      first: newDay || !before || before.from !== entry.from || before.name !== entry.name,
      lastOwn: entry === this.#lastOwn,
      seen: entry === this.#lastOwn && this.#store.isSeen(entry),
      choosable: !overtaken && !used.has(cursor),
      used: used.get(cursor) ?? chosen ?? "",
      helpful: feedback.get(cursor) ?? null,
      delivery: delayed ? "waiting" : entry.delivery,
      speaker: this.#speaker(entry),
      hasForm: entry === this.#asking,
    };
    const form = view.hasForm ? this.#form(entry) : null;
    updateMessage(node, entry, view, this.#texts, this.#actions, form);
    return node;
  }

  /** @param {Entry} entry */
  #form(entry) {
    let form = this.#forms.get(entry.conversation);
    if (!form) {
      form = new ContactForm(entry.key, this.#texts, this.#actions.contact);
      this.#forms.set(entry.conversation, form);
    }
    return form.element;
  }

  /** @param {Entry} entry */
  #speaker(entry) {
    if (entry.from === "customer") return this.#texts.get("you");
    if (entry.from === "agent") return entry.name;
    return this.#store.session?.assistant ?? this.#texts.get("panel");
  }

  /** @param {string} key @param {() => HTMLElement} build */
  #note(key, build) {
    let node = this.#nodes.get(key);
    if (!node) {
      node = build();
      this.#nodes.set(key, node);
    }
    return node;
  }

  /** @param {HTMLElement[]} wanted */
  #place(wanted) {
    const keep = new Set(wanted);
    for (const child of [...this.element.children]) {
      if (!keep.has(/** @type {HTMLElement} */ (child))) child.remove();
    }
    for (const [key, node] of this.#nodes) if (!keep.has(node)) this.#nodes.delete(key);
    let at = this.element.firstElementChild;
    for (const node of wanted) {
      if (node === at) at = at.nextElementSibling;
      else this.element.insertBefore(node, at);
    }
    const messages = this.#messages();
    if (!messages.some((node) => node.tabIndex === 0)) messages.at(-1)?.setAttribute("tabindex", "0");
  }

  /** @param {Entry[]} entries @param {boolean} replaying */
  #follow(entries, replaying) {
    const last = entries.at(-1);
    if (replaying || !this.#revealed) {
      this.#revealed = !replaying;
      this.#lastKey = last?.key ?? "";
      this.follow();
      return;
    }
    if (!last || last.key === this.#lastKey) {
      this.follow();
      return;
    }
    this.#lastKey = last.key;
    const node = this.#nodes.get(last.key);
    if (last.from === "customer") this.toEnd();
    else if (!this.#atEnd) this.#onAway(true);
    else if (node && node.offsetHeight > this.scroller.clientHeight - 40) this.#scrollTo(node);
    else this.toEnd();
  }

  /** @param {HTMLElement} node Its beginning comes to the top. */
  #scrollTo(node) {
    const top = node.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
    this.scroller.scrollTop += top - 12;
    this.#scrolled();
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    if (!clientHeight) return; // the panel is closed
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (this.#atEnd) this.#onAway(false);
  }

  /** @returns {HTMLElement[]} */
  #messages() {
    return [.../** @type {NodeListOf<HTMLElement>} */ (this.element.querySelectorAll(".message"))];
  }

  /** One tab stop for the whole list. @param {EventTarget | null} target */
  #rove(target) {
    if (!(target instanceof HTMLElement) || !target.matches(".message")) return;
    for (const node of this.#messages()) node.tabIndex = node === target ? 0 : -1;
  }

  /** @param {KeyboardEvent} event */
  #arrows(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const group = target.closest('[role="group"]');
    const items = group
      ? /** @type {HTMLElement[]} */ ([...group.querySelectorAll("button:enabled")])
      : this.#messages();
    const at = items.indexOf(target);
    if (at < 0) return;
    const [back, on] = group ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    const turn = group && getComputedStyle(group).direction === "rtl" ? -1 : 1;
    const step = { [back]: at - turn, [on]: at + turn, Home: 0, End: items.length - 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    items[Math.max(0, Math.min(items.length - 1, step))].focus();
  }
}
