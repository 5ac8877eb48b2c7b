/**
 * What the customer said and the server has not acknowledged yet. It is kept in localStorage until
 * then and sent in order, each with its own id, so that nothing is lost or doubled when the server
 * is down, the line breaks or the page is left.
 */

import { HttpError, backOff } from "./http.js";
import { pageAddress } from "./page.js";
import { newId } from "./storage.js";

/** @typedef {import("./types.js").OutboxItem} Item */

const PATHS = {
  message: "/customer/messages",
  button: "/customer/buttons",
  feedback: "/customer/feedback",
  handoff: "/customer/handoff",
  withdraw: "/customer/withdraw",
};

/** Older than this, an unsent message is not sent without being asked for. Milliseconds. */
const STALE = 24 * 60 * 60 * 1000;

/** Wishes of the moment: left unsent on an earlier page, this long later they are dropped. */
const WISHES = ["handoff", "withdraw"];
/** Milliseconds. */
const PAST = 10 * 60 * 1000;

/** Fires `accepted` and `refused` with the item as detail. */
export class Outbox extends EventTarget {
  #storage;
  #connection;
  #store;
  #busy = false;
  #failures = 0;
  #timer = 0;

  /**
   * @param {import("./storage.js").Storage} storage
   * @param {import("./connection.js").Connection} connection
   * @param {import("./store.js").Store} store
   */
  constructor(storage, connection, store) {
    super();
    this.#storage = storage;
    this.#connection = connection;
    this.#store = store;
  }

  /** @returns {Item[]} All that is kept, of every visitor of this browser. */
  get items() {
    const kept = this.#storage.read("outbox");
    return Array.isArray(kept) ? kept : [];
  }

  /**
   * @param {Item["kind"]} kind
   * @param {Record<string, unknown>} body
   * @param {{visitor: string | null, subject: string | null, text?: string}} about
   * @returns {Item}
   */
  add(kind, body, about) {
    const seen = kind === "feedback" ? {} : { page: pageAddress() };
    const at = new Date().toISOString();
    const item = { client_id: newId(), kind, body: { ...seen, ...body }, at, ...about };
    this.#change((items) => [...items, item]);
    if (item.text !== undefined) this.#show(item);
    void this.flush();
    return item;
  }

  /**
   * @param {Item["kind"]} kind
   * @param {string | null} subject
   * @returns {boolean} This customer asked for it, and the server has not been told yet.
   */
  holds(kind, subject) {
    return this.items.some(
      (item) => item.kind === kind && !item.failed && [null, subject].includes(item.subject),
    );
  }

  /** @param {string} clientId Try a refused item again. */
  retry(clientId) {
    this.#change((items) =>
      items.map((item) => (item.client_id === clientId ? { ...item, failed: false } : item)),
    );
    this.#store.setDelivery(clientId, "sending");
    this.#failures = 0;
    void this.flush();
  }

  /** @param {string} clientId The log has it. */
  forget(clientId) {
    this.#change((items) => items.filter((item) => item.client_id !== clientId));
  }

  /**
   * After a session was agreed: what was written before it, or before signing in, belongs to this
   * visitor now. What another one left is not this one's to send or to see: it goes with the next
   * customer; where nobody is signed in it waits, as the site's word may yet come, but not for ever.
   *
   * @param {string} visitor
   * @param {string | null} subject
   */
  adopt(visitor, subject) {
    const now = Date.now();
    const isOld = (/** @type {Item} */ item) => now - Date.parse(item.at) > STALE;
    const own = (/** @type {Item} */ item) => item.subject === null || item.subject === subject;
    this.#change((items) =>
      items
        .filter((item) => (own(item) ? !isPast(item) : subject === null && !isOld(item)))
        .map((item) =>
          own(item) ? { ...item, visitor, subject, failed: item.failed || isOld(item) } : item,
        ),
    );
  }

  /** They signed out: nothing that a customer wrote stays. */
  forgetCustomers() {
    this.#change((items) => items.filter((item) => item.subject === null));
  }

  /** @param {string | null} subject Show what this customer has not got through yet. */
  restore(subject) {
    for (const item of this.items) {
      if (item.text !== undefined && item.subject === subject) this.#show(item);
    }
  }

  /** Send what waits, one after the other: a later message never overtakes an earlier one. */
  async flush() {
    if (this.#busy) return;
    this.#busy = true;
    clearTimeout(this.#timer);
    try {
      for (;;) {
        const item = this.items.find((each) => !each.failed && this.#mine(each));
        if (!item || !this.#connection.token) return;
        if (!(await this.#send(item))) return;
      }
    } finally {
      this.#busy = false;
    }
  }

  /** @param {Item} item @returns {Promise<boolean>} False: stop for now. */
  async #send(item) {
    let answer;
    try {
      answer = await this.#connection.post(PATHS[item.kind], { client_id: item.client_id, ...item.body });
    } catch (error) {
      if (error instanceof HttpError && error.status === 401) {
        // Goes on once there is a session; a server that refuses each one is not hammered.
        const wait = this.#failures ? backOff(this.#failures) : 0;
        this.#failures += 1;
        this.#timer = setTimeout(() => this.#connection.renew(), wait);
        return false;
      }
      if (error instanceof HttpError && !error.passing) {
        this.#refused(item);
        return true;
      }
      this.#failures += 1;
      this.#store.setDelivery(item.client_id, "waiting");
      const asked = error instanceof HttpError ? error.retryAfter * 1000 : 0;
      this.#timer = setTimeout(() => this.flush(), Math.max(backOff(this.#failures), asked));
      return false;
    }
    this.#failures = 0;
    this.forget(item.client_id);
    if (answer.masked) this.#store.mask(item.client_id, answer);
    this.#store.setDelivery(item.client_id, "sent");
    this.dispatchEvent(new CustomEvent("accepted", { detail: item }));
    return true;
  }

  /** @param {Item} item */
  #refused(item) {
    if (item.text === undefined) this.forget(item.client_id);
    else {
      this.#change((items) =>
        items.map((each) => (each.client_id === item.client_id ? { ...each, failed: true } : each)),
      );
      this.#store.setDelivery(item.client_id, "failed");
    }
    this.dispatchEvent(new CustomEvent("refused", { detail: item }));
  }

  /** @param {Item} item */
  #mine(item) {
    return item.visitor === this.#store.session?.visitor; // `adopt` has given it to them
  }

  /** @param {Item} item */
  #show(item) {
    this.#store.addOwn({
      clientId: item.client_id,
      text: item.text ?? "",
      at: item.at,
      delivery: item.failed ? "failed" : "sending",
    });
  }

  /** Read, change and write in one go: other tabs keep their items here too. @param {(items: Item[]) => Item[]} change */
  #change(change) {
    const items = change(this.items);
    this.#storage.write("outbox", items.length ? items : null);
  }
}

/** @param {Item} item @returns {boolean} A wish of an earlier page that may well be no wish any more. */
function isPast({ kind, at }) {
  const made = Date.parse(at);
  return WISHES.includes(kind) && made < performance.timeOrigin && Date.now() - made > PAST;
}
