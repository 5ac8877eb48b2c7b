/** The left pane: my cases, what I am asked about, who waits, colleagues' cases, what ended. */

import { AnswerRequest } from "./asking.js";
import { addressOf, open } from "./desk.js";
import { readable } from "./masked.js";
import { groups, isAsked, nameOf } from "./state.js";
import { Team } from "./team.js";
import { language, texts, word } from "./texts.js";
import { exact, span, spoken, when } from "./time.js";
import { classes, html, useLayoutEffect, useNow, useState } from "./ui.js";

/**
 * @typedef {import("./types.js").Case} Case
 * @typedef {import("./types.js").State} State
 */

const LONG = 5 * 60_000; // from here on the waiting time stands out

/** A time that counts. @param {{since: number}} props */
export function Waiting({ since }) {
  const waited = useNow() - since;
  return html`<span class=${classes("waited", waited >= LONG && "long")}>
    <span aria-hidden="true">${span(waited)}</span>
    <span class="hidden">${texts.queue.waited(spoken(waited))}</span>
  </span>`;
}

/**
 * What a case must keep to: the first reply while there is none, then the end.
 * @param {{one: Case, calm?: boolean}} props  `calm` says nothing while there is time
 */
export function TargetSign({ one, calm = false }) {
  if (!one.targets || (one.state !== "waiting" && one.state !== "claimed")) return null;
  const open = /** @type {const} */ (["first_reply", "resolution"]);
  const late = open.find((name) => one.targets[name].state === "broken" && !done(one, name));
  const name = late ?? open.find((each) => one.targets[each].state !== "met" && !done(one, each));
  if (!name) return null;
  const { state, due_at } = one.targets[name];
  if (state === "met" || (calm && state === "ok")) return null;
  return html`<span class=${classes("target", state)} title=${exact(due_at)}>
    ${texts.queue.target[state](texts.queue[name], when(due_at))}</span>`;
}

/** A late first reply that was given is over. @param {Case} one @param {string} name */
const done = (one, name) => name === "first_reply" && one.state === "claimed" && !one.awaits;

/** What else to know of an open case: served first, a promise, its language. @param {{one: Case}} props */
export function Signs({ one }) {
  const isOpen = one.state === "waiting" || one.state === "claimed";
  if (!isOpen) return null;
  return html`
    ${one.at_head && one.state === "waiting" && html`<span class="sign-head" title=${texts.queue.servedMore}>${texts.queue.served}</span>`}
    ${one.due_at && html`<span class="promise" title=${exact(one.due_at)}>${texts.queue.promised(when(one.due_at))}</span>`}
    ${one.language !== "en" && html`<span class="tongue">${language(one.language)}</span>`}
  `;
}

/** Arrow keys go through the whole queue, whatever its parts. @param {KeyboardEvent} event */
function onKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  const list = /** @type {HTMLElement} */ (event.currentTarget);
  if (step === undefined || !(event.target instanceof Element)) return;
  const links = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("a.row")]);
  const at = links.indexOf(/** @type {HTMLElement} */ (event.target.closest("a.row")));
  if (at < 0) return;
  event.preventDefault();
  links[Math.min(links.length - 1, Math.max(0, at + step))]?.focus();
}

/**
 * @param {{one: Case, openId: string|null, unread?: number, current: boolean, me?: string,
 *   writing?: boolean, unsent?: boolean}} props  `unsent`: something I sent was refused
 */
