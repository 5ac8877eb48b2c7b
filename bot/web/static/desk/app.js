/** The desk's page: log-in or the three panes, landmarks, shortcuts, title. */

import { Conversation } from "./case.js";
import { logout, showPane, start, store } from "./desk.js";
import { KeysDialog } from "./keys.js";
import { Login } from "./login.js";
import { PacketPane } from "./packet.js";
import { Queue } from "./queue.js";
import { listen } from "./shortcuts.js";
import { groups } from "./state.js";
import { PresenceSwitch } from "./team.js";
import { texts } from "./texts.js";
import { ThemeSwitch } from "./theme.js";
import { html, render, useEffect, useRef, useState } from "./ui.js";

/** @typedef {import("./types.js").Pane} Pane */

/** Where a pane's work is done; the first that exists. @type {Record<Pane, string[]>} */
const places = {
  queue: ["[data-queue-current]"],
  case: ["#composer-text", "#take-case", "#case-heading"],
  packet: ["#packet-heading"],
};

/** Puts the focus where a pane's work is done. @param {Pane} pane */
function focusPane(pane) {
  showPane(pane);
  // the pane may only now become visible
  requestAnimationFrame(() => {
    for (const selector of places[pane]) {
      const place = /** @type {HTMLElement|null} */ (document.querySelector(selector));
      if (place) return place.focus();
    }
  });
}

/** @type {Record<string, Pane>} */
const functionKeys = { F2: "queue", F4: "case", F8: "packet" };

function App() {
  const [state, setState] = useState(store.get());
  const keysDialog = useRef(null);
  useEffect(() => {
    setState(store.get()); // what happened between the first view and now
    return store.subscribe(setState);
  }, []);

  const me = state.agent?.id;
  const waiting = groups(state.cases, me).waiting.length;
  const unread = Object.values(state.unread).reduce((sum, n) => sum + n, 0);
  useEffect(() => {
    document.title = texts.title(waiting, unread);
  }, [waiting, unread]);

  useEffect(() => {
    /** @param {KeyboardEvent} event */
    function onKey(event) {
      const pane = functionKeys[event.key];
      if (!pane || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
      if (store.get().phase !== "desk" || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      focusPane(pane);
    }
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  useEffect(() => listen(() => /** @type {any} */ (keysDialog.current)?.showModal()), []);

  if (state.phase === "starting") {
    return html`<main class="starting"><h1 class="hidden">${texts.product}</h1>
      <p role="status">${state.connection === "reconnecting" ? texts.reconnecting : texts.loading}</p>
    </main>`;
  }
  if (state.phase === "login") return html`<${Login} expired=${state.expired} />`;

  /** @param {MouseEvent} event  a fragment link would change the address, which names the case */
  const skip = (event) => {
    event.preventDefault();
    focusPane("case");
  };

  const closeNotice = () => {
    store.set({ notice: null });
    focusPane(state.pane); // the button is gone
  };

  return html`
    <a class="skip" href="#case-heading" onClick=${skip}>${texts.skipToCase}</a>
    <div class="desk" data-pane=${state.pane}>
      <header class="bar">
        <h1 class="brand">${texts.product} <span>${texts.desk}</span></h1>
        <p class=${waiting ? "bar-waiting some" : "bar-waiting"}>${texts.waitingCount(waiting)}</p>
        <div class="bar-sign" role="status">
          ${
            state.connection === "reconnecting" &&
            html`<span class="sign">${texts.reconnecting}</span>
              <span class="sign-more">${texts.reconnectingMore}</span>`
          }
        </div>
        <p class="bar-agent">${state.agent?.name}</p>
        <${PresenceSwitch} me=${state.team.find((agent) => agent.id === me)} />
        <button type="button" class="quiet keys-button" aria-haspopup="dialog"
          onClick=${() => /** @type {any} */ (keysDialog.current)?.showModal()}>
          ${texts.shortcuts} <kbd aria-hidden="true">?</kbd>
        </button>
        <${ThemeSwitch} />
        <button type="button" class="quiet" onClick=${logout}>${texts.logOut}</button>
      </header>
      <div role="status">
        ${
          state.notice &&
          html`<p class="notice" key=${state.notice.turn}>${state.notice.text}
            <button type="button" class="plain" onClick=${closeNotice}>${texts.keys.close}</button></p>`
        }
      </div>
      <main class="work">
      <nav class="panes" aria-label=${texts.panes.label}>
        ${/** @type {Pane[]} */ (["queue", "case", "packet"]).map(
          (pane) => html`<button type="button" key=${pane} data-to=${pane}
            aria-current=${state.pane === pane ? "true" : undefined}
            onClick=${() => showPane(pane)}>
            ${texts.panes[pane]}
            ${pane === "queue" && waiting + unread > 0 && html` <span class="count">${waiting + unread}</span>`}
          </button>`,
        )}
      </nav>
      <${Queue} state=${state} />
      <${Conversation} state=${state} />
      <${PacketPane} state=${state} />
      </main>
    </div>
    <div class="hidden" role="status">
      ${state.announcement && html`<p key=${state.announcement.turn}>${state.announcement.text}</p>`}
    </div>
    <${KeysDialog} dialog=${keysDialog} />
  `;
}

const root = /** @type {HTMLElement} */ (document.getElementById("desk"));
render(html`<${App} />`, root);
start();
