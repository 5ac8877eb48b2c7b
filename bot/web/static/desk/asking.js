/** Asking a colleague to look at my case or to take it, and answering such a request. */

import { api } from "./api.js";
import { attempt, load, open, store } from "./desk.js";
import { askable, speaks } from "./state.js";
import { Load } from "./team.js";
import { language, texts } from "./texts.js";
import { html, useEffect, useRef, useState } from "./ui.js";

/**
 * @typedef {import("./types.js").Case} Case
 * @typedef {import("./types.js").State} State
 */

/**
 * Asks; the answer is what went wrong, empty when nothing did.
 * @param {string} id
 * @param {string} colleague
 * @param {"look"|"take"} wants
 * @param {string} text
 */
export async function ask(id, colleague, wants, text) {
  const wrong = await attempt((client_id) => api.ask(id, { client_id, colleague, wants, text }));
  if (!wrong) load(id); // for the line in the transcript; nobody waits for it
  return wrong;
}

/** @param {boolean} asking */
export const showAskDialog = (asking) => store.set({ asking });

/** The window in which I ask. @param {{state: State, one: Case}} props */
export function AskDialog({ state, one }) {
  const dialog = useRef(/** @type {HTMLDialogElement|null} */ (null));
  const others = askable(state.team, state.agent?.id, one);
  const foreign = !speaks(state.team.find((agent) => agent.id === state.agent?.id), one.language);
  const [colleague, setColleague] = useState(others[0]?.id ?? "");
  const [wants, setWants] = useState(/** @type {"look"|"take"} */ (foreign ? "take" : "look"));
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    const before = /** @type {HTMLElement|null} */ (document.activeElement);
    const shown = dialog.current;
    shown?.showModal();
    return () => {
      shown?.close(); // while it is open nothing else can have the focus
      // whoever opened the window gets the focus back, or the composer
      const place = before?.isConnected && before !== document.body ? before : null;
      (place ?? /** @type {HTMLElement|null} */ (document.querySelector("#composer-text")))?.focus();
    };
  }, []);

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    if (!colleague) return setError(texts.ask.choose);
    setBusy(true);
    setError("");
    const wrong = await ask(one.id, colleague, wants, text.trim());
    setBusy(false);
    if (wrong) setError(wrong);
    else showAskDialog(false);
  }

  /** @param {"look"|"take"} which */
  const wish = (which) => html`<label class="choice">
    <input type="radio" name="wants" value=${which} checked=${wants === which}
      onChange=${() => setWants(which)} />
    <span><strong>${texts.ask[which]}</strong>
      <span class="choice-more">${which === "look" ? texts.ask.lookMore : texts.ask.takeMore}</span></span>
  </label>`;

  return html`<dialog ref=${dialog} class="ask" aria-labelledby="ask-heading"
    onClose=${() => showAskDialog(false)}>
    <form onSubmit=${submit}>
      <h2 id="ask-heading">${texts.ask.heading}</h2>
      ${
        others.length === 0
          ? html`<p>${texts.ask.nobody}</p>`
          : html`<fieldset>
              <legend>${texts.ask.whom}</legend>
              ${others.map(
                (agent) => html`<label class="choice" key=${agent.id}>
                  <input type="radio" name="colleague" value=${agent.id} checked=${colleague === agent.id}
                    onChange=${() => setColleague(agent.id)} />
                  <span><strong>${agent.name}</strong> <${Load} agent=${agent} />
                    <span class="choice-more">${
                      speaks(agent, one.language)
                        ? texts.ask.speaks(language(one.language))
                        : texts.ask.speaksNot(language(one.language))
                    }</span></span>
                </label>`,
              )}
            </fieldset>
            <fieldset>
              <legend>${texts.ask.wants}</legend>
              ${wish("look")}${wish("take")}
            </fieldset>
            <label for="ask-text">${texts.ask.text}</label>
            <textarea id="ask-text" rows="3" value=${text} maxlength="10000"
              onInput=${(/** @type {any} */ event) => setText(event.target.value)}></textarea>`
      }
      <p class="error" role="alert">${error}</p>
      <div class="dialog-buttons">
        ${
          others.length > 0 &&
          html`<button class="main" aria-disabled=${busy ? "true" : undefined}>
            ${busy ? texts.ask.sending : texts.ask.send}
          </button>`
        }
        <button type="button" class="plain" onClick=${() => dialog.current?.close()}>${texts.ask.cancel}</button>
      </div>
    </form>
  </dialog>`;
}

/** My own request, above the composer. @param {{state: State, one: Case}} props */
export function MyRequest({ state, one }) {
  const [error, setError] = useState("");
  if (!one.asked) return null;
  const name = state.team.find((agent) => agent.id === one.asked?.agent)?.name ?? texts.ask.somebody;
  const back = async () => {
    setError(await attempt((client_id) => api.answerAsk(one.id, "decline", client_id)));
    document.getElementById("composer-text")?.focus();
  };
  return html`<div class="banner">
    <p role="status">${one.asked.wants === "take" ? texts.ask.askedTake(name) : texts.ask.askedLook(name)}
      ${error && html` <span class="error">${error}</span>`}</p>
    <button type="button" class="plain" onClick=${back}>${texts.ask.back}</button>
  </div>`;
}

/**
 * A colleague's request to me: under its row in the queue, and in the open case.
 * @param {{one: Case, id?: string}} props
 */
export function AnswerRequest({ one, id }) {
  const [error, setError] = useState("");
  /** @param {"accept"|"decline"} how */
  const answer = async (how) => {
    const wrong = await attempt((client_id) => api.answerAsk(one.id, how, client_id));
    setError(wrong);
    if (wrong) return;
    if (how === "accept") open(one.id);
    // the buttons are gone: on to the case, or to the queue
    else /** @type {HTMLElement|null} */ (document.querySelector("[data-queue-current], #case-heading"))?.focus();
    await load(one.id);
  };
  return html`<div class="request-buttons">
    ${error && html`<p class="error" role="alert">${error}</p>`}
    ${
      one.asked?.wants === "take"
        ? html`<button type="button" class="main" id=${id} onClick=${() => answer("accept")}>${texts.ask.accept}</button>
            <button type="button" class="plain" onClick=${() => answer("decline")}>${texts.ask.decline}</button>`
        : html`<button type="button" class="plain" id=${id} onClick=${() => answer("decline")}>${texts.ask.looked}</button>`
    }
  </div>`;
}
