/** What can go wrong with a request, and how long to wait before the next. */

/** An answer of the server that is not a success. */
export class HttpError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {number} retryAfter Seconds, 0 if unsaid.
   * @param {string} said The server's sentence.
   */
  constructor(status, code, retryAfter = 0, said = "") {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
    this.said = said;
  }

  /** @returns {boolean} Worth another try later, unchanged. */
  get passing() {
    return this.status >= 500 || this.status === 408 || this.status === 429;
  }
}

/**
 * @param {number} failures In a row, from 1.
 * @returns {number} Milliseconds to wait: doubling to 15 s, scattered, so that all the pages that
 *   lost the same server do not come back in the same moment.
 */
export function backOff(failures) {
  return Math.min(15_000, 500 * 2 ** Math.min(failures - 1, 6)) * (0.5 + Math.random() / 2);
}
