/** Where an agent writes: a reply or a private note, as a draft that survives. */

import { EndingButtons, EndingQuestion } from "./actions.js";
import { AskedAgain, useAskedAgain } from "./asked-again.js";
import { selectGap, useCanned } from "./canned.js";
import { notify, send, store } from "./desk.js";
import { readDraft, writeDraft } from "./keep.js";
import { nameOf } from "./state.js";
import { Suggestions } from "./suggestions.js";
import { texts } from "./texts.js";
import { useTyping } from "./typing.js";
import { classes, html, useEffect, useLayoutEffect, useRef, useState } from "./ui.js";

/** @typedef {"reply"|"note"} Kind */

const HIGHEST = 0.4; // of the window

/**
 * @param {{one: import("./types.js").Case, draftTurn: number, ending: import("./types.js").Ending|null,
 *   asked?: number, noteOnly?: boolean}} props
 *   `asked` is the customer's last message; `noteOnly` in a colleague's case
 */
export function Composer({ one, draftTurn, ending, asked = 0, noteOnly = false }) {
  const me = store.get().agent?.id ?? "";
  const kept = () => ({ ...readDraft(me, one.id), ...(noteOnly && { kind: /** @type {Kind} */ ("note") }) });
  const [draft, setDraft] = useState(kept);
  const [asking, setAsking] = useState(/** @type {import("./types.js").Ending|null} */ (null));
  const field = useRef(/** @type {HTMLTextAreaElement|null} */ (null));
  const { kind } = draft;
  const text = draft[kind];
  const name = nameOf(one.customer, texts.case.anonymous);
  const again = useAskedAgain(one.id, kind === "reply" ? text : "");
  const typing = useTyping(one.id);
  const canned = useCanned({ id: one.id, text, field, change: (words) => change({ [kind]: words }) });

  useEffect(() => {
    if (draftTurn) setDraft(kept());
  }, [draftTurn]);

  // as high as its text, up to a point
  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight + 2, innerHeight * HIGHEST)}px`;
  }, [text, kind, asking]);

  /** @param {Partial<import("./keep.js").Draft>} patch */
  function change(patch) {
    keep({ ...draft, ...patch });
  }

  /** @param {import("./keep.js").Draft} next */
  function keep(next) {
    setDraft(next);
    // who takes the case after a look at it writes to the customer
    writeDraft(me, one.id, noteOnly ? { ...next, kind: "reply" } : next);
  }

  /** @param {Kind} next */
  function choose(next) {
    if (noteOnly) return;
    change({ kind: next });
    field.current?.focus();
  }

  /**
   * Puts a suggested answer below what is written.
   * @param {string} words
   * @param {Kind} [next]  what the agent goes on writing
   */
  function insertAnswer(words, next = "reply") {
    setAsking(null);
    const now = kept(); // with what was written while the words were checked
    keep({ ...now, kind: next, reply: [now.reply.trimEnd(), words].filter(Boolean).join("\n") });
    requestAnimationFrame(() => field.current?.focus());
  }

  /** A reply asks for what is known. Who has gone on to something else does not see the warning. */
  function heldBack() {
    if (field.current && kept().kind === "reply") return;
    again.dismiss();
    notify(texts.askedAgain.heldBack(name));
  }

  /**
   * Sends a suggested answer as it is; the draft stays. One that asks for what is known is put
   * into the draft instead, with the warning.
   * @param {string} words
   * @returns {Promise<boolean>}  whether it was sent
   */
  async function post(words) {
    field.current?.focus();
    if (!(await again.mayGo(words, false))) {
      heldBack();
      insertAnswer(words, kept().kind);
      return false;
    }
    send({ case: one.id, kind: "reply", text: words });
    return true;
  }

  /** @param {string} words */
  function write(words) {
    change({ [kind]: words });
    if (kind === "reply" && words.trim()) typing.on();
    else typing.off();
  }

  async function submit() {
    const words = text.trim();
    if (!words || selectGap(field.current)) return;
    typing.off();
    field.current?.focus();
    if (kind === "reply" && !(await again.mayGo(words))) return heldBack();
    // what was written while the check ran stays; who changed the words wants to look again
    const draftNow = kept();
    const now = draftNow[kind].trimStart();
    if (!now.startsWith(words)) return;
    send({ case: one.id, kind, text: words });
    again.dismiss();
    // a note is an aside: back to the customer after it
    const next = kind === "note" && !noteOnly ? "reply" : draftNow.kind;
    keep({ ...draftNow, [kind]: now.slice(words.length).trimStart(), kind: next });
  }

  /** Puts a known value where the cursor is. @param {string} value */
  function insertValue(value) {
    const area = field.current;
    if (!area) return;
    area.setRangeText(value, area.selectionStart, area.selectionEnd, "end");
    change({ [kind]: area.value });
    area.focus();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.isComposing) return; // the Enter that picks a word of an input method
    if (canned.onKey(event)) return;
    if (event.key === "." && event.ctrlKey) {
      event.preventDefault();
      choose(kind === "reply" ? "note" : "reply");
      return;
    }
    if (event.key === "Escape" && again.warning.length > 0) {
      event.preventDefault();
      again.dismiss();
      return;
    }
    if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
    const touch = matchMedia("(pointer: coarse)").matches; // there Enter is the only way to a new line
    if (touch && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    submit();
  }

  /** @param {KeyboardEvent} event */
  function onTabKey(event) {
    if (noteOnly || !["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    const next = kind === "reply" ? "note" : "reply";
    change({ kind: next });
    document.getElementById(`tab-${next}`)?.focus();
  }

  /** @param {Kind} which */
  const tab = (which) => html`<button type="button" role="tab" id=${`tab-${which}`}
    aria-selected=${String(kind === which)} aria-controls=${asking ? undefined : "composer-panel"}
    tabindex=${kind === which ? 0 : -1} onClick=${() => choose(which)}>
    ${texts.composer[which]}
    ${kind !== which && draft[which] && html` <span class="dot" title=${texts.composer.draftKept}>
      <span class="hidden">${texts.composer.draftKept}</span></span>`}
  </button>`;

  if (ending) {
    return html`<div class="composer ending" role="status">
      <p>${texts.transcript.doing[ending]}</p>
    </div>`;
  }

  return html`<section class=${classes("composer", kind)} aria-label=${texts.composer.kinds}>
    <div class="composer-top">
      <div class="tabs" role="tablist" aria-label=${texts.composer.kinds} onKeyDown=${onTabKey}>
        ${!noteOnly && tab("reply")}${tab("note")}
      </div>
      ${!noteOnly && html`<${EndingButtons} asking=${asking} setAsking=${setAsking} />`}
    </div>
    ${
      asking
        ? html`<${EndingQuestion} one=${one} asking=${asking} setAsking=${setAsking}
            draftLeft=${Boolean(draft.reply.trim() || draft.note.trim())} />`
        : html`<div role="tabpanel" id="composer-panel" aria-labelledby=${`tab-${kind}`}>
            ${kind === "reply" && html`<${Suggestions} id=${one.id} seq=${asked} insert=${insertAnswer} post=${post} />`}
            <div class="writing-field">${canned.list}
            <textarea id="composer-text" ref=${field} rows="2" value=${text}
              aria-label=${kind === "reply" ? texts.composer.replyLabel(name) : texts.composer.noteLabel}
              aria-describedby="composer-hint asked-again"
              placeholder=${kind === "reply" ? texts.composer.replyPlaceholder(name) : texts.composer.notePlaceholder}
              aria-autocomplete="list" aria-controls=${canned.current && "canned-list"}
              aria-activedescendant=${canned.current}
              onInput=${(/** @type {any} */ event) => write(event.target.value)}
              onBlur=${typing.off} onKeyDown=${onKey}></textarea></div>
            <${AskedAgain} id=${one.id} warning=${again.warning} insert=${insertValue} send=${submit} />
            <div class="composer-end">
              <p id="composer-hint" class="hint">${texts.composer.hint}</p>
              <button type="button" class="main" aria-disabled=${text.trim() ? undefined : "true"}
                onClick=${submit}>
                ${kind === "reply" ? texts.composer.send : texts.composer.saveNote}
              </button>
            </div>
          </div>`
    }
  </section>`;
}
