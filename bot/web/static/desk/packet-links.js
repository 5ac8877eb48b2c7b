/** Links from the packet to the events that say what it says. */

import { readable } from "./masked.js";
import { addressOf, show } from "./desk.js";
import { texts } from "./texts.js";
import { hour } from "./time.js";
import { html } from "./ui.js";

/**
 * @typedef {import("./types.js").Detail} Detail
 * @typedef {import("./types.js").Part} Part
 */

/**
 * A link to one event of the transcript.
 * @param {{detail: Detail, seq: number, inline?: boolean, children?: any}} props
 */
export function EventLink({ detail, seq, inline = false, children }) {
  /** @param {MouseEvent} event */
  const go = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(seq);
  };
  return html`<a class=${inline ? "part" : "event-link"} href=${`${addressOf(detail.case.id)}/event/${seq}`}
    onClick=${go} title=${texts.packet.goTo}>${children}</a>`;
}

// kinds whose further events are worth a link: each is one more of the same
const COUNTED = new Set(["repeated", "handoffs"]);

/**
 * A piece of a line, as a link to the event that says it; what is counted also links to each.
 * @param {{detail: Detail, part: Part}} props
 */
export function PartLink({ detail, part }) {
  const [first, ...more] = part.events;
  if (first.conversation && first.conversation !== detail.packet.conversation) {
    const other = detail.packet.cases.find((one) => one.conversation === first.conversation);
    return other
      ? html`<a class="part" href=${`${addressOf(other.case)}/event/${first.seq}`}>${readable(part.text)}</a>`
      : html`<span>${readable(part.text)}</span>`;
  }
  return html`<${EventLink} inline detail=${detail} seq=${first.seq}>${readable(part.text)}<//>${COUNTED.has(part.kind) && more.map(
    (link) => html` <${EventLink} key=${link.seq} inline detail=${detail} seq=${link.seq}><small>${timeOf(detail, link.seq)}</small><//>`,
  )}`;
}

/**
 * When an event was, "10:42".
 * @param {Detail} detail
 * @param {number} seq
 */
export function timeOf(detail, seq) {
  const entry = detail.packet.transcript.find((one) => one.seq === seq);
  return entry ? hour(entry.at) : String(seq);
}
