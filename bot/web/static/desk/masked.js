/** What the server took out of a message, in words. */

import { texts } from "./texts.js";

const TOKEN = /⟦(card|iban|pesel|thai_id|nik)(?: ••••(?: (\d{4}))?)?⟧/g;

/**
 * A text with words for the tokens that stand for numbers taken out of it.
 * @param {string|null|undefined} text
 */
export function readable(text) {
  return (text ?? "").replace(TOKEN, (token, kind, last) => {
    if (kind === "card") return `[${last ? texts.masked.cardEnding(last) : texts.masked.cardPart}]`;
    return `[${texts.masked.names[kind] ?? token}]`;
  });
}

/**
 * Why something was taken out; empty when nothing was.
 * @param {string[]|undefined} kinds
 */
export function reasons(kinds) {
  const names = (kinds ?? []).map((kind) => texts.masked.names[kind] ?? kind);
  return names.length ? texts.masked.why(names.join(", ")) : "";
}
