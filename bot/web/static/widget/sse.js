/** Server-sent events over fetch: EventSource cannot send the bearer header. */

/**
 * @typedef {{event: string, id: string | null, data: string}} ServerEvent
 */

/** Cuts a stream of text into events, as the HTML standard says. */
export class EventParser {
  #rest = "";
  #event = "";
  /** @type {string | null} */
  #id = null;
  /** @type {string[]} */
  #data = [];

  /**
   * @param {string} chunk
   * @returns {ServerEvent[]} The events that this chunk completed.
   */
  push(chunk) {
    const events = [];
    const lines = (this.#rest + chunk).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (this.#data.length) {
          events.push({ event: this.#event || "message", id: this.#id, data: this.#data.join("\n") });
        }
        this.#event = "";
        this.#id = null;
        this.#data = [];
        continue;
      }
      const colon = line.indexOf(":");
      if (colon === 0) continue; // a comment, the heartbeat
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") this.#event = value;
      else if (field === "id") this.#id = value;
      else if (field === "data") this.#data.push(value);
    }
    return events;
  }
}

/**
 * Read events until the server ends the stream, the connection breaks or `signal` aborts.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @param {(event: ServerEvent) => void} onEvent
 * @param {() => void} onBytes Called for every chunk, heartbeats included.
 * @returns {Promise<void>}
 */
export async function readEvents(body, onEvent, onBytes) {
  const parser = new EventParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      for (const event of parser.push(decoder.decode(value, { stream: true }))) onEvent(event);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
