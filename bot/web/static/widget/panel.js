/** The open widget: who answers, the messages, the text box. */

import { Composer } from "./composer.js";
import { h, icon, setText } from "./dom.js";
import { MessageList } from "./messages.js";
import { StatusStrip } from "./waiting.js";

/** Draws the store; tells what the customer does through `actions`. */
export class Panel {
  #store;
  #texts;
  #actions;

  #avatar = h("div", { class: "avatar", "aria-hidden": "true" });
  #name = h("h2", { class: "name", id: "name", dir: "auto" });
  #role = h("p", { class: "role" });
  #person = h("button", { type: "button", class: "person" }, icon("person"), h("span"));
  #close = h("button", { type: "button", class: "icon-button close" }, icon("close"));
  #strip;
  #typist = h("span", { class: "typist", dir: "auto" });
  #typing = h(
    "div",
    { class: "typing", hidden: true, "aria-hidden": "true" },
    h("i"),
    h("i"),
    h("i"),
    this.#typist,
  );
  #typingText = h("p", { class: "unseen", "aria-live": "polite" });
  #jump = h("button", { type: "button", class: "jump", hidden: true }, icon("down"), h("span"));
  #line = h("p", { class: "line", role: "status" });

  /**
   * @param {import("./store.js").Store} store
   * @param {import("./texts.js").Texts} texts
   * @param {import("./storage.js").Storage} storage
   * @param {import("./message.js").Actions} actions
   */
  constructor(store, texts, storage, actions) {
    this.#store = store;
    this.#texts = texts;
    this.#actions = actions;
    this.list = new MessageList(store, texts, actions, (news) => {
      this.#jump.hidden = !news;
      if (!news) actions.atEnd();
    });
    this.composer = new Composer(texts, storage, actions.send, actions.typing);
    this.#strip = new StatusStrip(texts, () => {
      this.composer.focus(); // the button goes away with the place
      actions.withdraw();
    });
    this.list.scroller.append(this.#typing);
    this.element = h(
      "section",
      { class: "panel", id: "panel", role: "dialog", "aria-labelledby": "name", part: "panel" },
      h(
        "header",
        {},
        this.#avatar,
        h("div", { class: "heading" }, this.#name, this.#role),
        this.#person,
        this.#close,
      ),
      this.#strip.element,
      this.#strip.spoken,
      h("div", { class: "middle" }, this.list.scroller, this.#jump),
      this.#typingText,
      this.#line,
      this.composer.element,
    );
    this.element.hidden = true;
    this.#person.addEventListener("click", () => actions.handoff());
    this.#close.addEventListener("click", () => actions.close());
    this.#jump.addEventListener("click", () => {
      this.list.toEnd();
      this.composer.focus();
    });
    this.element.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Draw the store's state. */
  render() {
    const { status, session, link, typing, speaker } = this.#store;
    const texts = this.#texts;
    const byPerson = status.owner === "agent";
    setText(this.#name, speaker || texts.get("panel"));
    setText(this.#role, texts.get(byPerson ? "role_person" : "role_assistant"));
    this.element.classList.toggle("with-person", byPerson);
    if (byPerson) this.#avatar.textContent = [...speaker][0] ?? "";
    else if (!this.#avatar.querySelector("svg")) this.#avatar.replaceChildren(icon("chat"));
    this.#close.setAttribute("aria-label", texts.get("close"));
    this.#renderPerson(byPerson);
    this.#strip.render(this.#store);
    setText(/** @type {Element} */ (this.#jump.lastElementChild), texts.get("new_messages"));

    const typist = typing === "agent" ? this.#store.typist || status.agent : session?.assistant;
    const types = typing ? texts.get("typing", { name: typist ?? "" }) : "";
    const wasAway = this.#typing.hidden;
    this.#typing.hidden = !typing;
    this.#typing.classList.toggle("agent", typing === "agent");
    setText(this.#typist, typing === "agent" ? types : "");
    setText(this.#typingText, types);

    const trouble = { starting: "", online: "", reconnecting: "reconnecting", unreachable: "unreachable" };
    setText(this.#line, trouble[link] ? texts.get(trouble[link]) : "");
    this.list.render();
    if (wasAway && typing) this.list.follow();
    this.composer.render(session?.limits?.message ?? 2000);
  }

  /** @param {boolean} fullScreen The page behind cannot be seen: keep the focus inside. */
  setModal(fullScreen) {
    if (fullScreen) this.element.setAttribute("aria-modal", "true");
    else this.element.removeAttribute("aria-modal");
  }

  /** @param {boolean} byPerson */
  #renderPerson(byPerson) {
    const { status, asking } = this.#store;
    const label = this.#texts.get(asking ? "asking_person" : "talk_to_person");
    setText(/** @type {Element} */ (this.#person.lastElementChild), label);
    this.#person.title = label;
    this.#person.hidden = byPerson;
    // Not `disabled`: that would drop the focus of who just pressed it.
    this.#person.setAttribute("aria-disabled", String(asking || status.case !== null));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      this.#actions.close();
    } else if (event.key === "Tab" && this.element.hasAttribute("aria-modal")) this.#trap(event);
  }

  /** @param {KeyboardEvent} event */
  #trap(event) {
    const stops = /** @type {HTMLElement[]} */ ([
      ...this.element.querySelectorAll("a[href], button:enabled, textarea, input, [tabindex='0']"),
    ]).filter((each) => each.offsetParent !== null);
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    const root = /** @type {ShadowRoot} */ (this.element.getRootNode());
    if (root.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
  }
}
