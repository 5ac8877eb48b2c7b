/** One message: who, what, where it comes from, and what can be done with it. */

import { h, icon } from "./dom.js";
import { safeFragment, safeUrl, textFragment } from "./html.js";
import { readable, reasons } from "./masked.js";

/**
 * @typedef {import("./types.js").Entry} Entry
 * @typedef {import("./texts.js").Texts} Texts
 *
 * @typedef {object} Actions What the customer can do.
 * @property {(text: string) => void} send
 * @property {(entry: Entry, button: import("./types.js").ReplyButton) => void} choose
 * @property {(entry: Entry, helpful: boolean) => void} feedback
 * @property {(clientId: string) => void} retry
 * @property {() => void} handoff
 * @property {() => void} withdraw
 * @property {(kind: "email" | "phone", value: string, clientId: string) => Promise<void>} contact
 *   Throws when it was not taken.
 * @property {(hasText: boolean) => void} typing
 * @property {() => void} atEnd The reader is at the end of the list.
 * @property {() => void} close
 *
 * @typedef {object} View What changes about a message after it was shown.
 * @property {boolean} first It begins a run of messages of one speaker.
 * @property {boolean} lastOwn The customer's latest: its delivery is worth a word.
 * @property {boolean} seen An agent has read it.
 * @property {boolean} choosable Its quick replies still fit.
 * @property {string} used The quick reply that was chosen, or empty.
 * @property {boolean | null} helpful
 * @property {import("./types.js").Delivery} delivery
 * @property {string} speaker
 * @property {boolean} hasForm The customer may fill something in below it.
 */

/**
 * @param {Entry} entry
 * @param {Texts} texts
 * @returns {HTMLElement} Without the parts that change: see `updateMessage`.
 */
export function createMessage(entry, texts) {
  const body = h("div", { class: "body", id: `${entry.key}-body`, dir: "auto" });
  return h(
    "article",
    {
      class: `message ${entry.from}`,
      tabindex: "-1",
      "data-key": entry.key,
      "aria-labelledby": `${entry.key}-who`,
      "aria-describedby": `${entry.key}-body`,
    },
    h("div", { class: "who", id: `${entry.key}-who` }),
    h("div", { class: "bubble" }, body, sources(entry, texts)),
    h("div", { class: "after" }),
  );
}

/**
 * @param {HTMLElement} node
 * @param {Entry} entry
 * @param {View} view
 * @param {Texts} texts
 * @param {Actions} actions
 * @param {HTMLElement | null} form Stands below the text; it is not drawn anew, as somebody may be
 *   writing in it.
 */
export function updateMessage(node, entry, view, texts, actions, form) {
  write(node, entry, texts);
  const signature = JSON.stringify([view, entry.cursor, entry.at, entry.masked]);
  if (node.dataset.drawn === signature) return;
  node.dataset.drawn = signature;
  node.dataset.cursor = entry.cursor ?? "";
  node.dataset.delivery = view.delivery;
  node.classList.toggle("first", view.first);

  const who = /** @type {HTMLElement} */ (node.querySelector(".who"));
  who.replaceChildren(
    h("span", { text: view.speaker }),
    entry.from === "agent" ? h("span", { class: "badge", text: texts.get("person") }) : "",
  );
  who.classList.toggle("unseen", !view.first || entry.from === "customer" || entry.from === "system");

  const after = /** @type {HTMLElement} */ (node.querySelector(".after"));
  const focused = /** @type {ShadowRoot} */ (node.getRootNode()).activeElement;
  const oldForm = node.querySelector("form");
  const hadFocus = after.contains(focused) || Boolean(!form && oldForm?.contains(focused));
  if (!form) oldForm?.remove();
  else if (form !== oldForm) after.before(form);
  after.replaceChildren();
  const why = reasons(entry.masked, texts);
  if (why) after.append(h("p", { class: "masked", text: why }));
  if (entry.from !== "system") after.append(meta(entry, view, texts, actions));
  if (entry.asksFeedback && entry.cursor) after.append(feedback(entry, view, texts, actions));
  if (entry.buttons.length) after.append(quickReplies(entry, view, texts, actions));
  if (hadFocus) node.focus(); // what was pressed is gone: stay at its message
}

