/** What stands between the messages: the welcome, the days, the end. */

import { h } from "./dom.js";

/** @typedef {import("./texts.js").Texts} Texts */

/**
 * @param {Texts} texts
 * @param {import("./types.js").Session | null} session
 * @returns {HTMLElement} Shown while there are no messages.
 */
export function welcome(texts, session) {
  const customer = session?.customer;
  return h(
    "div",
    { class: "welcome" },
    h("p", { class: "welcome-title", text: texts.get("welcome_title") }),
    h("p", { text: texts.get("welcome_text") }),
    customer
      ? h("p", { class: "signed-in", text: texts.get("signed_in", { name: customer.name }) })
      : null,
  );
}

/**
 * @param {string} at ISO time.
 * @param {string} language
 * @returns {HTMLElement} "Today", "Yesterday" or the date.
 */
export function day(at, language) {
  const midnight = (/** @type {Date} */ date) => new Date(date).setHours(0, 0, 0, 0);
  const ago = Math.round((midnight(new Date()) - midnight(new Date(at))) / 86_400_000);
  const text =
    ago === 0 || ago === 1
      ? new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-ago, "day")
      : new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(new Date(at));
  return h("p", { class: "note day", text: text.charAt(0).toLocaleUpperCase(language) + text.slice(1) });
}

/** @param {Texts} texts @returns {HTMLElement} The conversation was closed; a new one may begin. */
export function ended(texts) {
  return h("p", { class: "note ended", text: texts.get("ended") });
}
