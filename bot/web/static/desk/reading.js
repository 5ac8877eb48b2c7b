/** Tells the server how far I have read in my cases, once for each step. */

import { api } from "./api.js";

export function createReading() {
  /** @type {Map<string, number>} the last event told, by case */
  const told = new Map();

  return {
    /**
     * The case was looked at up to this event.
     * @param {string} id
     * @param {number} seq
     */
    looked(id, seq) {
      const before = told.get(id) ?? 0;
      if (seq <= before) return;
      told.set(id, seq);
      api.read(id, seq).catch(() => {
        // told again with the next step, or the next look
        if (told.get(id) === seq) told.set(id, before);
      });
    },
    /** Another may have read on meanwhile; begin anew. @param {string} id */
    forget: (id) => told.delete(id),
  };
}
