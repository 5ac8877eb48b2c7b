/** The right pane: the packet. Whatever it says links to the event that says it. */

import { Verified } from "./case.js";
import { Journey } from "./journey.js";
import { readable } from "./masked.js";
import { Cases, Handoffs, Orders } from "./packet-before.js";
import { EventLink, PartLink, timeOf } from "./packet-links.js";
import { Outward, plain } from "./safehtml.js";
import { nameOf } from "./state.js";
import { language, texts, word } from "./texts.js";
import { exact, hour } from "./time.js";
import { classes, html } from "./ui.js";

/**
 * @typedef {import("./types.js").Detail} Detail
 * @typedef {import("./types.js").PacketAnswer} PacketAnswer
 * @typedef {import("./types.js").Line} Line
 */

const PREVIEW = 180; // characters

/** A number from 0 to 1 in percent. @param {number} share */
const percent = (share) => `${Math.round(share * 100)} %`;

/** @param {string} text */
const preview = (text) => {
  const words = readable(text);
  return words.length > PREVIEW ? `${words.slice(0, PREVIEW).trimEnd()}…` : words;
};

// what goes with the part before it, as in the line's text
const ATTACHED = new Set(["order_state", "expected", "reaction", "asked_again", "ended", "words"]);
// what goes into one row with the part before it, after a comma
const SAME_ROW = new Set(["proven_order", "language", "page"]);

/**
 * The parts of a line, one row for each that stands by itself.
 * @param {{detail: Detail, line: Line, skip?: string[]}} props
 */
function Parts({ detail, line, skip = [] }) {
  /** @type {import("./types.js").Part[][]} */
  const rows = [];
  for (const part of line.parts) {
    if (skip.includes(part.kind)) continue;
    if (rows.length && (ATTACHED.has(part.kind) || SAME_ROW.has(part.kind))) rows.at(-1)?.push(part);
    else rows.push([part]);
  }
  return html`${rows.map(
    (row, n) => html`<span key=${n} class="row-of-parts">${row.map(
      (part, i) => html`${i > 0 && (ATTACHED.has(part.kind) ? " – " : ", ")}<${PartLink}
        key=${`${part.kind} ${i}`} detail=${detail} part=${part} />`,
    )}</span>`,
  )}`;
}

/** The need in large, the other lines below it. @param {{detail: Detail}} props */
function Summary({ detail }) {
  const { need, summary } = detail.packet;
  const needs = summary.find((line) => line.kind === "needs");
  const more = needs?.parts.some((part) => part.kind !== "need");
  return html`<section class="summary" aria-labelledby="packet-need">
    <h3 id="packet-need">${texts.packet.need}</h3>
    ${
      need &&
      html`<blockquote lang=${detail.packet.language}><${EventLink} detail=${detail} seq=${need.seq}>${readable(need.text)}${!need.whole && " …"}
        ${need.how === "clicked" && html` <small>${word("how", "clicked")}</small>`}<//></blockquote>`
    }
    ${needs && more && html`<p class="needs-more"><${Parts} detail=${detail} line=${needs} skip=${["need"]} /></p>`}
    <dl class="lines">
      ${summary
        .filter((line) => line.kind !== "needs")
        .map(
          (line) => html`<div key=${line.kind} class=${`line-${line.kind}`} data-code=${line.parts[0]?.code}>
            <dt>${word("line", line.kind)}</dt>
            <dd><${Parts} detail=${detail} line=${line} /></dd>
          </div>`,
        )}
    </dl>
  </section>`;
}

/** @param {{detail: Detail}} props */
function Who({ detail }) {
  const { packet } = detail;
  const { customer } = packet;
  const rows = [
    [texts.packet.email, customer.email],
    [texts.packet.phone, customer.phone],
    [texts.packet.member, customer.member_since],
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

/** What the customer gave, with every event behind it, and the buttons pressed. @param {{detail: Detail}} props */
function Facts({ detail }) {
  const { facts, clicks } = detail.packet;
  return html`<section aria-labelledby="packet-facts">
    <h3 id="packet-facts">${texts.packet.facts}</h3>
    ${facts.length + clicks.length === 0 && html`<p class="none">${texts.packet.noFacts}</p>`}
    <dl class="facts">
      ${facts.map(
        (fact) => html`<div key=${`${fact.kind} ${fact.value}`}>
          <dt>${word("fact", fact.kind)}</dt>
          <dd>
            <strong>${fact.value}</strong>
            <span class="trail">${fact.sources.map(
              (source) => html`<${EventLink} key=${`${source.how} ${source.seq}`} detail=${detail} seq=${source.seq}>
                <span class=${classes(source.how === "verified" && "sure")}>${word("how", source.how)}</span>${" "}<time datetime=${source.at} title=${exact(source.at)}>${hour(source.at)}</time><//>`,
            )}</span>
          </dd>
        </div>`,
      )}
      ${
        clicks.length > 0 &&
        html`<div>
          <dt>${texts.packet.clicks}</dt>
          ${clicks.map(
            (click) => html`<dd key=${click.seq} lang=${detail.packet.language}><${EventLink} detail=${detail} seq=${click.seq}>
              ${click.title} <time datetime=${click.at} title=${exact(click.at)}>${hour(click.at)}</time><//></dd>`,
          )}
        </div>`
      }
    </dl>
  </section>`;
}

