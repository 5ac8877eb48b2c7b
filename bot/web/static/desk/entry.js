/** One entry of the transcript: who said it, what, and what is known about it. */

import { backToDraft, discard } from "./desk.js";
import { readable, reasons } from "./masked.js";
import { written } from "./outbox.js";
import { Outward, linked, safeHtml } from "./safehtml.js";
import { texts, word } from "./texts.js";
import { exact, hour } from "./time.js";
import { classes, html, useMemo } from "./ui.js";

/** @typedef {import("./types.js").Entry} Entry */

const PAUSE = 5 * 60_000; // after this long the speaker is named again

/**
 * Whether an entry goes on where the one before it stopped: same speaker, same kind, soon after.
 * @param {Entry|undefined} before
 * @param {Entry} entry
 */
export function continues(before, entry) {
  return (
    before !== undefined &&
    entry.from !== "system" &&
    before.from === entry.from &&
    before.name === entry.name &&
    Boolean(before.note) === Boolean(entry.note) &&
    Boolean(before.suppressed) === Boolean(entry.suppressed) &&
    Date.parse(entry.at) - Date.parse(before.at) < PAUSE
  );
}

/** The kind of decision and how sure the bot was. @param {Entry} entry */
function decisionOf(entry) {
  const { decision } = entry;
  if (!decision || entry.suppressed) return null;
  const kind = typeof decision === "string" ? decision : decision.kind;
  const confidence = typeof decision === "string" ? entry.confidence : decision.confidence;
  const words = [word("decision", kind)];
  if (typeof confidence === "number") words.push(texts.transcript.sure(Math.round(confidence * 100)));
  return words.join(", ");
}

/** @param {{entry: Entry, read: boolean}} props */
function Known({ entry, read }) {
  const decision = decisionOf(entry);
  const sources = entry.sources ?? [];
  const judged = typeof entry.helpful === "boolean";
  const masked = reasons(entry.masked);
  if (!decision && !sources.length && !judged && !masked && !read) return null;
  return html`<div class="entry-known">
    ${read && html`<span class="receipt">${texts.transcript.read}</span>`}
    ${masked && html`<span class="masked">${masked}</span>`}
    ${decision && html`<span class="decision">${decision}</span>`}
    ${
      sources.length > 0 &&
      html`<span class="sources"><span class="hidden">${texts.transcript.sources}: </span>
        ${sources.map(
          (source) => html`<${Outward} key=${source.title} href=${source.url}>${source.title}<//>`,
        )}
      </span>`
    }
    ${
      judged &&
      html`<span class=${entry.helpful ? "reacted good" : "reacted bad"}>
        ${entry.helpful ? texts.transcript.helped : texts.transcript.notHelped}
      </span>`
    }
  </div>`;
}

/**
 * @param {{entry: Entry, continued: boolean, customer: string, language: string, me?: string,
 *   read?: boolean}} props
 */
export function EntryView({ entry, continued, customer, language, me, read = false }) {
  // the same nodes again while nothing changed: a long transcript stays quick
  return useMemo(() => {
    const id = `event-${entry.seq}`;
    const time = html`<time datetime=${entry.at} title=${exact(entry.at)}>${hour(entry.at)}</time>`;
    if (entry.from === "system") {
      return html`<li id=${id} class="entry system" tabindex="-1"><p>${entry.text} ${time}</p></li>`;
    }
    const speaker =
      entry.from === "customer"
        ? customer
        : entry.from === "bot"
          ? texts.transcript.bot
          : (entry.name ?? "");
    const own = entry.from === "agent" && entry.name === me;
    const pressed = entry.from === "customer" && /button|click|press|feedback/.test(entry.type ?? "");
    return html`<li id=${id} tabindex="-1"
      class=${classes(
        "entry",
        entry.from,
        entry.note && "note",
        entry.suppressed && "suppressed",
        continued && "continued",
      )}>
      <p class="entry-head">
        <span class="who">${speaker}${own && html` <span class="you">(${texts.transcript.you})</span>`}</span>
        ${pressed && html` <span class="tag">${texts.transcript.pressed}</span>`}
        ${
          entry.note &&
          html` <span class="tag">${texts.transcript.note}: ${texts.transcript.noteHidden}</span>`
        }
        ${entry.suppressed && html` <span class="tag">${texts.transcript.suppressed}</span>`}
        ${" "}${time}
      </p>
      <div lang=${entry.from === "customer" ? language : undefined}
        class=${classes("entry-body", pressed && "pressed", entry.html && "rich")}>
        ${entry.html ? safeHtml(entry.html) : linked(readable(entry.text))}
      </div>
      <${Known} entry=${entry} read=${read} />
    </li>`;
  }, [entry, continued, customer, language, me, read]);
}

/**
 * Something of mine that the server has not confirmed.
 * @param {{item: import("./types.js").Outgoing, offline: boolean, me?: string, toDraft: boolean}} props
 *   `toDraft` says whether there is a place to write it anew
 */
export function OutgoingView({ item, offline, me, toDraft }) {
  const text = written(item);
  if (!text && !item.refused) return null; // the composer's place says it
  return html`<li class=${classes("entry agent outgoing", item.kind === "note" && "note")}>
    <p class="entry-head">
      <span class="who">${me} <span class="you">(${texts.transcript.you})</span></span>
      ${
        item.kind === "note" &&
        html` <span class="tag">${texts.transcript.note}: ${texts.transcript.noteHidden}</span>`
      }
    </p>
    <div class="entry-body">${
      text ? item.text : texts.actions[/** @type {import("./types.js").Ending} */ (item.kind)]
    }</div>
    ${
      item.refused
        ? html`<p class="entry-known refused" role="alert">
            <span>${texts.transcript.notSent} ${item.refused}</span>
            ${
              toDraft &&
              html`<button type="button" class="quiet small" onClick=${() => backToDraft(item)}>
                ${texts.transcript.backToDraft}
              </button>`
            }
            <button type="button" class="quiet small" onClick=${() => discard(item.client_id)}>
              ${texts.transcript.discard}
            </button>
          </p>`
        : html`<p class="entry-known">
            ${offline ? texts.transcript.waitingToSend : texts.transcript.sending}
          </p>`
    }
  </li>`;
}
