/**
 * What is kept in this browser: drafts, what was read, what is not yet sent.
 * Everything stands under the agent's id, so that two people at one computer do not mix.
 */

/** Where localStorage is closed (private windows, policies), memory has to do. */
const memory = new Map();

/**
 * @param {string} key
 * @returns {any} the kept value, or null
 */
export function read(key) {
  try {
    const text = localStorage.getItem(key);
    return text === null ? null : JSON.parse(text);
  } catch {
    return memory.get(key) ?? null;
  }
}

/**
 * @param {string} key
 * @param {any} value  JSON; null removes the key
 */
export function write(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
    memory.delete(key);
  } catch {
    if (value === null) memory.delete(key);
    else memory.set(key, value);
  }
}

/**
 * @param {string} prefix
 * @returns {string[]} the keys that begin with it
 */
export function keys(prefix) {
  const found = [...memory.keys()];
  try {
    for (let i = 0; i < localStorage.length; i += 1) found.push(localStorage.key(i) ?? "");
  } catch {
    // memory is all there is
  }
  return found.filter((key) => key.startsWith(prefix));
}

/**
 * @param {string} agent
 * @param {string} what
 */
export const keyOf = (agent, what) => `firstline.desk.${agent}.${what}`;

/**
 * A new id for something sent, unguessable enough to be unique.
 * `crypto.randomUUID` exists on secure origins only; a desk on plain http in a shop's own network is none.
 * @returns {string}
 */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * @typedef {{kind: "reply"|"note", reply: string, note: string}} Draft
 */

/**
 * The draft of a case.
 * @param {string} agent
 * @param {string} id  the case
 * @returns {Draft}
 */
export function readDraft(agent, id) {
  const kept = read(keyOf(agent, `draft.${id}`));
  return { kind: "reply", reply: "", note: "", ...(kept && typeof kept === "object" ? kept : {}) };
}

/**
 * @param {string} agent
 * @param {string} id
 * @param {Draft|null} draft
 */
export function writeDraft(agent, id, draft) {
  const empty = !draft || (!draft.reply && !draft.note && draft.kind === "reply");
  write(keyOf(agent, `draft.${id}`), empty ? null : draft);
}