/** @param {{detail: Detail, answer: PacketAnswer}} props */
function AnswerView({ detail, answer }) {
  const { question, reaction } = answer;
  const failed = reaction?.helpful === false;
  const said = reaction
    ? html`<${EventLink} detail=${detail} seq=${reaction.seq}><span class="reaction">${
        failed ? texts.packet.didNotHelp : texts.packet.helped
      }</span> <time datetime=${reaction.at}>${hour(reaction.at)}</time><//>`
    : html`<span class="reaction">${texts.packet.noReaction}</span>`;
  return html`<li class=${classes(failed && "failed", reaction?.helpful && "helped")}>
    ${question && html`<p class="asked" lang=${detail.packet.language}><${EventLink} detail=${detail} seq=${question.seq}>${preview(question.text)}<//></p>`}
    <p class="answered" lang=${detail.packet.language}><${EventLink} detail=${detail} seq=${answer.seq}>${preview(plain(answer.text))}<//></p>
    <p class="answer-more">
      ${said}
      ${answer.asked_again && html`<${EventLink} detail=${detail} seq=${answer.asked_again}>${texts.packet.askedAgain}<//>`}
      ${answer.decision && answer.decision !== "answer" && html`<span>${word("decision", answer.decision)}</span>`}
      ${answer.sources.map(
        (source) => html`<${Outward} key=${source.title} href=${source.url}>${source.title}<//>`,
      )}
    </p>
  </li>`;
}

/** @param {{detail: Detail}} props */
function Answers({ detail }) {
  const { answers } = detail.packet;
  return html`<section aria-labelledby="packet-answers">
    <h3 id="packet-answers">${texts.packet.answers}</h3>
    ${
      answers.length === 0
        ? html`<p class="none">${texts.packet.noAnswers}</p>`
        : html`<ol class="answers">${answers.map(
            (answer) => html`<${AnswerView} key=${answer.seq} detail=${detail} answer=${answer} />`,
          )}</ol>`
    }
  </section>`;
}

/** What the bot made of each message, folded. @param {{detail: Detail}} props */
function Thoughts({ detail }) {
  const { thoughts, language: spoken } = detail.packet;
  if (thoughts.length === 0) return null;
  return html`<section aria-labelledby="packet-thoughts">
    <details class="thoughts">
      <summary><h3 id="packet-thoughts">${texts.packet.thoughts} <span class="total">${thoughts.length}</span></h3></summary>
      <ol>
        ${thoughts.map((thought) => {
          const asked = detail.transcript.find((entry) => entry.seq === thought.question_seq);
          return html`<li key=${thought.seq}>
            <p class="asked" lang=${spoken}><${EventLink} detail=${detail} seq=${thought.question_seq ?? thought.seq}>
              ${preview(asked?.text ?? timeOf(detail, thought.seq))}<//></p>
            ${
              thought.decision &&
              html`<p><${EventLink} detail=${detail} seq=${thought.seq}>${word("decision", thought.decision)}, ${texts.transcript.sure(Math.round(thought.confidence * 100))}<//></p>`
            }
            <dl class="shares">
              ${thought.intents.map(
                (guess) => html`<div key=${guess.intent}><dt>${word("intent", guess.intent)}</dt><dd>${percent(guess.probability)}</dd></div>`,
              )}
              ${thought.pages.map(
                (page) => html`<div key=${page.title} class=${classes(page.given && "given")} lang=${spoken}>
                  <dt>${page.title}${page.given && html` <span class="hidden">(${texts.packet.given})</span>`}</dt><dd>${percent(page.probability)}</dd></div>`,
              )}
            </dl>
          </li>`;
        })}
      </ol>
    </details>
  </section>`;
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
  const touchpoints = detail.journey?.length ? detail.journey : packet.journey;
  return html`<section class="pane packet" aria-labelledby="packet-heading" key=${state.openId}>
    ${heading}
    <${Summary} detail=${detail} />
    <${Facts} detail=${detail} />
    <${Answers} detail=${detail} />
    <${Thoughts} detail=${detail} />
    <${Handoffs} detail=${detail} />
    <${Orders} detail=${detail} />
    <${Who} detail=${detail} />
    <${Cases} detail=${detail} />
    <section aria-labelledby="packet-journey">
      <h3 id="packet-journey">${texts.packet.earlier}</h3>
      <${Journey} touchpoints=${touchpoints} conversation=${packet.conversation} />
    </section>
  </section>`;
}