function Row({ one, openId, unread = 0, current, me, writing = false, unsent = false }) {
  const name = nameOf(one.customer, texts.case.anonymous);
  const waiting = one.state === "waiting";
  const mine = one.state === "claimed" && one.agent?.id === me;
  const at = one.ended_at ?? one.last_at ?? one.opened_at;
  const asked = isAsked(one, me);
  const words = readable(mine ? (one.last_text ?? one.question) : one.question);
  /** @param {MouseEvent} event */
  const go = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(one.id);
  };
  return html`<li>
    <a class=${classes("row", unread > 0 && "unread")} href=${addressOf(one.id)} onClick=${go}
      aria-current=${one.id === openId ? "true" : undefined} data-queue-current=${current || undefined}>
      <span class="row-top">
        <span class="row-name">${name}</span>
        ${
          unread > 0 &&
          html`<span class="count"><span aria-hidden="true">${unread}</span>
            <span class="hidden">${texts.queue.unread(unread)}</span></span>`
        }
        ${
          waiting
            ? html`<${Waiting} since=${one.since ?? 0} />`
            : html`<time datetime=${at} title=${exact(at)}>${when(at)}</time>`
        }
      </span>
      ${
        mine && writing
          ? html`<span class="row-words writing">${texts.queue.writing}</span>`
          : html`<span class="row-words" lang=${one.language}>${words || texts.queue.noQuestion}</span>`
      }
      ${asked && html`<span class="row-ask">${
        one.asked?.wants === "take"
          ? texts.queue.asksTake(one.agent?.name ?? "")
          : texts.queue.asksLook(one.agent?.name ?? "")
      }</span>`}
      <span class="row-more">
        ${waiting || mine ? word("reason", one.reason) : word("state", one.state === "claimed" ? null : one.state)}
        ${
          !waiting && !mine && one.agent
            ? html`<span class="row-agent">${texts.queue.withAgent(one.agent.name)}</span>`
            : one.topic &&
              word("topic", one.topic) !== word("reason", one.reason) &&
              html`<span class="row-topic">${word("topic", one.topic)}</span>`
        }
      </span>
      <span class="row-signs">
        ${unsent && html`<span class="unsent">${texts.queue.unsent}</span>`}
        ${mine && one.awaits && html`<span class="awaits">${texts.queue.awaits}</span>`}
        ${(waiting || mine) && html`<${TargetSign} one=${one} calm=${mine} />`}
        <${Signs} one=${one} />
      </span>
    </a>
    ${asked && html`<${AnswerRequest} one=${one} />`}
  </li>`;
}

/** Keeps the focus on a row that goes to another part of the queue, or on the current one. */
function useRowFocus() {
  const links = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".queue a.row")]);
  const focused = links().find((link) => link === document.activeElement)?.getAttribute("href");
  useLayoutEffect(() => {
    if (!focused || document.activeElement !== document.body) return;
    const row = links().find((link) => link.getAttribute("href") === focused);
    (row ?? /** @type {HTMLElement|null} */ (document.querySelector("[data-queue-current]")))?.focus();
  });
}

/** @param {{state: State}} props */
export function Queue({ state }) {
  const [endedShown, setEndedShown] = useState(false);
  useRowFocus();
  const { waiting, mine, asked, others, ended } = groups(state.cases, state.agent?.id);
  const unsent = new Set(state.outbox.filter((item) => item.refused).map((item) => item.case));
  const endedRows = endedShown ? ended : ended.filter((one) => unsent.has(one.id));
  // where F2 leads: the open case, else the first row
  const order = [...mine, ...asked, ...waiting, ...others, ...endedRows];
  const current = order.find((one) => one.id === state.openId) ?? waiting[0] ?? order[0];

  /** @param {Case[]} cases */
  const rows = (cases) =>
    html`<ul>${cases.map(
      (one) => html`<${Row} key=${one.id} one=${one} openId=${state.openId} me=${state.agent?.id}
        unread=${state.unread[one.id]} writing=${one.conversation in state.typing}
        unsent=${unsent.has(one.id)} current=${one.id === current?.id} />`,
    )}</ul>`;

  /**
   * @param {string} id
   * @param {string} heading
   * @param {Case[]} cases
   * @param {any} [empty]
   */
  const part = (id, heading, cases, empty) =>
    (cases.length > 0 || empty) &&
    html`<section class=${`queue-${id}`} aria-labelledby=${`queue-${id}`}>
      <h3 id=${`queue-${id}`}>${heading} <span class="total">${cases.length}</span></h3>
      ${cases.length ? rows(cases) : empty}
    </section>`;

  return html`<nav class="pane queue" aria-labelledby="queue-heading" onKeyDown=${onKey}>
    <h2 id="queue-heading" class="hidden">${texts.queue.heading}</h2>
    <div class="queue-list">
    ${
      state.loaded
        ? html`
            ${part("mine", texts.queue.mine, mine, html`<p class="none">${texts.queue.noneMine}</p>`)}
            ${part("asked", texts.queue.asked, asked)}
            ${part("waiting", texts.queue.waiting, waiting, html`<p class="none">${texts.queue.nobodyWaiting}</p>`)}
            ${part("others", texts.queue.others, others)}
            ${
              ended.length > 0 &&
              html`<section class="queue-ended" aria-labelledby="queue-ended">
                <h3 id="queue-ended">${texts.queue.ended}
                  <button type="button" class="quiet small" aria-expanded=${String(endedShown)}
                    aria-describedby="queue-ended" onClick=${() => setEndedShown(!endedShown)}>
                    ${endedShown ? texts.queue.hide : texts.queue.show(ended.length)}
                  </button>
                </h3>
                ${endedRows.length > 0 && rows(endedRows)}
              </section>`
            }
          `
        : html`<p class="none">${texts.loading}</p>`
    }
    </div>
    <${Team} team=${state.team} me=${state.agent?.id} />
  </nav>`;
}
