/** Answers from the knowledge to the customer's last words, ready to be put in or sent. */

import { ApiError, api } from "./api.js";
import { announce, store } from "./desk.js";
import { keyOf, read, write } from "./keep.js";
import { isCharacter, isMac, isText } from "./keyboard.js";
import { readable } from "./masked.js";
import { Outward } from "./safehtml.js";
import { texts } from "./texts.js";
import { html, useEffect, useRef, useState } from "./ui.js";

/** @typedef {import("./types.js").Suggestion} Suggestion */

/**
 * @param {{id: string, seq: number, insert: (text: string) => void,
 *   post: (text: string) => Promise<boolean>}} props
 *   `seq` is the customer's last message; `insert` puts a text into the draft, `post` sends it and
 *   says whether it did
 */
export function Suggestions({ id, seq, insert, post }) {
  const shownKey = keyOf(store.get().agent?.id ?? "", "suggestions");
  const [found, setFound] = useState(/** @type {import("./types.js").Suggestions|null} */ (null));
  const [open, setOpen] = useState(() => read(shownKey) ?? !matchMedia("(max-width: 47rem)").matches);
  const [posted, setPosted] = useState(/** @type {string[]} */ ([]));
  const rows = useRef(/** @type {HTMLOListElement|null} */ (null));

  useEffect(() => {
    if (!seq) return;
    let over = false;
    setPosted([]);
    api.suggestions(id).then(
      (answer) => over || setFound(answer),
      (error) => {
        // without suggestions an agent writes as before
        if (!(error instanceof ApiError)) throw error;
        if (!over) setFound(null);
      },
    );
    return () => {
      over = true;
    };
  }, [id, seq]);

  const list = found?.suggestions ?? [];

  /** @param {number} place @param {boolean} sending */
  async function use(place, sending) {
    const chosen = list[place];
    if (!chosen || (sending && posted.includes(chosen.title))) return;
    if (!sending) {
      insert(chosen.text);
      return;
    }
    setPosted((before) => [...before, chosen.title]); // at once: a second press sends nothing
    if (await post(chosen.text)) announce(texts.suggestions.sentNow(chosen.title));
    else setPosted((before) => before.filter((title) => title !== chosen.title));
  }

  useEffect(() => {
    /** @param {KeyboardEvent} event */
    function onKey(event) {
      // not the number pad: with Alt it writes characters by their codes
      const digit = event.code.match(/^Digit([1-3])$/)?.[1];
      if (!digit || !event.altKey || event.ctrlKey || event.metaKey) return;
      if (isMac && isText(event.target) && isCharacter(event)) return;
      if (!rows.current?.offsetParent) return; // what is not seen is not sent
      if (document.querySelector("dialog[open]") || !list[Number(digit) - 1]) return;
      event.preventDefault();
      use(Number(digit) - 1, event.shiftKey);
    }
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });

  if (list.length === 0) return null;

  function toggle() {
    write(shownKey, !open);
    setOpen(!open);
  }

  /** @param {Suggestion} one @param {number} place */
  const row = (one, place) => {
    const sent = posted.includes(one.title);
    const number = place + 1;
    return html`<li key=${`${one.article} ${one.product}`}>
      <div class="suggestion">
        <p class="suggestion-top"><strong>${one.title}</strong>
          <span>${texts.suggestions.fits(Math.round(one.probability * 100))}</span>
          ${one.told && html`<em>${texts.suggestions.told}</em>`}
          ${
            one.url &&
            html`<${Outward} href=${one.url}>${texts.suggestions.source}<span class="hidden">: ${one.title}</span><//>`
          }</p>
        <p class="suggestion-text" lang=${one.language} title=${one.text}>${one.text}</p>
        ${
          one.meaning &&
          html`<p class="suggestion-text meaning" lang="en" title=${one.meaning.text}>
            <strong>${one.meaning.title}</strong> ${one.meaning.text}</p>`
        }
      </div>
      <div class="suggestion-buttons">
        <button type="button" class="plain" aria-keyshortcuts=${`Alt+${number}`} onClick=${() => use(place, false)}>
          ${texts.suggestions.insert}<span class="hidden"> ${one.title}</span> <kbd aria-hidden="true">Alt ${number}</kbd>
        </button>
        <button type="button" class="plain" aria-keyshortcuts=${`Alt+Shift+${number}`}
          aria-disabled=${sent ? "true" : undefined} onClick=${() => use(place, true)}>
          ${sent ? texts.suggestions.sent : texts.suggestions.send}<span class="hidden"> ${one.title}</span>
          ${!sent && html` <kbd aria-hidden="true">Alt ⇧ ${number}</kbd>`}
        </button>
      </div>
    </li>`;
  };

  return html`<section class="suggestions" aria-labelledby="suggestions-heading">
    <h3 id="suggestions-heading">
      <button type="button" class="quiet" aria-expanded=${String(open)} onClick=${toggle}>
        <span class="turn" aria-hidden="true">▸</span> ${texts.suggestions.heading(list.length)}
      </button>
      ${open && found?.question && html`<span class="suggestions-for" lang=${found.language}>“${readable(found.question)}”</span>`}
    </h3>
    ${open && html`<ol ref=${rows}>${list.map(row)}</ol>`}
  </section>`;
}
