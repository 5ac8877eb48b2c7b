/**
 * The one file a site includes:
 *
 *   <script type="module" src="https://assistant.example/widget.js" async></script>
 *
 * Options are attributes of that tag, or of a `<firstline-widget>` element of the page's own.
 * It is served at `/widget.js`, the other modules of this folder at `/widget/`.
 */

// @ts-expect-error This is the address as served.
import { FirstlineWidget } from "./widget/element.js";

const NAME = "firstline-widget";
const OPTIONS = ["language", "identity", "position", "color", "theme"];

/** @returns {HTMLScriptElement | undefined} The tag that brought this module. */
function ownScript() {
  return [...document.querySelectorAll("script")].find((script) => script.src === import.meta.url);
}

/** @returns {import("./element.js").FirstlineWidget} The page's widget, made if it has none. */
function widget() {
  const present = document.querySelector(NAME);
  if (present) return /** @type {any} */ (present);
  const element = document.createElement(NAME);
  const script = ownScript();
  for (const option of OPTIONS) {
    const value = script?.dataset[option];
    if (value) element.dataset[option] = value;
  }
  document.body.append(element);
  return /** @type {any} */ (element);
}

function start() {
  if (customElements.get(NAME)) return; // the tag stands twice on the page
  FirstlineWidget.origin = new URL(import.meta.url).origin;
  customElements.define(NAME, FirstlineWidget);
  widget();
  Object.assign(window, {
    Firstline: Object.freeze({
      open: () => widget().open(),
      close: () => widget().close(),
      identify: (/** @type {string | null} */ token) => widget().identify(token),
      openArticle: (/** @type {string} */ id) => widget().openArticle(id),
    }),
  });
  window.dispatchEvent(new CustomEvent("firstline-ready"));
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
