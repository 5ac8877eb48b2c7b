/** Light or dark: as the system has it, until the agent says otherwise in this browser. */

import { texts } from "./texts.js";
import { html, useEffect, useState } from "./ui.js";

const KEY = "firstline.desk.theme"; // early.js reads it, too
const system = matchMedia("(prefers-color-scheme: dark)");

const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : system.matches;
};

export function ThemeSwitch() {
  const [dark, setDark] = useState(isDark());
  useEffect(() => {
    const follow = () => setDark(isDark());
    system.addEventListener("change", follow);
    return () => system.removeEventListener("change", follow);
  }, []);

  function turn() {
    const next = !dark;
    const { dataset } = document.documentElement;
    if (next === system.matches) delete dataset.theme;
    else dataset.theme = next ? "dark" : "light";
    try {
      if (dataset.theme) localStorage.setItem(KEY, dataset.theme);
      else localStorage.removeItem(KEY);
    } catch {
      // holds for this page only
    }
    setDark(next);
  }

  return html`<button type="button" class="quiet theme" aria-pressed=${String(dark)} onClick=${turn}
    aria-label=${texts.theme.dark} title=${texts.theme.dark}><span aria-hidden="true">${dark ? "☾" : "☀"}</span></button>`;
}
