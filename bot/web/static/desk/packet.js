/** The right pane: the packet. Whatever it says links to the event that says it. */

import { Verified } from "./case.js";
import { addressOf, show } from "./desk.js";
import { Journey } from "./journey.js";
import { readable } from "./masked.js";
import { Outward, plain } from "./safehtml.js";
import { nameOf } from "./state.js";
import { language, texts, word } from "./texts.js";
import { hour } from "./time.js";
import { classes, html } from "./ui.js";

/**
 * @typedef {import("./types.js").Detail} Detail
 * @typedef {import("./types.js").PacketAnswer} PacketAnswer
 */

const PREVIEW = 180; // characters

/**
 * A link to one event of the transcript.
 * @param {{detail: Detail, seq: number, children?: any}} props
 */
function EventLink({ detail, seq, children }) {
  /** @param {MouseEvent} event */
  const go = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(seq);
  };
  return html`<a class="event-link" href=${`${addressOf(detail.case.id)}/event/${seq}`} onClick=${go}
    title=${texts.packet.goTo}>${children}</a>`;
}

/** @param {{detail: Detail}} props */
function Who({ detail }) {
  const { packet } = detail;
  const { customer } = packet;
  const rows = [
    [texts.packet.email, customer.email],
    [texts.packet.language, language(packet.language)],
    [texts.packet.channel, word("channel", packet.channel)],
    [texts.packet.page, packet.page && html`<${Outward} href=${packet.page}>${shortPage(packet.page)}<//>`],
    [texts.packet.id, html`<small>${customer.id}</small>`],
  ].filter(([, value]) => value);
  return html`<section aria-labelledby="packet-who">
    <h3 id="packet-who">${texts.packet.who}</h3>
    <p class="who-line"><strong>${nameOf(customer, texts.case.anonymous)}</strong> <${Verified} customer=${customer} /></p>
    <p class="hint">${customer.verified ? texts.case.verifiedMore : texts.case.unverifiedMore}</p>
    <dl class="pairs">${rows.map(([label, value]) => html`<div key=${label}><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>
  </section>`;
}

/** The part of an address that tells pages apart. @param {string} page */
function shortPage(page) {
  try {
    const url = new URL(page);
    return url.pathname === "/" ? url.host : url.pathname;
  } catch {
    return page;
  }
}

/** @param {{detail: Detail}} props */
function Facts({ detail }) {
  const { facts, order } = detail.packet;
  const times = new Map(detail.transcript.map((entry) => [entry.seq, hour(entry.at)]));
  /** @param {number} seq */
  const at = (seq) => (times.has(seq) ? ` ${texts.packet.at(times.get(seq) ?? "")}` : "");
  return html`<section aria-labelledby="packet-facts">
    <h3 id="packet-facts">${texts.packet.facts}</h3>
    ${
      facts.length === 0 && !order
        ? html`<p class="none">${texts.packet.noFacts}</p>`
        : html`<dl class="facts">
            ${facts.map(
              (fact) => html`<div key=${`${fact.kind} ${fact.seq}`}>
                <dt>${word("fact", fact.kind)}</dt>
                <dd><${EventLink} detail=${detail} seq=${fact.seq}>
                  <strong>${fact.value}</strong> <span>${word("how", fact.how)}${at(fact.seq)}</span>
                <//></dd>
              </div>`,
            )}
            ${
              order &&
              html`<div class="order">
                <dt>${texts.packet.order}</dt>
                <dd><${EventLink} detail=${detail} seq=${order.seq}>
                  <strong>${order.number}</strong> <em>${word("order", order.state)}</em>
                  <span>${word("how", "looked_up")}${at(order.seq)}</span>
                <//></dd>
              </div>`
            }
          </dl>`
    }
  </section>`;
}

/** @param {{detail: Detail, answer: PacketAnswer}} props */
function AnswerView({ detail, answer }) {
  const asked = detail.transcript.find((entry) => entry.seq === answer.question_seq);
  const failed = answer.helpful === false || detail.packet.did_not_help.includes(answer.seq);
  const text = plain(answer.text);
  const reaction = failed
    ? texts.packet.didNotHelp
    : answer.helpful
      ? texts.packet.helped
      : texts.packet.noReaction;
  return html`<li class=${classes(failed && "failed", answer.helpful && !failed && "helped")}>
    ${asked && html`<p class="asked" lang=${detail.packet.language}><${EventLink} detail=${detail} seq=${asked.seq}>${readable(asked.text)}<//></p>`}
    <p class="answered"><${EventLink} detail=${detail} seq=${answer.seq}>
      ${text.length > PREVIEW ? `${text.slice(0, PREVIEW).trimEnd()}…` : text}
    <//></p>
    <p class="answer-more">
      <span class="reaction">${reaction}</span>
      ${answer.decision && answer.decision !== "answer" && html`<span>${word("decision", answer.decision)}</span>`}
      ${answer.sources.map(
        (source) => html`<${Outward} key=${source.title} href=${source.url}>${source.title}<//>`,
      )}
    </p>
  </li>`;
}

/** @param {{state: import("./types.js").State}} props */
export function PacketPane({ state }) {
  const detail = state.openId ? state.details[state.openId] : undefined;
  const heading = html`<h2 id="packet-heading" class="hidden" tabindex="-1">${texts.packet.heading}</h2>`;
  if (!detail) {
    return html`<section class="pane packet" aria-labelledby="packet-heading">
      ${heading}
    </section>`;
  }
  const { packet } = detail;
  const touchpoints = detail.journey?.length ? detail.journey : packet.earlier;
  return html`<section class="pane packet" aria-labelledby="packet-heading" key=${state.openId}>
    ${heading}
    ${
      packet.question &&
      html`<section aria-labelledby="packet-question">
        <h3 id="packet-question">${texts.packet.question}</h3>
        <blockquote lang=${packet.language}><${EventLink} detail=${detail} seq=${packet.question.seq}>${readable(packet.question.text)}<//></blockquote>
      </section>`
    }
    <${Facts} detail=${detail} />
    <section aria-labelledby="packet-answers">
      <h3 id="packet-answers">${texts.packet.answers}</h3>
      ${
        packet.answers.length === 0
          ? html`<p class="none">${texts.packet.noAnswers}</p>`
          : html`<ol class="answers">${packet.answers.map(
              (answer) => html`<${AnswerView} key=${answer.seq} detail=${detail} answer=${answer} />`,
            )}</ol>`
      }
    </section>
    <${Who} detail=${detail} />
    <section aria-labelledby="packet-earlier">
      <h3 id="packet-earlier">${texts.packet.earlier}</h3>
      <${Journey} touchpoints=${touchpoints} conversation=${packet.conversation} />
    </section>
  </section>`;
}
