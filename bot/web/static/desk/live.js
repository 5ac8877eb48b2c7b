/**
 * The desk's event stream. EventSource reconnects by itself after a dropped
 * connection, but gives up for good after an error status; then this does it.
 */

import { ApiError, api } from "./api.js";

const QUIET = 1_500; // a short gap is not worth a sign
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 15_000;
const CHECK = 45_000; // a half-open connection brings no error: look now and then

/**
 * @param {object} listener
 * @param {(cases: import("./types.js").Case[]) => void} listener.cases
 * @param {(id: string, entry: import("./types.js").Entry) => void} listener.entry
 * @param {(agents: import("./types.js").Colleague[]) => void} listener.agents
 * @param {(conversation: string, on: boolean) => void} listener.typing  a customer writes, or stops
 * @param {(state: import("./types.js").Connection) => void} listener.connection
 * @param {() => void} listener.resumed
 *   the stream has begun, anew or again: fetch what it will not tell, which is what came before
 * @param {() => void} listener.unauthorised
 * @returns {{close: () => void}}
 */
export function connect(listener) {
  /** @type {EventSource|null} */
  let source = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let retryTimer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let signTimer;
  let pause = FIRST_PAUSE;
  let closed = false;
  let begun = false; // whether this connection has brought its first queue

  function lost() {
    if (closed) return;
    begun = false;
    signTimer ??= setTimeout(() => listener.connection("reconnecting"), QUIET);
    if (source && source.readyState !== EventSource.CLOSED) return; // it tries again itself
    source = null;
    clearTimeout(retryTimer);
    retryTimer = setTimeout(again, pause * (0.75 + Math.random() / 2));
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }

  async function again() {
    try {
      await api.me();
    } catch (error) {
      if (closed) return;
      if (error instanceof ApiError && error.status === 401) {
        close();
        listener.unauthorised();
      } else {
        lost();
      }
      return;
    }
    open();
  }

  function found() {
    clearTimeout(signTimer);
    signTimer = undefined;
    pause = FIRST_PAUSE;
    listener.connection("live");
  }

  function open() {
    if (closed) return;
    source?.close();
    begun = false;
    const opened = new EventSource(api.stream);
    source = opened;
    opened.addEventListener("open", found);
    opened.addEventListener("error", () => {
      if (source === opened) lost();
    });
    opened.addEventListener("cases", (event) => {
      listener.cases(JSON.parse(event.data).cases);
      // Only from its first queue on does the stream bring every entry: fetching
      // when the connection opens would leave a hole in between.
      if (!begun) listener.resumed();
      begun = true;
    });
    opened.addEventListener("entry", (event) => {
      const data = JSON.parse(event.data);
      listener.entry(data.case, data.entry);
    });
    opened.addEventListener("agents", (event) => listener.agents(JSON.parse(event.data).agents));
    opened.addEventListener("typing", (event) => {
      const data = JSON.parse(event.data);
      listener.typing(data.conversation, data.on);
    });
  }

  /** Opens the stream anew at once, as after a sleep or a change of network. */
  function renew() {
    if (closed) return;
    clearTimeout(retryTimer);
    open();
  }

  async function check() {
    try {
      const { cases } = await api.cases();
      if (closed) return;
      listener.cases(cases);
      if (source === null) renew();
    } catch (error) {
      if (closed) return;
      if (error instanceof ApiError && error.status === 401) {
        close();
        listener.unauthorised();
      } else {
        source?.close();
        lost();
      }
    }
  }

  let hiddenAt = 0;
  function seen() {
    if (document.visibilityState === "hidden") hiddenAt = Date.now();
    else if (hiddenAt && Date.now() - hiddenAt > CHECK) check();
  }

  const checking = setInterval(() => {
    if (document.visibilityState === "visible" && source) check();
  }, CHECK);
  addEventListener("online", renew);
  document.addEventListener("visibilitychange", seen);

  function close() {
    closed = true;
    clearTimeout(retryTimer);
    clearTimeout(signTimer);
    clearInterval(checking);
    removeEventListener("online", renew);
    document.removeEventListener("visibilitychange", seen);
    source?.close();
    source = null;
  }

  listener.connection("connecting");
  open();
  return { close };
}
