/** Who is at the desk: my own presence, and my colleagues with their load. */

import { api } from "./api.js";
import { announce, attempt, store } from "./desk.js";
import { language, texts } from "./texts.js";
import { classes, html, useState } from "./ui.js";

/**
 * @typedef {import("./types.js").Colleague} Colleague
 * @typedef {import("./types.js").Presence} Presence
 */

/** Why somebody is away, where they did not say so themselves. @param {Colleague} agent */
const why = (agent) =>
  agent.state === "away" && agent.why !== "chosen" ? texts.presence[agent.why] : "";

/** The switch in the header. @param {{me: Colleague|undefined}} props */
export function PresenceSwitch({ me }) {
  const [asked, setAsked] = useState(/** @type {Presence|null} */ (null));
  const state = asked ?? me?.state ?? "available";

  /** @param {Event} event */
  async function choose(event) {
    const next = /** @type {Presence} */ (/** @type {HTMLSelectElement} */ (event.target).value);
    setAsked(next);
    const wrong = await attempt(async () => {
      await api.presence(next);
      return api.agents().then(({ agents }) => {
        store.set({ team: agents });
        return {};
      });
    });
    setAsked(null);
    announce(wrong ? `${texts.presence.failed} ${wrong}` : texts.presence[next]);
  }

  return html`<div class="presence">
    <span class=${classes("light", state)} aria-hidden="true"></span>
    <select id="presence" aria-label=${texts.presence.label} value=${state} onChange=${choose}
      aria-describedby=${me && why(me) ? "presence-why" : undefined}
      title=${state === "away" ? texts.presence.awayMore : undefined}>
      ${/** @type {Presence[]} */ (["available", "busy", "away"]).map(
        (each) => html`<option key=${each} value=${each} selected=${each === state}>${texts.presence[each]}</option>`,
      )}
    </select>
    ${me && why(me) && html`<span id="presence-why" class="presence-why">${why(me)}</span>`}
  </div>`;
}

/** @param {{agent: Colleague}} props */
export function Load({ agent }) {
  return html`<span class="load">
    <span class=${classes("light", agent.state)} aria-hidden="true"></span>
    ${texts.presence[agent.state]} · ${texts.team.load(agent.holds, agent.capacity)}
  </span>`;
}

/** What somebody writes, in words. @param {Colleague} agent */
export const languagesOf = (agent) =>
  agent.languages.length ? agent.languages.map(language).join(", ") : texts.team.allLanguages;

/** The list at the foot of the queue. @param {{team: Colleague[], me?: string}} props */
export function Team({ team, me }) {
  if (team.length === 0) return null;
  const there = team.filter((agent) => agent.state === "available").length;
  return html`<details class="team">
    <summary>${texts.team.heading} <span class="total">${texts.team.available(there)}</span></summary>
    <ul>
      ${team.map(
        (agent) => html`<li key=${agent.id}>
          <p><strong>${agent.name}</strong>${agent.id === me && html` <span class="you">(${texts.team.you})</span>`}
            <${Load} agent=${agent} /></p>
          <p class="team-more">${[why(agent), languagesOf(agent)].filter(Boolean).join(" · ")}</p>
        </li>`,
      )}
    </ul>
  </details>`;
}
