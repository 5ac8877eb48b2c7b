/** Canned replies: "/" in the composer lists them, Enter puts one in, what is not known is selected. */

import { ApiError, api } from "./api.js";
import { announce } from "./desk.js";
import { texts } from "./texts.js";
import { html, useEffect, useState } from "./ui.js";

/** @typedef {import("./types.js").Canned} Canned */

const MARK = /\[(?:customer name|agent name|order number|shop name)\]/;
const SLASH = /(?:^|\s)\/([\p{L}\p{N}-]*)$/u;
const MOST = 5; // rows at once: the list has no scroll bar, it moves with the arrows

/**
 * Selects the first field that is still to be filled in.
 * @param {HTMLTextAreaElement|null} area
 * @returns {string} the field's mark; empty when there is none
 */
export function selectGap(area) {
  const found = area?.value.match(MARK);
  if (!area || found?.index === undefined) return "";
  area.focus();
  area.setSelectionRange(found.index, found.index + found[0].length);
  announce(texts.canned.fill(found[0]));
  return found[0];
}

/**
 * @param {Canned[]} replies
 * @param {string} typed
 */
function matching(replies, typed) {
  const words = typed.toLowerCase();
  const first = replies.filter((one) => one.id.startsWith(words));
  const others = replies.filter(
    (one) => !first.includes(one) && `${one.title} ${one.text}`.toLowerCase().includes(words),
  );
  return [...first, ...others];
}

/**
 * The list below a "/" that was typed.
 * @param {object} use
 * @param {string} use.id  the case
 * @param {string} use.text  the draft
 * @param {{current: HTMLTextAreaElement|null}} use.field
 * @param {(text: string) => void} use.change
 */
export function useCanned({ id, text, field, change }) {
  const [replies, setReplies] = useState(/** @type {Canned[]} */ ([]));
  const [at, setAt] = useState(0);
  const [left, setLeft] = useState(""); // the draft for which the list was closed
  const [gap, setGap] = useState(0); // counts up when a reply was put in

  const caret = field.current?.selectionEnd ?? text.length;
  const slash = text.slice(0, caret).match(SLASH);
  const typed = slash?.[1] ?? null;
  const wanted = typed !== null && left !== text;

  useEffect(() => {
    if (!wanted) return;
    api.canned(id).then(
      (answer) => setReplies(answer.replies),
      (error) => {
        if (!(error instanceof ApiError)) throw error;
        announce(error.message);
      },
    );
  }, [id, wanted]);

  const found = wanted ? matching(replies, typed ?? "") : [];
  const open = found.length > 0;
  const current = found[Math.min(at, found.length - 1)];
  useEffect(() => {
    if (open) announce(texts.canned.found(found.length));
  }, [open, found.length]);
  useEffect(() => setAt(0), [typed]);
  const first = Math.max(0, Math.min(at, found.length - 1) - MOST + 1);

  // the field has the new text only now
  useEffect(() => {
    if (!gap || selectGap(field.current)) return;
    field.current?.focus();
    field.current?.setSelectionRange(gap, gap);
  }, [gap]);

  /** @param {Canned} one */
  function put(one) {
    const end = field.current?.selectionEnd ?? text.length;
    const begin = end - (typed?.length ?? 0) - 1;
    change(text.slice(0, begin) + one.text + text.slice(end));
    setGap(begin + one.text.length);
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key was for the list
   */
  function onKey(event) {
    if (!open || event.ctrlKey || event.altKey || event.metaKey) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setAt((at + step + found.length) % found.length);
    else if (event.key === "Enter" && !event.shiftKey && current) put(current);
    else if (event.key === "Escape") setLeft(text);
    else return false;
    event.preventDefault();
    return true;
  }

  const list =
    open &&
    html`<div class="canned"><ul id="canned-list" role="listbox" aria-label=${texts.canned.label}>
      ${found.slice(first, first + MOST).map(
        (one, place) => html`<li key=${one.id} id=${`canned-${one.id}`} role="option"
          aria-selected=${String(one === current)} aria-posinset=${first + place + 1} aria-setsize=${found.length}
          onMouseDown=${(/** @type {MouseEvent} */ event) => event.preventDefault()} onClick=${() => put(one)}>
          <strong>${one.title}</strong> <code>/${one.id}</code>
          <span class="canned-text">${one.text}</span>
          ${one.meaning && html`<span class="canned-text meaning">${one.meaning}</span>`}
        </li>`,
      )}
    </ul>
    ${found.length > MOST && html`<p class="canned-more">${texts.canned.more(found.length - MOST)}</p>`}</div>`;

  return { list, onKey, current: open ? `canned-${current?.id}` : undefined };
}
