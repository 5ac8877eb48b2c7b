/** The widget's state, and one rule: what the stream says wins, once. */

/**
 * @typedef {import("./types.js").Entry} Entry
 * @typedef {import("./types.js").MessageEvent} StreamMessage
 * @typedef {import("./types.js").Status} Status
 * @typedef {import("./types.js").Queue} Queue
 * @typedef {import("./types.js").Session} Session
 * @typedef {"starting" | "online" | "reconnecting" | "unreachable"} Link
 */

/** @type {Status} */
const FRESH = { conversation: "", owner: "bot", agent: null, case: null, conversation_open: true };

/** Fires `change` after every change; readers look at the fields. */
export class Store extends EventTarget {
  /** In the order in which they are shown. @type {Entry[]} */
  entries = [];
  /** @type {Status} */
  status = { ...FRESH };
  /** What the customer said of an answer, by the answer's cursor. @type {Map<string, boolean>} */
  feedback = new Map();
  /** Cursors of answers whose quick replies were used. @type {Map<string, string>} */
  used = new Map();
  /** @type {"bot" | "agent" | null} */
  typing = null;
  /** The person who types. */
  typist = "";
  /** What the server last said of the queue; see `queue`. @type {Queue | null} */
  #queue = null;
  /** How far the agent has read. @type {{conversation: string, seq: number} | null} */
  read = null;
  /** Conversations in which we know where to reach the customer. @type {Set<string>} */
  reachable = new Set();
  /** @type {Link} */
  link = "starting";
  /** True until the stream has caught up: nothing is announced meanwhile. */
  replaying = true;
  /** A request for a person is on its way. */
  asking = false;
  /** The word that no person is needed any more is on its way. */
  leaving = false;
  /** Last cursor seen, to resume from. @type {string | null} */
  cursor = null;
  /** @type {Session | null} */
  session = null;

  /**
   * The notice below which the customer may say where to reach them: that which asks, or the last
   * one where the desk has emptied since. Once there it stays until we know or nobody waits any
   * more: they may be writing.
   *
   * @type {Entry | null}
   */
  askingContact = null;

  /** @type {Map<string, Entry>} */
  #byCursor = new Map();
  /** @type {Map<string, Entry>} */
  #byClientId = new Map();
  #typingTimer = 0;
  #nextKey = 1;

  /** Tell the readers. */
  changed() {
    this.askingContact = this.#whereToAsk();
    this.dispatchEvent(new Event("change"));
  }

  /** Another visitor now, or signed out: nothing of the one before may stay. */
  clear() {
    this.entries = [];
    this.status = { ...FRESH };
    this.feedback.clear();
    this.used.clear();
    this.#byCursor.clear();
    this.#byClientId.clear();
    this.reachable.clear();
    this.typing = null;
    this.#queue = null;
    this.read = null;
    this.asking = false;
    this.leaving = false;
    this.cursor = null;
    this.replaying = true;
    this.changed();
  }

  /** @param {Link} link */
  setLink(link) {
    if (this.link === link) return;
    this.link = link;
    if (link !== "online") this.typing = null;
    this.changed();
  }

