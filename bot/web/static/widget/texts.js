/**
 * Every label comes from the server in the customer's language. These few are what a first visitor
 * needs when the server cannot be reached; afterwards the last texts received are kept.
 */

/** @type {Record<string, string>} */
const WITHOUT_SERVER = {
  launcher: "Ask us",
  panel: "Chat with us",
  log: "Conversation",
  close: "Close chat",
  you: "You",
  welcome_title: "Hello! What can we help you with?",
  input: "Your message",
  placeholder: "Write your question…",
  send: "Send",
  characters_left: "Characters left: {count}",
  too_long: "Characters too many: {count}",
  talk_to_person: "Talk to a person",
  asking_person: "Asking for a person…",
  sending: "Sending…",
  sent: "Sent",
  not_sent_yet: "Not sent yet. Trying again by itself.",
  failed: "Not sent.",
  retry: "Try again",
  reconnecting: "Reconnecting…",
  unreachable:
    "We cannot be reached right now. What you write is kept and sent as soon as we are back.",
};

/** The labels of one language. */
export class Texts {
  /** @type {Record<string, string>} */
  #texts = {};
  /** Of dates and times too. */
  language = "en";

  /** @param {Record<string, string>} texts @param {string} language */
  use(texts, language) {
    this.#texts = texts;
    this.language = language;
  }

  /**
   * @param {string} key
   * @param {Record<string, string | number>} [values] Filled in for `{name}` in the text.
   * @returns {string} Empty when neither the server nor the widget knows the key.
   */
  get(key, values = {}) {
    const text = this.#texts[key] ?? WITHOUT_SERVER[key] ?? "";
    return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
  }
}
