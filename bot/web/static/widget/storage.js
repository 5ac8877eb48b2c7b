/** What survives a reload: one namespace per server, so that two assistants never mix. */

/** localStorage and sessionStorage that never throw (private windows, blocked storage, full disk). */
export class Storage {
  #prefix;
  /** Stands in where the browser refuses to store. @type {Map<string, string>} */
  #memory = new Map();

  /** @param {string} origin Origin of the assistant's server. */
  constructor(origin) {
    this.#prefix = `firstline:${origin}:`;
  }

  /**
   * @param {string} name
   * @returns {any} Null when absent or unreadable.
   */
  read(name) {
    return this.#get("localStorage", name);
  }

  /**
   * @param {string} name
   * @param {unknown} value Null removes it.
   */
  write(name, value) {
    this.#set("localStorage", name, value);
  }

  /**
   * Like `read`, for this tab only.
   *
   * @param {string} name
   */
  readTab(name) {
    return this.#get("sessionStorage", name);
  }

  /**
   * Like `write`, for this tab only.
   *
   * @param {string} name
   * @param {unknown} value
   */
  writeTab(name, value) {
    this.#set("sessionStorage", name, value);
  }

  /**
   * Call back when another tab of the same site wrote `name`.
   *
   * @param {string} name
   * @param {() => void} callback
   * @param {AbortSignal} signal Ends the watch.
   */
  watch(name, callback, signal) {
    const key = this.#prefix + name;
    window.addEventListener("storage", (event) => event.key === key && callback(), { signal });
  }

  /** @param {"localStorage" | "sessionStorage"} area @param {string} name */
  #get(area, name) {
    const key = this.#prefix + name;
    try {
      // What the browser refused to store is newer than what it has.
      const text = this.#memory.get(area + key) ?? window[area].getItem(key);
      return text ? JSON.parse(text) : null;
    } catch {
      return null;
    }
  }

  /** @param {"localStorage" | "sessionStorage"} area @param {string} name @param {unknown} value */
  #set(area, name, value) {
    const key = this.#prefix + name;
    const gone = value === null || value === undefined;
    try {
      if (gone) window[area].removeItem(key);
      else window[area].setItem(key, JSON.stringify(value));
      this.#memory.delete(area + key);
    } catch {
      this.#memory.set(area + key, gone ? "null" : JSON.stringify(value));
    }
  }
}

/** @returns {string} A random UUID; also on plain http, where crypto.randomUUID is missing. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [8, 12, 16, 20].reduceRight((id, at) => `${id.slice(0, at)}-${id.slice(at)}`, hex);
}
