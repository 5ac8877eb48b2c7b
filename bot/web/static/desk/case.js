/** The middle pane: one case, its transcript, and what can be done with it. */

import { AnswerRequest, AskDialog, MyRequest } from "./asking.js";
import { Composer } from "./composer.js";
import { claim, load, open } from "./desk.js";
import { written } from "./outbox.js";
import { Signs, TargetSign, Waiting } from "./queue.js";
import { groups, isAsked, nameOf } from "./state.js";
import { texts, word } from "./texts.js";
import { TongueBanner } from "./tongue.js";
import { Transcript } from "./transcript.js";
import { classes, html, useEffect, useRef } from "./ui.js";

/**
 * @typedef {import("./types.js").Case} Case
 * @typedef {import("./types.js").State} State
 */

/** @param {{customer: Case["customer"]}} props */
export function Verified({ customer }) {
  return customer.verified
    ? html`<span class="badge verified"><span aria-hidden="true">✓ </span>${texts.case.verified}</span>`
    : html`<span class="badge">${texts.case.unverified}</span>`;
}

/** @param {{one: Case, me?: string}} props */
function Head({ one, me }) {
  const about = [word("reason", one.reason), word("topic", one.topic), word("channel", one.channel)];
  return html`<header class="case-head">
    <h2 id="case-heading" tabindex="-1">${nameOf(one.customer, texts.case.anonymous)}</h2>
    <${Verified} customer=${one.customer} />
    <p class="case-about">${[...new Set(about.filter(Boolean))].join(" · ")}</p>
    <p class="row-signs"><${TargetSign} one=${one} calm=${one.state !== "waiting"} /><${Signs} one=${one} /></p>
    <p class="case-state">
      ${
        one.state === "waiting"
          ? html`${texts.case.waiting} <${Waiting} since=${one.since ?? 0} />`
          : one.state === "claimed"
            ? one.agent?.id === me
              ? texts.case.claimedByMe
              : texts.queue.withAgent(one.agent?.name ?? "")
            : word("state", one.state)
      }
    </p>
  </header>`;
}

/** A line at the foot, with what to do next. @param {{text: string, next: Case|undefined}} props */
function Ended({ text, next }) {
  return html`<div class="case-foot">
    <p>${text}</p>
    ${next && html`<button type="button" class="plain" onClick=${() => open(next.id)}>${texts.case.next}</button>`}
  </div>`;
}

/** @param {{one: Case, state: State}} props */
function Foot({ one, state }) {
  const me = state.agent?.id;
  const next = groups(state.cases, me).waiting.find((other) => other.id !== one.id);
  const error = state.claimError?.id === one.id ? state.claimError.message : "";
  if (one.state === "claimed" && one.agent?.id === me) {
    const ending = state.outbox.find(
      (item) => item.case === one.id && !item.refused && !written(item),
    );
    const asked = state.details[one.id]?.transcript.findLast((entry) => entry.from === "customer");
    return html`<${MyRequest} state=${state} one=${one} />
      <${TongueBanner} state=${state} one=${one} />
      <${Composer} key=${one.id} one=${one} draftTurn=${state.draftTurn} asked=${asked?.seq}
        ending=${ending?.kind ?? null} />
      ${state.asking && html`<${AskDialog} state=${state} one=${one} />`}`;
  }
  if (isAsked(one, me)) return html`<${Asked} one=${one} state=${state} />`;
  if (one.state === "waiting") {
    const taking = state.claiming === one.id;
    return html`<${TongueBanner} state=${state} one=${one} /><div class="case-foot take">
      <p role="alert" class="error">${error}</p>
      ${!error && html`<p>${texts.case.takeHint}</p>`}
      <button type="button" id="take-case" class="main" aria-disabled=${taking ? "true" : undefined}
        onClick=${() => claim(one.id)}>
        ${taking ? texts.case.taking : html`${texts.case.take} <kbd aria-hidden="true">Alt T</kbd>`}
      </button>
    </div>`;
  }
  if (error) {
    return html`<div class="case-foot">
      <p role="alert"><strong>${error}</strong> ${texts.case.goodHands}</p>
      ${next && html`<button type="button" class="plain" onClick=${() => open(next.id)}>${texts.case.next}</button>`}
    </div>`;
  }
  if (one.state === "claimed") {
    return html`<${Ended} text=${texts.case.withOther(one.agent?.name ?? "")} next=${next} />`;
  }
  const said = one.state === "resolved" ? texts.case.resolved : texts.case.returned;
  return html`<${Ended} next=${next}
    text=${[said, word("disposition", one.disposition)].filter(Boolean).join(" ")} />`;
}