/** What stands in each message now. @type {WeakMap<HTMLElement, string>} */
const written = new WeakMap();

/**
 * The words of a message, again where they changed: the server's version of the customer's own may
 * lack a number, and a later message can take one out of an earlier.
 *
 * @param {HTMLElement} node @param {Entry} entry @param {Texts} texts
 */
function write(node, entry, texts) {
  const words = entry.html ?? entry.text;
  if (written.get(node) === words) return;
  written.set(node, words);
  const body = /** @type {HTMLElement} */ (node.querySelector(".body"));
  body.replaceChildren(
    entry.html ? safeFragment(entry.html) : textFragment(readable(entry.text, texts)),
  );
}

/** @param {Entry} entry @param {Texts} texts */
function sources(entry, texts) {
  const usable = entry.sources.filter((source) => safeUrl(source.url));
  if (!usable.length) return null;
  const links = usable.map((source) =>
    h(
      "li",
      {},
      h(
        "a",
        { href: source.url, target: "_blank", rel: "noopener" },
        icon("page"),
        h("span", { text: source.title, dir: "auto" }),
        h("span", { class: "unseen", text: ` (${texts.get("new_tab")})` }),
      ),
    ),
  );
  return h("ul", { class: "sources", "aria-label": texts.get("sources") }, ...links);
}

/** @param {Entry} entry @param {View} view @param {Texts} texts @param {Actions} actions */
function meta(entry, view, texts, actions) {
  const line = h("div", { class: "meta" });
  if (entry.from === "customer" && view.delivery !== "sent") {
    const key = { sending: "sending", waiting: "not_sent_yet", failed: "failed" }[view.delivery];
    line.append(h("span", { class: "delivery", text: texts.get(key) }));
    if (view.delivery === "failed" || view.delivery === "waiting") {
      const retry = () => entry.clientId && actions.retry(entry.clientId);
      line.append(
        h(
          "button",
          { type: "button", class: "retry", on: { click: retry } },
          icon("retry"),
          h("span", { text: texts.get("retry") }),
        ),
      );
    }
    return line;
  }
  line.append(h("time", { datetime: entry.at, text: clock(entry.at, texts.language) }));
  if (view.lastOwn) line.append(h("span", { class: "delivery", text: texts.get(view.seen ? "seen" : "sent") }));
  return line;
}

/** @param {Entry} entry @param {View} view @param {Texts} texts @param {Actions} actions */
function feedback(entry, view, texts, actions) {
  if (view.helpful !== null) {
    const said = texts.get(view.helpful ? "helped_yes" : "helped_no");
    return h("p", { class: "feedback said", text: said });
  }
  const button = (/** @type {boolean} */ helpful) =>
    h("button", {
      type: "button",
      class: "chip small",
      "data-helpful": String(helpful),
      text: texts.get(helpful ? "yes" : "no"),
      on: { click: () => actions.feedback(entry, helpful) },
    });
  const id = `${entry.key}-help`;
  return h(
    "div",
    { class: "feedback", role: "group", "aria-labelledby": id },
    h("span", { id, text: texts.get("did_this_help") }),
    button(true),
    button(false),
  );
}

/** @param {Entry} entry @param {View} view @param {Texts} texts @param {Actions} actions */
function quickReplies(entry, view, texts, actions) {
  const buttons = entry.buttons.map((button) =>
    h("button", {
      type: "button",
      class: button.title === view.used ? "chip chosen" : "chip",
      dir: "auto",
      disabled: !view.choosable,
      text: button.title,
      on: { click: () => actions.choose(entry, button) },
    }),
  );
  const label = texts.get("quick_replies");
  return h("div", { class: "quick-replies", role: "group", "aria-label": label }, ...buttons);
}

/** @param {string} at @param {string} language @returns {string} Hours and minutes, local. */
export function clock(at, language) {
  const date = new Date(at);
  if (Number.isNaN(date.valueOf())) return "";
  return new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" }).format(date);
}
