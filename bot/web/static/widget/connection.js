/** The line to the server: one session, one stream, and it comes back by itself. */

import { HttpError, backOff } from "./http.js";
import { readEvents } from "./sse.js";

/** No byte for this long (the server's heartbeat is 15 s): the line is dead. Milliseconds. */
const SILENCE = 40_000;
/** A tab out of sight gives its stream back: browsers allow few connections to one server. */
const HIDDEN = 60_000;

/**
 * Fires `online` (the stream is open), `session` (agreed; the session is its detail) and `language`
 * (the conversation has another one; its detail has the labels).
 */
export class Connection extends EventTarget {
  /** @type {string | null} */
  token = null;

  #origin;
  #language;
  #store;
  /** @type {(article: string | null) => Promise<import("./types.js").Session>} */
  #agree;
  #life = new AbortController();
  /** @type {AbortController | null} */
  #streaming = null;
  /** @type {(() => void) | null} */
  #wake = null;
  #listening = false;
  #paused = false;
  #running = false;
  #lastByte = 0;
  #generation = 0;
  #hiddenTimer = 0;
  /** @type {string | null} */
  #article = null;

  /**
   * @param {string} origin
   * @param {() => string} language
   * @param {import("./store.js").Store} store
   * @param {(article: string | null) => Promise<import("./types.js").Session>} agree Asks the
   *   server for a session.
   */
  constructor(origin, language, store, agree) {
    super();
    this.#origin = origin;
    this.#language = language;
    this.#store = store;
    this.#agree = agree;
  }

