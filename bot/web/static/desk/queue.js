/** The left pane: who waits, my cases, my colleagues' cases, what ended lately. */

import { addressOf, open } from "./desk.js";
import { readable } from "./masked.js";
import { groups, nameOf } from "./state.js";
import { texts, word } from "./texts.js";
import { exact, span, spoken, when } from "./time.js";
import { classes, html, useNow, useState } from "./ui.js";

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
 * @param {{one: Case, openId: string|null, unread?: number, current: boolean, me?: string}} props
 */
function Row({ one, openId, unread = 0, current, me }) {
  const name = nameOf(one.customer, texts.case.anonymous);
  const waiting = one.state === "waiting";
  const mine = one.state === "claimed" && one.agent?.id === me;
  const at = one.ended_at ?? one.last_at ?? one.opened_at;
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
      <span class="row-words" lang=${one.language}>${words || texts.queue.noQuestion}</span>
      <span class="row-more">
        ${waiting || mine ? word("reason", one.reason) : word("state", one.state === "claimed" ? null : one.state)}
        ${
          !waiting && !mine && one.agent
            ? html`<span class="row-agent">${texts.queue.withAgent(one.agent.name)}</span>`
            : one.topic && html`<span class="row-topic">${word("topic", one.topic)}</span>`
        }
      </span>
    </a>
  </li>`;
}

/** @param {{state: State}} props */
export function Queue({ state }) {
  const [endedShown, setEndedShown] = useState(false);
  const { waiting, mine, others, ended } = groups(state.cases, state.agent?.id);
  // where F2 leads: the open case, else the first row
  const order = [...mine, ...waiting, ...others, ...(endedShown ? ended : [])];
  const current = order.find((one) => one.id === state.openId) ?? waiting[0] ?? order[0];

  /** @param {Case[]} cases */
  const rows = (cases) =>
    html`<ul>${cases.map(
      (one) => html`<${Row} key=${one.id} one=${one} openId=${state.openId} me=${state.agent?.id}
        unread=${state.unread[one.id]} current=${one.id === current?.id} />`,
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
    ${
      state.loaded
        ? html`
            ${part("waiting", texts.queue.waiting, waiting, html`<p class="none">${texts.queue.nobodyWaiting}</p>`)}
            <div class="queue-rest">
            ${part("mine", texts.queue.mine, mine, html`<p class="none">${texts.queue.noneMine}</p>`)}
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
                ${endedShown && rows(ended)}
              </section>`
            }
            </div>
          `
        : html`<p class="none">${texts.loading}</p>`
    }
  </nav>`;
}
