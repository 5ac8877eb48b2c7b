/** Shows the customer that the agent writes. */

import { api } from "./api.js";
import { useEffect, useRef } from "./ui.js";

const AGAIN = 4_000; // a sign holds this long at the customer's: renew it
const PAUSE = 6_000; // who types nothing for so long has stopped

/** @param {string} id  the case */
function createTyping(id) {
  let signed = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;

  /** @param {boolean} on */
  const tell = (on) => api.typing(id, on).catch(() => {}); // a sign that is lost is no loss

  function off() {
    clearTimeout(timer);
    if (signed) tell(false);
    signed = 0;
  }

  return {
    /** Something was typed. */
    on() {
      clearTimeout(timer);
      timer = setTimeout(off, PAUSE);
      const now = Date.now();
      if (now - signed < AGAIN) return;
      signed = now;
      tell(true);
    },
    /** It was sent, or is left alone. */
    off,
  };
}

/** The signs of one case, ended when its composer goes. @param {string} id */
export function useTyping(id) {
  const typing = useRef(/** @type {ReturnType<typeof createTyping>|null} */ (null));
  typing.current ??= createTyping(id);
  useEffect(() => () => typing.current?.off(), []);
  return typing.current;
}
