/** What the server took out of a message, in the words of the page's language. */

const TOKEN = /⟦(card|iban|pesel|thai_id|nik)(?: ••••(?: (\d{4}))?)?⟧/g;

/**
 * @param {string} text As the server keeps it, with tokens for the numbers that it took out.
 * @param {import("./texts.js").Texts} texts
 * @returns {string}
 */
export function readable(text, texts) {
  return text.replace(TOKEN, (token, kind, last) => {
    const key = kind === "card" && !last ? "masked_card_part" : `masked_${kind}`;
    const words = texts.get(key, { last });
    return words ? `[${words}]` : token;
  });
}

/**
 * @param {string[]} kinds
 * @param {import("./texts.js").Texts} texts
 * @returns {string} Why they were taken out, a sentence for each; empty when nothing was.
 */
export function reasons(kinds, texts) {
  return kinds.map((kind) => texts.get(`masked_why_${kind}`)).filter(Boolean).join(" ");
}