/** A colleague asks me about their case. @param {{one: Case, state: State}} props */
function Asked({ one, state }) {
  const asker = one.agent?.name ?? "";
  const said = state.details[one.id]?.transcript.findLast((entry) => entry.type === "colleague.asked");
  return html`<div class="banner request">
      <p><strong>${one.asked?.wants === "take" ? texts.queue.asksTake(asker) : texts.queue.asksLook(asker)}.</strong>
        ${" "}${said?.text} ${one.asked?.wants === "look" && texts.ask.noteHint}</p>
      <${AnswerRequest} one=${one} id="answer-request" />
    </div>
    <${Composer} key=${one.id} one=${one} draftTurn=${state.draftTurn} ending=${null} noteOnly />`;
}

/** @param {{state: State}} props */
function NoCase({ state }) {
  const first = groups(state.cases, state.agent?.id).waiting[0];
  return html`<section class="pane case empty" aria-labelledby="case-heading">
    <h2 id="case-heading" tabindex="-1">${texts.case.noneOpen}</h2>
    <p>${first ? texts.case.pick : texts.case.pickEmpty}</p>
    ${first && html`<button type="button" class="main" onClick=${() => open(first.id)}>${texts.case.openFirst}</button>`}
  </section>`;
}

/** @param {{state: State}} props */
export function Conversation({ state }) {
  const { openId, agent } = state;
  const detail = openId ? state.details[openId] : undefined;
  const one = state.cases.find((each) => each.id === openId) ?? detail?.case;
  const mine = one?.state === "claimed" && one.agent?.id === agent?.id;
  const asked = one ? isAsked(one, agent?.id) : false;
  const ready = Boolean(detail);

  // an opened case takes the focus: to write in mine, to read in others
  const shown = useRef("");
  useEffect(() => {
    if (!openId || !ready) return;
    const place = `${openId} ${mine} ${asked}`;
    if (shown.current === place) return;
    const taken = shown.current.startsWith(openId);
    shown.current = place;
    // an event that is pointed at has it
    if (state.highlight && document.activeElement !== document.body) return;
    const field = matchMedia("(pointer: coarse)").matches ? null : document.querySelector("#composer-text");
    const heading = document.querySelector("#case-heading");
    if (taken && !mine && document.activeElement !== document.body) return;
    /** @type {HTMLElement|null} */ (field ?? heading)?.focus({ preventScroll: true });
  });

  if (!openId) return html`<${NoCase} state=${state} />`;
  const failed = state.loadError?.id === openId ? state.loadError.message : "";
  return html`<section class=${classes("pane case", one && `is-${one.state}`)} aria-labelledby="case-heading">
    ${one ? html`<${Head} one=${one} me=${agent?.id} />` : html`<h2 id="case-heading" class="hidden" tabindex="-1">${texts.panes.case}</h2>`}
    ${
      detail
        ? html`<${Transcript} key=${openId} detail=${detail} outbox=${state.outbox} agent=${agent}
            offline=${state.connection === "reconnecting"} highlight=${state.highlight}
            readUpTo=${one?.read_by_customer ?? 0} writing=${one ? one.conversation in state.typing : false}
            drafts=${mine ? ["reply", "note"] : asked ? ["note"] : []} />`
        : html`<div class="transcript-frame"><p class="none" role="status">
            ${failed ? `${texts.case.notLoaded} ${failed}` : texts.loading}
            ${failed && html` <button type="button" class="plain" onClick=${() => load(openId)}>${texts.case.retry}</button>`}
          </p></div>`
    }
    ${one && detail && html`<${Foot} one=${one} state=${state} />`}
  </section>`;
}
