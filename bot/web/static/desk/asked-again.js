/**
 * What a reply asks for though it is known: looked for while the agent writes, shown before the
 * reply is sent. A check that fails or is slow never holds a reply back.
 */

import { api } from "./api.js";
import { addressOf, show } from "./desk.js";
import { texts, word } from "./texts.js";
import { hour, when } from "./time.js";
import { html, useEffect, useRef, useState } from "./ui.js";

/** @typedef {import("./types.js").Asked} Asked */

const SETTLE = 350; // ms without a key before a draft is looked at
const PATIENCE = 1_000; // ms that a reply waits for its check at most
const SHOWN = 160; // characters of a value

/**
 * @param {string} id  the case
 * @param {string} text  the draft of a reply; "" where there is none to check
 */
export function useAskedAgain(id, text) {
  const [warning, setWarning] = useState(/** @type {Asked[]} */ ([]));
  const words = text.trim();
  const known = useRef(/** @type {Map<string, Promise<Asked[]>>} */ (new Map()));
  const shown = useRef(false);
  shown.current = warning.length > 0;

  /** @param {string} draft  @returns {Promise<Asked[]>} */
  function look(draft) {
    const before = known.current.get(draft);
    if (before) return before;
    known.current.clear(); // only the newest draft matters
    const answer = api.check(id, draft).then(
      ({ asked }) => asked,
      () => {
        known.current.delete(draft); // the next try may do better
        return [];
      },
    );
    known.current.set(draft, answer);
    return answer;
  }

  useEffect(() => {
    if (!words) {
      setWarning([]);
      return undefined;
    }
    let current = true;
    const timer = setTimeout(async () => {
      const asked = await look(words);
      // while nobody pressed Enter, the answer is only kept
      if (current && shown.current) setWarning(asked);
    }, SETTLE);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [words]);

  return {
    warning,
    dismiss: () => setWarning([]),
    /**
     * Whether the words may go out now; if not, the warning is shown.
     * @param {string} words
     * @param {boolean} [warned]  whether the agent has seen the warning for them
     * @returns {Promise<boolean>}
     */
    async mayGo(words, warned = shown.current) {
      if (warned) return true;
      const late = new Promise((done) => setTimeout(done, PATIENCE, []));
      const asked = /** @type {Asked[]} */ (await Promise.race([look(words), late]));
      setWarning(asked);
      return asked.length === 0;
    },
  };
}

/** When and how a thing was given: "the customer typed it at 10:42". @param {Asked} asked */
function source({ how, at, fact }) {
  const time = hour(at);
  const day = when(at);
  const given = !time ? "" : day === time ? time : `${time}, ${day}`;
  const said = fact === "problem" ? texts.askedAgain.how.wrote : texts.askedAgain.how[how];
  return given ? `${said} ${texts.askedAgain.at(given)}` : said;
}

/** @param {{id: string, asked: Asked}} props */
function Source({ id, asked }) {
  const { seq } = asked;
  if (seq === null) return html`<span>${source(asked)}</span>`;
  /** @param {MouseEvent} event */
  const go = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(seq);
  };
  return html`<a href=${`${addressOf(id)}/event/${seq}`} onClick=${go}
    title=${texts.packet.goTo}>${source(asked)}</a>`;
}

/**
 * The warning in the composer. It takes no focus: a second Enter in the text box sends.
 * @param {{
 *   id: string,
 *   warning: Asked[],
 *   insert: (value: string) => void,
 *   send: () => void,
 * }} props
 */
export function AskedAgain({ id, warning, insert, send }) {
  return html`<div id="asked-again" class="asked-again" role="alert">
    ${
      warning.length > 0 &&
      html`<p class="asked-head"><strong>${texts.askedAgain.heading}</strong> ${texts.askedAgain.hint}</p>
        <ul>
          ${warning.map(
            (asked) => html`<li key=${asked.fact}>
              <span class="asked-what">${word("fact", asked.fact)}</span>
              <strong>${short(asked.value)}</strong>
              <${Source} id=${id} asked=${asked} />
              ${
                asked.fact !== "problem" &&
                html`<button type="button" class="plain" onClick=${() => insert(asked.value)}>
                  ${texts.askedAgain.insert} <span class="hidden">${word("fact", asked.fact)}</span>
                </button>`
              }
            </li>`,
          )}
        </ul>
        <button type="button" class="plain" onClick=${send}>${texts.askedAgain.send}</button>`
    }
  </div>`;
}

/** @param {string} value */
const short = (value) => (value.length > SHOWN ? `${value.slice(0, SHOWN).trimEnd()}…` : value);