  /**
   * A message from the stream. The same cursor again changes nothing; the customer's own message
   * takes the place of the one shown while it was being sent.
   *
   * @param {StreamMessage} message
   */
  receive(message) {
    if (this.#byCursor.has(message.id)) return;
    const own = message.client_id ? this.#byClientId.get(message.client_id) : undefined;
    /** @type {Entry} */
    const entry = own ?? this.#newEntry(message.from);
    Object.assign(entry, {
      cursor: message.id,
      clientId: message.client_id,
      from: message.from,
      name: message.name ?? "",
      text: message.text ?? "",
      html: message.from === "bot" ? message.html : undefined,
      sources: message.sources ?? [],
      buttons: message.buttons ?? [],
      masked: message.masked ?? [],
      asksFeedback: Boolean(message.asks_feedback),
      form: message.form,
      ref: message.ref,
      at: message.at,
      conversation: message.conversation ?? "",
      delivery: "sent",
    });
    if (own) this.entries.splice(this.entries.indexOf(own), 1);
    // The stream's order is the log's order; what is still unsent stays below.
    const unsent = this.entries.findIndex((each) => each.delivery !== "sent");
    this.entries.splice(unsent < 0 ? this.entries.length : unsent, 0, entry);
    this.#byCursor.set(message.id, entry);
    if (message.client_id) this.#byClientId.set(message.client_id, entry);
    if (message.from === "bot" || message.from === "agent") this.typing = null;
    this.changed();
  }

  /**
   * The server took something out of the customer's own message.
   *
   * @param {string} clientId
   * @param {{text: string, masked: string[]}} kept
   */
  mask(clientId, { text, masked }) {
    const entry = this.#byClientId.get(clientId);
    if (!entry || entry.cursor) return; // the stream was faster, and may know more by now
    Object.assign(entry, { text, masked });
    this.changed();
  }

  /**
   * Something was taken out of a message after it was shown.
   *
   * @param {{id: string, text: string, masked: string[]}} redacted
   */
  redact({ id, text, masked }) {
    const entry = this.#byCursor.get(id);
    if (!entry) return;
    Object.assign(entry, { text, masked });
    this.changed();
  }

  /**
   * Show what the customer just wrote or chose, before the server knows it.
   *
   * @param {{clientId: string, text: string, at: string, delivery: import("./types.js").Delivery}} own
   */
  addOwn({ clientId, text, at, delivery }) {
    if (this.#byClientId.has(clientId)) return;
    const entry = { ...this.#newEntry("customer"), clientId, text, at, delivery };
    this.entries.push(entry);
    this.#byClientId.set(clientId, entry);
    this.changed();
  }

  /**
   * @param {string} clientId
   * @param {import("./types.js").Delivery} delivery
   */
  setDelivery(clientId, delivery) {
    const entry = this.#byClientId.get(clientId);
    if (!entry || entry.cursor || entry.delivery === delivery) return;
    entry.delivery = delivery;
    this.changed();
  }

  /** All that happened before has been received: what comes now is new. */
  caughtUp() {
    this.replaying = false;
    this.changed();
  }

  /** @param {Status} status */
  setStatus(status) {
    const before = this.status;
    this.status = { ...FRESH, ...status };
    this.asking = false;
    this.leaving = false;
    // Who typed may have lost the case, or handed it on, in the middle of a sentence.
    if (this.typing === "agent" && before.agent !== this.status.agent) this.typing = null;
    if (this.status.case !== "waiting") this.#queue = null;
    this.changed();
  }

  /** @param {Queue | {}} queue Empty: the customer waits no more. */
  setQueue(queue) {
    this.#queue = "place" in queue ? queue : null;
    this.changed();
  }

  /** @returns {Queue | null} Place and estimate of the customer who waits now. */
  get queue() {
    const here = this.#queue?.conversation === this.status.conversation;
    return here && this.status.case === "waiting" ? this.#queue : null;
  }

  /** @param {{conversation: string, seq: number}} read The agent has read so far. */
  setRead(read) {
    this.read = read;
    this.changed();
  }

  /** @param {Entry} entry @returns {boolean} An agent has read it. */
  isSeen(entry) {
    if (!entry.cursor || this.read?.conversation !== entry.conversation) return false;
    return Number(entry.cursor.slice(entry.cursor.lastIndexOf(".") + 1)) <= this.read.seq;
  }

  /** @param {string} conversation We know now where to reach the customer. */
  setReachable(conversation) {
    this.reachable.add(conversation);
    this.changed();
  }

  /** @returns {Entry | null} See `askingContact`. */
  #whereToAsk() {
    const { conversation } = this.status;
    if (this.status.case !== "waiting" || this.reachable.has(conversation)) return null;
    const notices = this.entries.filter((each) => each.from === "system" && each.conversation === conversation);
    const asking = notices.findLast((each) => each.form === "contact");
    const before = this.askingContact?.conversation === conversation ? this.askingContact : null;
    return asking ?? before ?? (this.queue?.asks_contact ? notices.at(-1) : null) ?? null;
  }

  /** @param {boolean} leaving */
  setLeaving(leaving) {
    if (this.leaving === leaving) return;
    this.leaving = leaving;
    this.changed();
  }

  /** @param {boolean} asking */
  setAsking(asking) {
    if (this.asking === asking) return;
    this.asking = asking;
    this.changed();
  }

  /** @param {string} cursor @param {boolean | null} helpful Null takes it back. */
  setFeedback(cursor, helpful) {
    if (helpful === null) this.feedback.delete(cursor);
    else this.feedback.set(cursor, helpful);
    this.changed();
  }

  /** @param {string} cursor @param {string | null} title The choice; null takes it back. */
  setUsed(cursor, title) {
    if (title === null) this.used.delete(cursor);
    else this.used.set(cursor, title);
    this.changed();
  }

  /** @param {"bot" | "agent"} from @param {boolean} on @param {string} [name] The person's. */
  setTyping(from, on, name = "") {
    clearTimeout(this.#typingTimer);
    if (on) {
      this.typing = from;
      this.typist = name;
      // The end may get lost with a connection: nobody types for ever.
      this.#typingTimer = setTimeout(() => this.setTyping(from, false), 30_000);
    } else if (this.typing === from) this.typing = null;
    this.changed();
  }

  /** @returns {string} Who answers: the person's name, or the assistant's. */
  get speaker() {
    return (this.status.owner === "agent" && this.status.agent) || this.session?.assistant || "";
  }

  /**
   * @param {string | null} read Cursor up to which everything was seen.
   * @returns {number} Messages from our side after it.
   */
  unreadAfter(read) {
    const from = read ? this.entries.findIndex((entry) => entry.cursor === read) : -1;
    return this.entries.slice(from + 1).filter((entry) => ["bot", "agent"].includes(entry.from))
      .length;
  }

  /** @param {import("./types.js").Speaker} from @returns {Entry} */
  #newEntry(from) {
    return {
      key: `m${this.#nextKey++}`,
      from,
      name: "",
      text: "",
      sources: [],
      buttons: [],
      masked: [],
      asksFeedback: false,
      at: new Date().toISOString(),
      conversation: "",
      delivery: "sent",
    };
  }
}
