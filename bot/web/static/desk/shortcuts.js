/** The keys that work everywhere in the desk. On a Mac, those with Alt leave Polish letters and accents alone. */

import { announce, showPane, store } from "./desk.js";
import { keyOf, read, write } from "./keep.js";
import { isMac, isText } from "./keyboard.js";
import { texts } from "./texts.js";

/** What a letter with Alt presses: the first of these that is on the page. @type {Record<string, string[]>} */
const buttons = {
  T: ["take-case", "answer-request"],
  R: ["tab-reply"],
  I: ["tab-note"],
  K: ["ask-colleague"],
  D: ["ending-resolve"],
  B: ["ending-return"],
  U: ["ending-release"],
};

const oneKey = () => keyOf(store.get().agent?.id ?? "", "question-key");

/** Whether "?" alone opens the help; who dictates may want it off. */
export const questionKey = () => read(oneKey()) !== false;

/** @param {boolean} on */
export const setQuestionKey = (on) => write(oneKey(), on ? null : false);

/** @param {EventTarget|null} target */
const isField = (target) =>
  target instanceof HTMLElement && Boolean(target.closest("input, textarea, select, [contenteditable]"));

/** The letter of a key, on keyboards of other scripts and on a Mac's Option layer, too. @param {KeyboardEvent} event */
const letterOf = (event) =>
  /^[a-z]$/i.test(event.key) ? event.key.toUpperCase() : (event.code.match(/^Key([A-Z])$/)?.[1] ?? "");

/** Opens the case after or before the open one, in the order of the queue. @param {number} step */
function go(step) {
  const links = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".queue a.row")]);
  if (links.length === 0) return;
  const at = links.findIndex((link) => link.getAttribute("aria-current"));
  const next = at < 0 ? 0 : (at + step + links.length) % links.length;
  links[next].click();
  links[next].scrollIntoView({ block: "nearest" });
}

/**
 * @param {() => void} help  opens the list of keys
 * @returns {() => void} ends it
 */
export function listen(help) {
  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (store.get().phase !== "desk" || document.querySelector("dialog[open]") || event.metaKey) return;
    const asks = event.key === "?" && !event.ctrlKey && !event.altKey && !isField(event.target);
    if ((asks && questionKey()) || (event.ctrlKey && event.key === "/")) {
      event.preventDefault();
      help();
      return;
    }
    if (!event.altKey || event.ctrlKey || event.shiftKey) return; // Ctrl + Alt is AltGr on some keyboards
    // AltGr writes letters; on a Mac some browsers call the Option key so
    if (!isMac && event.getModifierState("AltGraph")) return;
    const writing = isText(event.target);
    if (writing && event.key === "Dead") return; // begins a letter with an accent
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (event.target instanceof HTMLSelectElement || (isMac && writing)) return;
      event.preventDefault();
      go(event.key === "ArrowDown" ? 1 : -1);
      return;
    }
    const letter = letterOf(event);
    if (letter === "P") {
      event.preventDefault();
      document.getElementById("presence")?.focus();
    } else if (letter in buttons) {
      event.preventDefault();
      const button = buttons[letter].map((id) => document.getElementById(id)).find((found) => found);
      if (!button) return announce(texts.keys.notHere);
      showPane("case");
      button.click();
    }
  }
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
}
