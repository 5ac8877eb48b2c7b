/**
 * What the agent has sent and the server has not confirmed yet. Each piece is
 * kept in localStorage under its client_id until the server has answered, and is
 * sent again, in order for each case, after a lost connection, a reload or a
 * restart of the server. The server takes a client_id once, so nothing doubles.
 */

import { ApiError, api } from "./api.js";
import { keyOf, keys, newId, read, write } from "./keep.js";
import { texts } from "./texts.js";

/** @typedef {import("./types.js").Outgoing} Outgoing */

/** @param {Outgoing} item  whether it is text, not an ending */
export const written = (item) => item.kind === "reply" || item.kind === "note";

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 20_000;

/**
 * @param {string} agent  the agent's id
 * @param {object} listener
 * @param {(items: Outgoing[]) => void} listener.changed
 * @param {(item: Outgoing, answer: any) => Promise<void>|void} listener.sent
 *   the server has it; the item leaves the outbox when this returns
 * @param {(item: Outgoing) => void} listener.refused  the server will not take it
 * @param {() => void} listener.unauthorised
 */
export function createOutbox(agent, listener) {
  const prefix = keyOf(agent, "out.");
  /** @type {Outgoing[]} */
  let items = [];
  /** @type {Set<string>} the cases whose pieces are being sent now */
  const busy = new Set();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  let pause = FIRST_PAUSE;
  let closed = false;

  function load() {
    items = keys(prefix)
      .map((key) => read(key))
      .filter((item) => item && item.client_id && item.case)
      .sort((a, b) => a.at - b.at);
    listener.changed(items);
  }

  /** @param {Outgoing} item */
  function put(item) {
    write(prefix + item.client_id, item);
    items = [...items.filter((other) => other.client_id !== item.client_id), item];
    items.sort((a, b) => a.at - b.at);
    listener.changed(items);
  }

  /** @param {Outgoing} item @param {string} why */
  function refuse(item, why) {
    const refused = { ...item, refused: why };
    put(refused);
    listener.refused(refused);
  }

  /** @param {string} clientId */
  function drop(clientId) {
    write(prefix + clientId, null);
    items = items.filter((item) => item.client_id !== clientId);
    listener.changed(items);
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(flush, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }

  /** @param {string} id  sends what waits for this case, one after the other */
  async function sendCase(id) {
    if (busy.has(id)) return;
    busy.add(id);
    try {
      for (;;) {
        const item = items.find((one) => one.case === id && !one.refused);
        if (!item || closed) return;
        if (!written(item) && items.some((one) => one.case === id && one.refused && written(one))) {
          // ending a case must not overtake a message that did not get through
          refuse(item, texts.actions.notYet);
          continue;
        }
        try {
          const answer = await api.send(item);
          pause = FIRST_PAUSE;
          await listener.sent(item, answer);
          drop(item.client_id);
        } catch (error) {
          if (closed) return;
          if (!(error instanceof ApiError)) throw error;
          if (error.status === 401) return listener.unauthorised();
          if (error.passing) return later();
          refuse(item, error.message);
        }
      }
    } finally {
      busy.delete(id);
    }
  }

  function flush() {
    clearTimeout(timer);
    if (closed) return;
    for (const id of new Set(items.map((item) => item.case))) sendCase(id);
  }

  /** Another tab of the same agent has sent or added something. @param {StorageEvent} event */
  function elsewhere(event) {
    if (event.key?.startsWith(prefix)) load();
  }

  addEventListener("storage", elsewhere);

  return {
    /** Takes up what an earlier page left and sends it. */
    start() {
      load();
      flush();
    },
    /**
     * @param {Pick<Outgoing, "case"|"kind"|"text"|"disposition"|"seen">} piece
     */
    add(piece) {
      const last = items.at(-1)?.at ?? 0;
      put({ ...piece, client_id: newId(), at: Math.max(Date.now(), last + 1) });
      sendCase(piece.case);
    },
    drop,
    /** Tries again at once, as when the connection is back. */
    flush,
    close() {
      closed = true;
      clearTimeout(timer);
      removeEventListener("storage", elsewhere);
    },
  };
}
