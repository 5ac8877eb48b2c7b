/** Which of my cases hold something I have not read. */

import { keyOf, read, write } from "./keep.js";

/** @typedef {import("./types.js").Case} Case */

/**
 * @param {string} agent  the agent's id; the marks are kept under it
 */
export function createReading(agent) {
  const key = keyOf(agent, "seen");
  /** @type {Map<string, number>} messages that came by the stream since the case was looked at */
  const counted = new Map();

  /** @returns {Record<string, string>} the time of the last entry read, by case */
  const seen = () => read(key) ?? {};

  return {
    /** A customer's message came while nobody looked. @param {string} id */
    missed(id) {
      counted.set(id, (counted.get(id) ?? 0) + 1);
    },
    /**
     * The case was looked at up to this time.
     * @param {string} id
     * @param {string|undefined} at
     */
    looked(id, at) {
      counted.delete(id);
      const marks = seen();
      if (at && at !== marks[id]) write(key, { ...marks, [id]: at });
    },
    /**
     * Unread messages of these cases. What came while this page was closed is not
     * counted, only marked: one for "something new".
     * @param {Case[]} mine
     * @returns {Record<string, number>}
     */
    unread(mine) {
      const marks = seen();
      return Object.fromEntries(
        mine.map((one) => {
          const news = one.last_at && marks[one.id] && one.last_at > marks[one.id] ? 1 : 0;
          return [one.id, Math.max(counted.get(one.id) ?? 0, news)];
        }),
      );
    },
    /**
     * Marks of cases that are not mine any more are of no use.
     * @param {string} id
     * @returns {boolean} whether there was one
     */
    forget(id) {
      const { [id]: mark, ...rest } = seen();
      if (mark === undefined) return false;
      write(key, rest);
      counted.delete(id);
      return true;
    },
  };
}