  /** @param {string | null} article Opens the conversation at this article. */
  start(article) {
    this.#article = article;
    if (this.#running) return;
    this.#running = true;
    this.#life = new AbortController();
    const { signal } = this.#life;
    // A tab opened in the background has no stream to give back: it begins without one.
    this.#paused = document.visibilityState === "hidden";
    window.addEventListener("online", () => this.hurry(), { signal });
    window.addEventListener("pageshow", (event) => event.persisted && this.#resume(), { signal });
    window.addEventListener("pagehide", () => this.#pause(), { signal });
    document.addEventListener("visibilitychange", () => this.#visibility(), { signal });
    void this.#run();
  }

  /** Ends everything; `start` begins anew. */
  stop() {
    this.#running = false;
    this.#life.abort();
    this.#streaming?.abort();
    clearTimeout(this.#hiddenTimer);
    this.#wake?.();
  }

  /** From now on keep the stream open: before this, a page view costs one request and no more. */
  listen() {
    if (this.#listening) return;
    this.#listening = true;
    this.#wake?.();
  }

  /**
   * Agree on a new session: other identity, an article, or the token no longer counts.
   *
   * @param {string | null} [article]
   */
  renew(article = null) {
    this.#generation += 1;
    this.token = null;
    this.#article = article ?? this.#article;
    this.#streaming?.abort();
    this.#wake?.();
  }

  /**
   * @param {string} path
   * @param {Record<string, unknown>} body
   * @returns {Promise<any>} The JSON answer.
   * @throws {HttpError} When the server refuses; TypeError when it cannot be reached.
   */
  async post(path, body) {
    const response = await this.fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    return response.json().catch(() => ({}));
  }

  /** @param {string} path @param {RequestInit} init @returns {Promise<Response>} */
  async fetch(path, init) {
    const headers = new Headers(init.headers);
    headers.set("Accept-Language", this.#language());
    if (this.token) headers.set("Authorization", `Bearer ${this.token}`);
    const response = await fetch(this.#origin + path, {
      ...init,
      headers,
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
    });
    if (response.ok) return response;
    const problem = await response.json().catch(() => null);
    const wait = Number(response.headers.get("Retry-After")) || 0;
    const { code = "", message = "" } = problem?.error ?? {};
    throw new HttpError(response.status, code, wait, message);
  }

  async #run() {
    let failures = 0;
    while (this.#running) {
      try {
        if (!this.token) await this.#openSession();
        else if (!this.#listening || this.#paused) await this.#sleep(null);
        else await this.#stream(() => (failures = 0));
      } catch (error) {
        if (!this.#running) return;
        if (error instanceof HttpError && error.status === 401) this.token = null;
        failures += 1;
        // One break of the line, mended at once, is not worth a word.
        if (failures > 1) this.#store.setLink(this.#store.session ? "reconnecting" : "unreachable");
        const asked = error instanceof HttpError ? error.retryAfter * 1000 : 0;
        await this.#sleep(Math.max(backOff(failures), asked));
      }
    }
  }

  async #openSession() {
    const generation = this.#generation;
    const article = this.#article;
    const session = await this.#agree(article);
    if (generation !== this.#generation) return; // renewed meanwhile: ask again
    this.#article = null;
    this.token = session.token;
    this.dispatchEvent(new CustomEvent("session", { detail: session }));
    this.#store.setLink("online");
  }

  /** @param {() => void} onOpen */
  async #stream(onOpen) {
    const breaker = new AbortController();
    const { signal } = breaker;
    this.#streaming = breaker;
    this.#lastByte = Date.now();
    const watchdog = setInterval(() => {
      if (Date.now() - this.#lastByte > SILENCE) breaker.abort();
    }, 5_000);
    try {
      /** @type {Record<string, string>} */
      const headers = { Accept: "text/event-stream" };
      if (this.#store.cursor) headers["Last-Event-ID"] = this.#store.cursor;
      const response = await this.fetch(this.#streamPath(), { headers, signal });
      if (!response.body) throw new TypeError("no body");
      onOpen();
      this.#store.setLink("online");
      this.dispatchEvent(new Event("online"));
      await readEvents(
        response.body,
        (event) => !signal.aborted && this.#take(event),
        () => (this.#lastByte = Date.now()),
      );
      if (!signal.aborted) throw new TypeError("the stream ended");
    } catch (error) {
      if (!signal.aborted) throw error; // else broken off by ourselves: go on at once
    } finally {
      clearInterval(watchdog);
      this.#streaming = null;
    }
  }

  /** @returns {string} It says which labels we have, so that others come only when needed. */
  #streamPath() {
    const labels = this.#store.session?.language;
    return labels ? `/customer/stream?labels=${encodeURIComponent(labels)}` : "/customer/stream";
  }

  /** @param {import("./sse.js").ServerEvent} event */
  #take({ event, id, data }) {
    const store = this.#store;
    let content;
    try {
      content = JSON.parse(data);
    } catch {
      return; // not for us
    }
    if (event === "message") store.receive(content);
    else if (event === "redacted") store.redact(content);
    else if (event === "status") store.setStatus(content);
    else if (event === "feedback") store.setFeedback(content.ref, content.helpful);
    else if (event === "typing") store.setTyping(content.from, content.on, content.name ?? "");
    else if (event === "queue") store.setQueue(content);
    else if (event === "read") store.setRead(content);
    else if (event === "contact") store.setReachable(content.conversation);
    else if (event === "language") this.dispatchEvent(new CustomEvent("language", { detail: content }));
    else if (event === "ready") store.caughtUp();
    if (id) store.cursor = id;
  }

  /** @param {number | null} milliseconds Null: until woken. @returns {Promise<void>} */
  #sleep(milliseconds) {
    return new Promise((resolve) => {
      const timer = milliseconds === null ? 0 : setTimeout(() => this.#wake?.(), milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }

  /** The network or the reader is back, or asks: look at once whether the line still lives. */
  hurry() {
    if (this.#streaming && Date.now() - this.#lastByte > 20_000) this.#streaming.abort();
    this.#wake?.();
  }

  #visibility() {
    clearTimeout(this.#hiddenTimer);
    if (document.visibilityState === "visible") this.#resume();
    // With a person at work the stream stays: an answer may come any moment.
    else if (!this.#store.status.case) this.#hiddenTimer = setTimeout(() => this.#pause(), HIDDEN);
  }

  #pause() {
    this.#paused = true;
    this.#streaming?.abort();
  }

  #resume() {
    this.#paused = false;
    this.hurry();
  }
}
