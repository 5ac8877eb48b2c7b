/** The ways an agent's part of a case ends; each is asked about once before it is done. */

import { showAskDialog } from "./asking.js";
import { send } from "./desk.js";
import { texts } from "./texts.js";
import { html, useLayoutEffect, useRef } from "./ui.js";

/** @typedef {import("./types.js").Ending} Ending */

/**
 * @typedef {object} Props
 * @property {import("./types.js").Case} one
 * @property {Ending|null} asking  what the agent is being asked about
 * @property {(ending: Ending|null) => void} setAsking
 */

/** @param {Omit<Props, "one">} props */
export function EndingButtons({ asking, setAsking }) {
  /** @param {Ending} ending */
  const turn = (ending) => {
    if (asking !== ending) return setAsking(ending);
    setAsking(null);
    // the question had the focus and is gone with it
    requestAnimationFrame(() => {
      if (document.activeElement === document.body) document.getElementById("composer-text")?.focus();
    });
  };
  /** @param {Ending} ending */
  const button = (ending) => html`<button type="button" class="plain" id=${`ending-${ending}`}
    aria-expanded=${String(asking === ending)}
    onClick=${() => turn(ending)}>
    ${texts.actions[ending]}
  </button>`;
  return html`<div class="endings" role="group" aria-label=${texts.actions.label}>
    <button type="button" class="plain" id="ask-colleague" aria-haspopup="dialog"
      onClick=${() => showAskDialog(true)}>${texts.ask.button}</button>
    ${button("return")}${button("release")}${button("resolve")}
  </div>`;
}

/** @param {Props & {draftLeft: boolean}} props */
export function EndingQuestion({ one, asking, setAsking, draftLeft }) {
  const box = useRef(/** @type {HTMLDivElement|null} */ (null));
  useLayoutEffect(() => {
    box.current?.querySelector("button")?.focus();
  }, [asking]);
  if (!asking) return null;

  /** @param {string} [disposition] */
  const done = (disposition) => {
    setAsking(null);
    send({ case: one.id, kind: asking, disposition });
  };
  const cancel = () => {
    document.getElementById(`ending-${asking}`)?.focus();
    setAsking(null);
  };
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    if (event.key === "Escape") cancel();
  };

  const { returnAsk, releaseAsk, resolveAsk } = texts.actions;
  const ask = { return: returnAsk, release: releaseAsk, resolve: resolveAsk }[asking];
  return html`<div class="question" role="group" aria-labelledby="ending-question" ref=${box}
    onKeyDown=${onKey}>
    <p id="ending-question">${ask}${draftLeft && html` <strong>${texts.actions.draftLeft}</strong>`}</p>
    <div class="question-buttons">
      ${
        asking === "resolve"
          ? html`<button type="button" class="main" onClick=${() => done("solved")}>${texts.actions.solved}</button>
              <button type="button" class="plain" onClick=${() => done("not_solved")}>${texts.actions.not_solved}</button>
              <button type="button" class="plain" onClick=${() => done("spam")}>${texts.actions.spam}</button>`
          : html`<button type="button" class="main" onClick=${() => done()}>${texts.actions[asking]}</button>`
      }
      <button type="button" class="quiet" onClick=${cancel}>${texts.actions.cancel}</button>
    </div>
  </div>`;
}
