/** The button that opens the widget, and the dot that says there is something new. */

import { h, icon, setText } from "./dom.js";

/** Hidden until there are labels to show. */
export class Launcher {
  #label = h("span", { class: "label" });
  #dot = h("span", { class: "dot", hidden: true });
  #unread = h("span", { class: "unseen" });
  /** Says news aloud while the panel, and with it the log, is closed. */
  news = h("p", { class: "unseen", role: "status" });
  element = h(
    "button",
    {
      type: "button",
      class: "launcher",
      part: "launcher",
      hidden: true,
      "aria-haspopup": "dialog",
      "aria-expanded": "false",
    },
    icon("chat"),
    this.#label,
    this.#unread,
    this.#dot,
  );

  /**
   * @param {import("./texts.js").Texts} texts
   * @param {number} unread Messages not seen yet.
   */
  render(texts, unread) {
    setText(this.#label, texts.get("launcher"));
    this.#dot.hidden = !unread;
    const news = unread ? texts.get("new_messages") : "";
    setText(this.#unread, news ? `, ${news}` : "");
    setText(this.news, news);
  }
}
