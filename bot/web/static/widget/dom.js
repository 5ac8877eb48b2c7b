/** Small helpers to build DOM without markup strings, so that they work under any CSP. */

/**
 * Build an element. Attributes: `class`, `text`, `on` ({event: handler}); booleans set or leave
 * out the attribute; null and undefined leave it out.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") element.textContent = String(value);
    else if (name === "on") {
      for (const [type, handler] of Object.entries(value)) element.addEventListener(type, handler);
    } else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null && child !== undefined) element.append(child);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** Paths on a 24 x 24 grid, drawn with the current text colour. */
const ICONS = {
  chat: ["M20 11.6c0 4.1-3.6 7.4-8 7.4-1.1 0-2.2-.2-3.2-.6L4.5 20l1.2-3.6A7 7 0 0 1 4 11.6C4 7.4 7.6 4 12 4s8 3.4 8 7.6Z", "M8.8 11.7h.01M12 11.7h.01M15.2 11.7h.01"],
  close: ["M6.5 6.5l11 11M17.5 6.5l-11 11"],
  send: ["M12 19V5.5M6 11l6-6 6 6"],
  person: ["M12 12.2a3.9 3.9 0 1 0 0-7.8 3.9 3.9 0 0 0 0 7.8Z", "M4.8 20c.7-3.4 3.6-5.3 7.2-5.3s6.5 1.9 7.2 5.3"],
  page: ["M7 3.8h7l4 4v12.4H7z", "M13.8 4v4.2H18M10 12.5h5M10 16h5"],
  down: ["M12 5v13M6.5 12.5 12 18l5.5-5.5"],
  retry: ["M19 12a7 7 0 1 1-2.2-5.1M17.2 3.5v3.7h-3.7"],
};

/**
 * @param {keyof typeof ICONS} name
 * @returns {SVGSVGElement} Decorative: hidden from assistive technology.
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  for (const d of ICONS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/**
 * Set text only where it differs, so that live regions speak once.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
