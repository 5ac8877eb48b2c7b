/** Below a notice: where the customer can be reached if they have to go before a person comes. */

import { h, setText } from "./dom.js";
import { HttpError } from "./http.js";
import { newId } from "./storage.js";

/** @typedef {"email" | "phone"} Kind */

/** A short form; the server judges what was written, and its sentence is shown. */
export class ContactForm {
  #texts;
  #give;
  /** @type {Kind} */
  #kind = "email";
  #sending = false;
  /** The same address sent again is the same one: it is noted once. */
  #attempt = { value: "", id: "" };

  #legend = h("legend");
  #labels = { email: h("span"), phone: h("span") };
  #label;
  #input;
  #save = h("button", { type: "submit", class: "chip small" });
  #wrong;
  element;

  /**
   * @param {string} key Unlike that of any other form of the page.
   * @param {import("./texts.js").Texts} texts
   * @param {(kind: Kind, value: string, clientId: string) => Promise<void>} give Throws when it was
   *   not taken.
   */
  constructor(key, texts, give) {
    this.#texts = texts;
    this.#give = give;
    const id = `${key}-contact`;
    this.#label = h("label", { for: id });
    this.#input = h("input", { id, class: "address", dir: "ltr", maxlength: "254" });
    this.#wrong = h("p", { class: "wrong", id: `${id}-wrong`, role: "alert" });
    this.element = h(
      "form",
      { class: "contact", novalidate: true },
      h("fieldset", {}, this.#legend, this.#radio(id, "email"), this.#radio(id, "phone")),
      this.#label,
      h("div", { class: "row" }, this.#input, this.#save),
      this.#wrong,
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    this.#input.addEventListener("input", () => this.#say(""));
    this.#choose("email");
  }

  /** Put the labels on, in the language of now. */
  label() {
    const texts = this.#texts;
    setText(this.#legend, texts.get("contact_how"));
    setText(this.#labels.email, texts.get("contact_email"));
    setText(this.#labels.phone, texts.get("contact_phone"));
    const key = this.#kind === "email" ? "contact_email_label" : "contact_phone_label";
    setText(this.#label, texts.get(key));
    setText(this.#save, texts.get("contact_save"));
  }

  /** @param {string} id @param {Kind} kind */
  #radio(id, kind) {
    const choice = h("input", {
      type: "radio",
      name: `${id}-kind`,
      value: kind,
      checked: kind === "email",
      on: { change: () => this.#choose(kind) },
    });
    return h("label", { class: "choice" }, choice, this.#labels[kind]);
  }

  /** @param {Kind} kind */
  #choose(kind) {
    this.#kind = kind;
    // Neither type judges the text: the server does, and says it in the customer's language.
    this.#input.type = kind === "email" ? "email" : "tel";
    this.#input.setAttribute("autocomplete", kind === "email" ? "email" : "tel");
    this.#input.setAttribute("inputmode", kind === "email" ? "email" : "tel");
    this.label();
    this.#say("");
  }

  async #submit() {
    const value = this.#input.value.trim();
    if (this.#sending) return;
    if (!value) {
      this.#input.focus();
      return;
    }
    if (this.#attempt.value !== this.#kind + value) {
      this.#attempt = { value: this.#kind + value, id: newId() };
    }
    this.#sending = true;
    this.#save.setAttribute("aria-disabled", "true");
    this.#say("");
    try {
      await this.#give(this.#kind, value, this.#attempt.id);
    } catch (error) {
      const said = error instanceof HttpError && error.status === 400 ? error.said : "";
      this.#say(said || this.#texts.get("failed"));
      this.#input.focus();
    } finally {
      this.#sending = false;
      this.#save.removeAttribute("aria-disabled");
    }
  }

  /** @param {string} sentence What is wrong; empty for nothing. */
  #say(sentence) {
    setText(this.#wrong, sentence);
    if (!sentence) {
      this.#input.removeAttribute("aria-invalid");
      this.#input.removeAttribute("aria-describedby");
      return;
    }
    this.#input.setAttribute("aria-invalid", "true");
    this.#input.setAttribute("aria-describedby", this.#wrong.id);
    this.element.scrollIntoView({ block: "nearest" }); // it has grown
  }
}
