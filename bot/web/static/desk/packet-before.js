/** What of the packet was before this case: handoffs, orders and other cases. */

import { readable } from "./masked.js";
import { addressOf } from "./desk.js";
import { EventLink } from "./packet-links.js";
import { texts, word } from "./texts.js";
import { exact, hour, when } from "./time.js";
import { classes, html } from "./ui.js";

/**
 * @typedef {import("./types.js").Detail} Detail
 * @typedef {import("./types.js").Order} Order
 * @typedef {import("./types.js").Words} Words
 */

const OPEN_ORDERS = 2; // shown unfolded

/** @param {{detail: Detail}} props */
export function Handoffs({ detail }) {
  const handoffs = detail.packet.handoffs.filter((one) => !one.current || one.spells.some((spell) => spell.end));
  if (handoffs.length === 0) return null;
  return html`<section aria-labelledby="packet-handoffs">
    <h3 id="packet-handoffs">${texts.packet.before}</h3>
    <ol class="before">
      ${handoffs.map(
        (one) => html`<li key=${one.case}>
          <p class="before-top"><${EventLink} detail=${detail} seq=${one.seq}>
            <strong>${word("reason", one.reason)}</strong> <time datetime=${one.at} title=${exact(one.at)}>${when(one.at)}</time><//></p>
          ${one.need && html`<p class="asked" lang=${detail.packet.language}><${EventLink} detail=${detail} seq=${one.need.seq}>${readable(one.need.text)}<//></p>`}
          ${one.words.map(
            (said) => html`<p key=${said.seq} class=${classes("said", said.private && "private")}><${EventLink} detail=${detail} seq=${said.seq}>
              <b>${said.name}${said.private && ` (${texts.transcript.note})`}:</b> ${readable(said.text)}<//></p>`,
          )}
          <p class="before-more">${one.spells
            .filter((spell) => spell.end)
            .map((spell) => html`<${EventLink} key=${spell.seq} detail=${detail} seq=${spell.end_seq ?? spell.seq}>
              ${spell.name}: ${word("end", spell.end)}${one.disposition && spell.end === "resolved" ? `, ${word("disposition", one.disposition)}` : ""}
              ${" "}<time datetime=${spell.at}>${hour(spell.at)}</time><//>`)}</p>
        </li>`,
      )}
    </ol>
  </section>`;
}

/** @param {{detail: Detail, order: Order}} props */
function OrderView({ detail, order }) {
  const rows = [
    order.placed && texts.packet.placed(order.placed),
    order.total && texts.packet.total(order.total),
    order.payment,
    [order.delivery, order.carrier, order.tracking].filter(Boolean).join(", "),
    order.delivered ? texts.packet.deliveredOn(order.delivered) : order.expected && texts.packet.expectedOn(order.expected),
    order.returning && texts.packet.returning(word("order", order.returning)),
  ].filter(Boolean);
  return html`<li>
    <p class="before-top"><${EventLink} detail=${detail} seq=${order.seq}>
      <strong>${order.number}</strong> <em>${word("order", order.state ?? order.shown_as)}</em>${" "}<span class="proof">${word("proof", order.proof)}${order.shown_as && `, ${texts.packet.shownByBot}`}</span><//></p>
    <ul class="order-lines">${order.lines.map(
      (line) => html`<li key=${`${line.product} ${line.size} ${line.colour}`}>${line.quantity > 1 && `${line.quantity} × `}${[line.name, line.size, line.colour].filter(Boolean).join(", ")}</li>`,
    )}</ul>
    <p class="before-more">${rows.map((row) => html`<span key=${row}>${row}</span>`)}</p>
  </li>`;
}

/** @param {{detail: Detail}} props */
export function Orders({ detail }) {
  const { orders } = detail.packet;
  if (orders.length === 0) return null;
  const shown = orders.filter((order) => order.shown_as);
  const first = [...shown, ...orders.filter((order) => !order.shown_as)].slice(0, Math.max(OPEN_ORDERS, shown.length));
  const rest = orders.filter((order) => !first.includes(order));
  /** @param {Order[]} some */
  const list = (some) => html`<ol class="before">${some.map((order) => html`<${OrderView} key=${order.number} detail=${detail} order=${order} />`)}</ol>`;
  return html`<section aria-labelledby="packet-orders">
    <h3 id="packet-orders">${texts.packet.orders}</h3>
    ${list(first)}
    ${rest.length > 0 && html`<details><summary>${texts.packet.moreOrders(rest.length)}</summary>${list(rest)}</details>`}
  </section>`;
}

/** @param {{detail: Detail}} props */
export function Cases({ detail }) {
  const cases = detail.packet.cases.filter((one) => one.conversation !== detail.packet.conversation);
  if (cases.length === 0) return null;
  return html`<section aria-labelledby="packet-cases">
    <h3 id="packet-cases">${texts.packet.cases}</h3>
    <ol class="before">
      ${cases.map((one) => {
        const open = one.state === "waiting" || one.state === "claimed";
        const ended = one.disposition ? word("disposition", one.disposition) : word("state", one.state);
        return html`<li key=${one.case} class=${classes(open && "open")}>
          <p class="before-top"><a class="event-link" href=${addressOf(one.case)}>
            <strong>${ended}</strong> <span>${word("reason", one.reason)}</span>
            ${" "}<time datetime=${one.opened_at} title=${exact(one.opened_at)}>${when(one.opened_at)}</time></a></p>
          ${one.question && html`<p class="asked">${readable(one.question.text)}</p>`}
          ${one.last_words && html`<p class="said"><a class="event-link" href=${`${addressOf(one.case)}/event/${one.last_words.seq}`}><b>${one.last_words.name}:</b> ${readable(one.last_words.text)}</a></p>`}
          ${one.notes.map((note) => html`<p key=${note.seq} class="said private"><b>${note.name} (${texts.transcript.note}):</b> ${readable(note.text)}</p>`)}
        </li>`;
      })}
    </ol>
  </section>`;
}
