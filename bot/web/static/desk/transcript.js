/** The middle of the desk: everything that was said and done, newest at the end. */

import { readOpen } from "./desk.js";
import { EntryView, OutgoingView, continues } from "./entry.js";
import { nameOf, unconfirmed } from "./state.js";
import { texts } from "./texts.js";
import { day } from "./time.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./ui.js";

/** @typedef {import("./types.js").Entry} Entry */

const NEAR = 48; // pixels from the end that still count as being there

/** Whether the end is in sight. @param {HTMLElement} box */
const atBottom = (box) =>
  box.clientHeight > 0 && box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;

/**
 * Scrolls to one event, or the last shown one before it, marks it and gives it the focus.
 * @param {HTMLElement} box
 * @param {number} seq
 */
function point(box, seq) {
  const entries = /** @type {HTMLElement[]} */ ([...box.querySelectorAll("li[id^=event-]")]);
  const place = entries.filter((entry) => Number(entry.id.slice(6)) <= seq).at(-1) ?? entries[0];
  if (!place) return;
  for (const other of entries) other.classList.remove("pointed");
  void place.offsetWidth; // lets the mark begin anew on the same event
  place.classList.add("pointed");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  place.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
  place.focus({ preventScroll: true });
}

/**
 * @param {{
 *   detail: import("./types.js").Detail,
 *   outbox: import("./types.js").Outgoing[],
 *   agent: import("./types.js").Agent|null,
 *   offline: boolean,
 *   highlight: {seq: number, turn: number}|null,
 *   readUpTo: number,
 *   writing: boolean,
 *   drafts: ("reply"|"note")[],
 * }} props  `readUpTo` is the last event that the customer has seen; `writing` is the customer;
 *   `drafts` is what can be written in this case
 */
export function Transcript({ detail, outbox, agent, offline, highlight, readUpTo, writing, drafts }) {
  const box = useRef(/** @type {HTMLDivElement|null} */ (null));
  const atEnd = useRef(true);
  const top = useRef(0);
  const [below, setBelow] = useState(false); // away from the end
  const [news, setNews] = useState(false); // and something came meanwhile

  const { transcript } = detail;
  const customer = nameOf(detail.case.customer, texts.case.anonymous);
  const mine = unconfirmed(outbox, detail, agent?.name);
  const last = transcript.at(-1)?.seq ?? 0;

  const toEnd = () => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  };

  function follow() {
    atEnd.current = true;
    setBelow(false);
    setNews(false);
    toEnd();
  }

  function onScroll() {
    const place = box.current;
    if (!place || place.clientHeight === 0) return;
    // a shrinking box also leaves the end; only scrolling up means the agent wants to
    if (atBottom(place)) atEnd.current = true;
    else if (place.scrollTop < top.current) atEnd.current = false;
    top.current = place.scrollTop;
    setBelow(!atEnd.current);
    if (atEnd.current) setNews(false);
  }

  const shown = useRef(last);
  useLayoutEffect(() => {
    if (atEnd.current) toEnd();
    else if (last > shown.current && box.current && !atBottom(box.current)) {
      setNews(true);
      setBelow(true); // a link that had nothing to scroll has also left the end
    }
    shown.current = last;
  }, [last, transcript.length]);

  // my own words are always followed
  const sent = mine.length;
  useLayoutEffect(() => {
    if (sent) follow();
  }, [sent]);

  // the composer grows, a pane opens: whoever was at the end stays there
  useEffect(() => {
    let height = 0;
    const watcher = new ResizeObserver(() => {
      if (atEnd.current) toEnd();
      const before = height;
      height = box.current?.clientHeight ?? 0;
      if (height && !before) readOpen(); // a phone shows one pane at a time: now it is this one
    });
    if (box.current) watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);

  useEffect(() => {
    if (!highlight || !box.current) return;
    atEnd.current = false;
    point(box.current, highlight.seq);
  }, [highlight?.turn]);

  // under the last message of ours that the customer has seen
  const read = transcript.findLast(
    (entry) => entry.from === "agent" && !entry.note && entry.type === "agent.message" && entry.seq <= readUpTo,
  );

  /** @type {any[]} */
  const rows = [];
  /** @type {Entry|undefined} */
  let before;
  for (const entry of transcript) {
    const heading = day(entry.at);
    if (!before || day(before.at) !== heading) {
      rows.push(html`<li key=${`day-${entry.seq}`} class="day"><span>${heading}</span></li>`);
      before = undefined;
    }
    rows.push(html`<${EntryView} key=${entry.seq} entry=${entry} customer=${customer} language=${detail.case.language}
      continued=${continues(before, entry)} me=${agent?.name} read=${entry === read} />`);
    before = entry;
  }

  return html`<div class="transcript-frame">
    <div class="transcript" ref=${box} onScroll=${onScroll} role="log" tabindex="0" data-case=${detail.case.id}
      aria-label=${texts.transcript.label}>
      ${rows.length + mine.length === 0 && html`<p class="none">${texts.transcript.empty}</p>`}
      <ol>
        ${rows}
        ${mine.map(
          (item) => html`<${OutgoingView} key=${item.client_id} item=${item} offline=${offline}
            me=${agent?.name} toDraft=${drafts.some((kind) => kind === item.kind)} />`,
        )}
      </ol>
    </div>
    ${writing && html`<p class="typing-sign">${customer} ${texts.queue.writing}</p>`}
    ${
      below &&
      html`<button type="button" class=${news ? "to-end news" : "to-end"} onClick=${follow}>
        ${news ? texts.transcript.newBelow : texts.transcript.toEnd} <span aria-hidden="true">↓</span>
      </button>`
    }
  </div>`;
}
