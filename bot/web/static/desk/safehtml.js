/**
 * HTML from the server as nodes of ours. The server has cleaned it already; this
 * is the second wall: only known elements pass, and no attribute but a link's address.
 */

import { Fragment, html } from "./ui.js";
import { h } from "../vendor/preact.js";

const PASS = new Set(
  "p br ul ol li strong em b i code pre blockquote table thead tbody tr th td hr".split(" "),
);
const HEADING = /^h[1-6]$/;

/**
 * The address if it leads somewhere harmless, else null.
 * @param {string|null|undefined} address
 */
export function safeUrl(address) {
  if (!address) return null;
  try {
    const url = new URL(address, document.baseURI);
    return ["http:", "https:", "mailto:", "tel:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * A link to somewhere else, or only its words where the address is no good.
 * @param {{href: string|null|undefined, children?: any}} props
 */
export function Outward({ href, children }) {
  const url = safeUrl(href);
  return url
    ? html`<a href=${url} target="_blank" rel="noopener noreferrer">${children}</a>`
    : html`<span>${children}</span>`;
}

/** @param {Node} node @returns {any} */
function convert(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (!(node instanceof Element)) return null;
  const name = node.localName;
  if (name === "script" || name === "style" || name === "template") return null;
  const children = [...node.childNodes].map(convert);
  if (name === "a") return html`<${Outward} href=${node.getAttribute("href")}>${children}<//>`;
  if (HEADING.test(name)) return h("p", { class: "heading" }, children);
  return PASS.has(name) ? h(name, null, ...(children.length ? children : [])) : h(Fragment, null, children);
}

/** @param {string} source */
export function safeHtml(source) {
  // a parsed document is inert: nothing in it loads or runs
  const parsed = new DOMParser().parseFromString(source, "text/html");
  return [...parsed.body.childNodes].map(convert);
}

const LINK = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]])/g;

/**
 * Plain text with its web addresses as links.
 * @param {string} text
 */
export function linked(text) {
  return text
    .split(LINK)
    .map((part, i) => (i % 2 ? html`<${Outward} href=${part}>${part}<//>` : part));
}

/**
 * Markdown as plain words, for a short preview.
 * @param {string} text
 */
export function plain(text) {
  return text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^[ \t]*(?:#{1,6}|[-*+]|\d+\.)[ \t]+/gm, "")
    .replace(/(\*\*|__|`)/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
