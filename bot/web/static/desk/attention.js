/**
 * Whether somebody sits at this page. A message counts as read only while somebody does, and an
 * agent who reads for long without sending anything is not idle.
 */

const ATTENTIVE = 2 * 60_000; // after this long without a key or a movement nobody looks
const SIGN = 4 * 60_000; // how often it is said that the agent is there

/**
 * @param {object} listener
 * @param {() => void} listener.back  somebody looks again
 * @param {() => void} listener.sign  somebody is at work; now and then
 */
export function createAttention(listener) {
  let last = Date.now();
  let signed = last;
  let closed = false;

  function seen() {
    if (closed || document.visibilityState === "hidden") return;
    const now = Date.now();
    const was = now - last < ATTENTIVE;
    last = now;
    if (!was) listener.back();
    if (now - signed > SIGN) {
      signed = now;
      listener.sign();
    }
  }

  const kinds = ["pointermove", "pointerdown", "keydown", "wheel", "focus"];
  for (const kind of kinds) addEventListener(kind, seen, { passive: true, capture: true });
  document.addEventListener("visibilitychange", seen);

  return {
    /** Whether somebody looks at the page now. */
    here: () => document.visibilityState === "visible" && Date.now() - last < ATTENTIVE,
    close() {
      closed = true;
      for (const kind of kinds) removeEventListener(kind, seen, { capture: true });
      document.removeEventListener("visibilitychange", seen);
    },
  };
}
