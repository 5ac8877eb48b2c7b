/** Who is at this browser: the visitor's token, the site's word for it, and what is kept of both. */

import { HttpError } from "./http.js";
import { languageOf, pageAddress } from "./page.js";

/**
 * @typedef {import("./types.js").Session} Session
 *
 * @typedef {object} Kept What a later page of this site needs of a session.
 * @property {string} token
 * @property {string} visitor
 * @property {string | null} subject
 * @property {boolean} spoken Somebody wrote at this browser: open the stream without being asked.
 */

/**
 * Read, without checking, whom a signed token is about. Only the server can check it; here it tells
 * one customer's kept messages from another's.
 *
 * @param {string | null} token
 * @returns {string | null} Null for nobody; the whole token when it is of another kind.
 */
export function subjectOf(token) {
  if (!token) return null;
  try {
    const payload = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
    return String(JSON.parse(new TextDecoder().decode(bytes)).sub ?? token);
  } catch {
    return token;
  }
}

/** One visitor at one browser. */
export class Visit {
  /** The host site's signed token; null for a visitor without a name. @type {string | null} */
  identity = null;

  #storage;
  #element;

  /**
   * @param {import("./storage.js").Storage} storage
   * @param {HTMLElement} element Hears `firstline-identity-refused`.
   */
  constructor(storage, element) {
    this.#storage = storage;
    this.#element = element;
  }

  /** @returns {string | null} Whom the identity is about. */
  get subject() {
    return subjectOf(this.identity);
  }

  /** @returns {Kept | null} */
  get kept() {
    return this.#storage.read("session");
  }

  /** @returns {{texts: Record<string, string>, language: string} | null} Of the last session. */
  get texts() {
    const texts = this.#storage.read("texts");
    return texts?.asked === languageOf(this.#element) ? texts : null;
  }

  /**
   * Ask the server for a session. An identity that it refuses is dropped, and the page told.
   *
   * @param {import("./connection.js").Connection} connection
   * @param {string | null} article
   * @returns {Promise<Session>}
   */
  async agree(connection, article) {
    const ask = () =>
      connection.post("/customer/session", {
        visitor: this.kept?.token ?? null,
        identity: this.identity,
        page: pageAddress(),
        article,
        language: languageOf(this.#element),
      });
    try {
      return await ask();
    } catch (error) {
      const refused = error instanceof HttpError && [400, 401, 403, 422].includes(error.status);
      if (!refused || !this.identity) throw error;
      this.identity = null; // expired or wrong: go on as a visitor without a name
      this.#element.dispatchEvent(new CustomEvent("firstline-identity-refused", { bubbles: true }));
      return ask();
    }
  }

  /** @param {Session} session For the next page and the other tabs. */
  keep({ token, visitor, texts, language }) {
    // Where a page says late who is signed in, two visitors take turns: neither takes from the
    // other what was read (its place is found in one conversation only) and that there is one.
    const spoken = Boolean(this.kept?.spoken);
    this.#storage.write("session", { token, visitor, subject: this.subject, spoken });
    this.keepTexts(texts, language);
  }

  /** @param {Record<string, string>} texts @param {string} language Of the conversation. */
  keepTexts(texts, language) {
    this.#storage.write("texts", { texts, language, asked: languageOf(this.#element) });
  }

  /** Remember that somebody wrote. */
  markSpoken() {
    const { kept } = this;
    if (kept && !kept.spoken) this.#storage.write("session", { ...kept, spoken: true });
  }
}
