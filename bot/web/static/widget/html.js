/**
 * The server's answers arrive as HTML that it has already made safe. They are still copied through
 * a short list of tags here: a widget on somebody else's page trusts no string.
 */

const TAGS = new Set(
  "a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i li ol p pre s strong sub sup table tbody td th thead tr ul".split(" "),
);
/** Dropped together with what is in them. */
const DROPPED = new Set("script style template iframe object embed svg math".split(" "));

const policy = createPolicy();

/** @returns {any} What a page that enforces Trusted Types asks for (`trusted-types firstline`). */
function createPolicy() {
  try {
    return /** @type {any} */ (window).trustedTypes?.createPolicy("firstline", {
      createHTML: (/** @type {string} */ html) => html,
    });
  } catch {
    return undefined; // not allowed by the page; DOMParser then decides
  }
}

/**
 * @param {string} url
 * @returns {string | null} Null for anything but web, mail and telephone addresses.
 */
export function safeUrl(url) {
  try {
    const { protocol } = new URL(url, document.baseURI);
    return ["http:", "https:", "mailto:", "tel:"].includes(protocol) ? url : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} html
 * @returns {DocumentFragment} Only allowed tags; links open in a new tab.
 */
export function safeFragment(html) {
  // DOMParser's document is inert: nothing in it loads or runs.
  const parsed = new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html");
  const fragment = document.createDocumentFragment();
  copy(parsed.body, fragment);
  return fragment;
}

/** @param {Node} from @param {Node} to */
function copy(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) {
      to.appendChild(document.createTextNode(node.textContent ?? ""));
    } else if (node instanceof Element) {
      const tag = node.localName;
      if (DROPPED.has(tag)) continue;
      copy(node, TAGS.has(tag) ? to.appendChild(cleanElement(node)) : to);
    }
  }
}

/** @param {Element} original @returns {HTMLElement} The same tag with the few attributes allowed. */
function cleanElement(original) {
  // Headings in an answer rank below the panel's own.
  const tag = /^h[1-6]$/.test(original.localName) ? "h3" : original.localName;
  const element = document.createElement(tag);
  if (tag === "a") {
    const href = safeUrl(original.getAttribute("href") ?? "");
    if (href) element.setAttribute("href", href);
    element.setAttribute("target", "_blank");
    element.setAttribute("rel", "noopener");
  }
  if (tag === "ol" && original.hasAttribute("start")) {
    element.setAttribute("start", original.getAttribute("start") ?? "1");
  }
  return element;
}

/**
 * @param {string} text What a person typed.
 * @returns {DocumentFragment} The same text, its web addresses as links.
 */
export function textFragment(text) {
  const fragment = document.createDocumentFragment();
  for (const part of text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]])/)) {
    if (/^https?:\/\//.test(part) && safeUrl(part)) {
      const link = document.createElement("a");
      link.href = part;
      link.target = "_blank";
      link.rel = "noopener";
      link.textContent = part;
      fragment.append(link);
    } else fragment.append(part);
  }
  return fragment;
}
