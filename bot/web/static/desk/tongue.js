/** Where customer and agent share no language. */

import { ask, showAskDialog } from "./asking.js";
import { askable, speaks } from "./state.js";
import { language, texts } from "./texts.js";
import { html, useState } from "./ui.js";

/** @param {{state: import("./types.js").State, one: import("./types.js").Case}} props */
export function TongueBanner({ state, one }) {
  const [error, setError] = useState("");
  const me = state.team.find((agent) => agent.id === state.agent?.id);
  const mine = one.state === "claimed" && one.agent?.id === me?.id;
  if (!me || speaks(me, one.language) || !(mine || one.state === "waiting")) return null;
  const name = language(one.language);
  const who = askable(state.team, me.id, one).find(
    (agent) => speaks(agent, one.language) && agent.state !== "away",
  );

  /** @param {import("./types.js").Colleague} agent */
  const pass = async (agent) => {
    setError(await ask(one.id, agent.id, "take", ""));
    document.getElementById("composer-text")?.focus();
  };

  return html`<div class="banner tongue-banner">
    <p><strong>${texts.tongue.foreign(name)}</strong> ${mine && texts.tongue.both}
      ${" "}${who ? texts.tongue.who(who.name, name) : texts.tongue.nobody(name)}
      ${error && html` <span class="error" role="alert">${error}</span>`}</p>
    ${
      mine &&
      !one.asked &&
      html`<div class="banner-buttons">
        ${who && html`<button type="button" class="plain" id="ask-speaker" onClick=${() => pass(who)}>${texts.tongue.ask(who.name)}</button>`}
        <button type="button" class="plain" onClick=${() => showAskDialog(true)}>${texts.tongue.choose}</button>
      </div>`
    }
  </div>`;
}
