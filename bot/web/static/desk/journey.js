/** A customer's journey: the touchpoints in order, oldest first. */

import { readable } from "./masked.js";
import { texts, word } from "./texts.js";
import { exact, when } from "./time.js";
import { classes, html } from "./ui.js";

/**
 * @param {{touchpoints: import("./types.js").Touchpoint[], conversation: string}} props
 *   `conversation` is the one that is open now
 */
export function Journey({ touchpoints, conversation }) {
  const ordered = [...touchpoints].sort((a, b) => Date.parse(a.started_at) - Date.parse(b.started_at));
  const earlier = ordered.filter((touchpoint) => touchpoint.conversation !== conversation);
  return html`
    ${earlier.length === 0 && html`<p class="none">${texts.packet.noEarlier}</p>`}
    ${
      ordered.length > 0 &&
      html`<ol class="journey">
        ${ordered.map((touchpoint) => {
          const now = touchpoint.conversation === conversation;
          const { handoffs, persons_met: persons, transfers } = touchpoint;
          const figures = [
            handoffs > 0 && texts.packet.handoffs(handoffs),
            persons > 0 && texts.packet.persons(persons),
            transfers > 0 && texts.packet.transfers(transfers),
            (touchpoint.asked_again ?? 0) > 0 && texts.packet.askedAgain(touchpoint.asked_again ?? 0),
            touchpoint.effort > 0 && texts.packet.effort(touchpoint.effort),
          ].filter(Boolean);
          return html`<li key=${`${touchpoint.conversation} ${touchpoint.started_at}`}
            class=${classes(now && "now")} aria-current=${now ? "true" : undefined}>
            <p class="journey-top">
              <time datetime=${touchpoint.started_at} title=${exact(touchpoint.started_at)}>
                ${when(touchpoint.started_at)}</time>
              <span>${[word("channel", touchpoint.channel), word("topic", touchpoint.topic)].filter(Boolean).join(" · ")}</span>
              ${touchpoint.stage && html`<span class="stage">${word("stage", touchpoint.stage)}</span>`}
            </p>
            ${now && html`<p class="journey-now">${texts.packet.thisOne}</p>`}
            ${!now && touchpoint.question && html`<p class="journey-question">${readable(touchpoint.question)}</p>`}
            <p class="journey-more">
              ${[word("outcome", touchpoint.outcome ?? "open"), ...figures].join(" · ")}
            </p>
          </li>`;
        })}
      </ol>`
    }
  `;
}
