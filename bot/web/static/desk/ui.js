/** Preact and htm bound together, and the few hooks every view needs. */

import { Fragment, createRef, h, render } from "../vendor/preact.js";
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "../vendor/preact-hooks.js";
import htm from "../vendor/htm.js";

export const html = htm.bind(h);
export {
  Fragment,
  createRef,
  render,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
};

/** @type {Set<(now: number) => void>} */
const clocks = new Set();
/** @type {ReturnType<typeof setInterval>|undefined} */
let ticking;

/**
 * The time now in milliseconds, renewed every second while the page is looked at.
 * One timer serves every view that counts.
 * @returns {number}
 */
export function useNow() {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    clocks.add(setNow);
    ticking ??= setInterval(() => {
      if (document.visibilityState === "hidden") return;
      const time = Date.now();
      for (const clock of clocks) clock(time);
    }, 1000);
    return () => {
      clocks.delete(setNow);
      if (clocks.size === 0) {
        clearInterval(ticking);
        ticking = undefined;
      }
    };
  }, []);
  return now;
}

/**
 * Class names from a list; what is false or empty is left out.
 * @param {...(string|false|null|undefined)} names
 * @returns {string}
 */
export function classes(...names) {
  return names.filter(Boolean).join(" ");
}
