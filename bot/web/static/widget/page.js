/** What the page and the screen say about themselves. */

/** @param {HTMLElement} element @returns {string} Two-letter language code or a tag like `pt-BR`. */
export function languageOf(element) {
  return (
    element.dataset.language || document.documentElement.lang || navigator.language || "en"
  );
}

/** @returns {string} The page's address; what stands after `#` is nobody else's business. */
export function pageAddress() {
  return location.href.split("#")[0].slice(0, 2000);
}

/** @returns {boolean} The page was loaded again rather than gone to. */
export function isReload() {
  const [entry] = performance.getEntriesByType("navigation");
  return /** @type {PerformanceNavigationTiming | undefined} */ (entry)?.type === "reload";
}

/** The same test as in styles.js: the panel fills the screen. */
const FULL_SCREEN = "(max-width: 560px)";

/**
 * Keep the widget fitted to the screen; on a phone the keyboard takes half of it away.
 *
 * @param {HTMLElement} element Gets the free height and its top as custom properties.
 * @param {(full: boolean) => void} onFull Told whether the panel fills the screen.
 * @param {AbortSignal} signal
 */
export function followScreen(element, onFull, signal) {
  const full = window.matchMedia(FULL_SCREEN);
  const viewport = window.visualViewport;
  const fit = () => {
    if (!viewport || viewport.scale !== 1) return; // zoomed in by hand: leave it
    element.style.setProperty("--fl-viewport", `${Math.round(viewport.height)}px`);
    element.style.setProperty("--fl-viewport-top", `${Math.round(viewport.offsetTop)}px`);
  };
  full.addEventListener("change", () => onFull(full.matches), { signal });
  viewport?.addEventListener("resize", fit, { signal });
  viewport?.addEventListener("scroll", fit, { signal });
  onFull(full.matches);
  fit();
}
