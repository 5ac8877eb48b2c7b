/** The desk's doings: everything that changes its state, between the views and the server. */

import { ApiError, api } from "./api.js";
import { createAttention } from "./attention.js";
import { newId, readDraft, writeDraft } from "./keep.js";
import { connect } from "./live.js";
import { createOutbox, written } from "./outbox.js";
import { createReading } from "./reading.js";
import { createStore, groups, initial, isAsked, merged, nameOf, refreshed, timed } from "./state.js";
import { texts, word } from "./texts.js";

/**
 * @typedef {import("./types.js").Case} Case
 * @typedef {import("./types.js").Entry} Entry
 */

export const store = createStore(initial());
const { get, set } = store;

/** @type {{close: () => void}|null} */
let live = null;
/** @type {ReturnType<typeof createOutbox>|null} */
let outbox = null;
/** @type {ReturnType<typeof createReading>|null} */
let reading = null;
/** @type {ReturnType<typeof createAttention>|null} */
let attention = null;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let packetTimer;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let typingTimer;

const TYPING = 8_000; // a customer's sign of writing is believed this long without another

/** Finds out who is at this desk and shows it, or the log-in page. */
export async function start() {
  addEventListener("hashchange", route);
  document.addEventListener("visibilitychange", readOpen);
  for (let pause = 500; ; pause = Math.min(pause * 2, 10_000)) {
    try {
      enter((await api.me()).agent);
      return;
    } catch (error) {
      if (error instanceof ApiError && !error.passing) {
        set({ phase: "login" });
        return;
      }
      set({ connection: "reconnecting" });
      await new Promise((done) => setTimeout(done, pause));
    }
  }
}

/**
 * @param {string} name
 * @param {string} password
 * @throws {ApiError}
 */
export async function login(name, password) {
  enter((await api.login(name, password)).agent);
}

/** Logs out; who leaves messages behind that are not sent is told so first, and does it again. */
export async function logout() {
  const unsent = get().outbox.filter(written).length;
  const warning = texts.unsent(unsent);
  if (unsent && get().notice?.text !== warning) return notify(warning);
  try {
    await api.logout();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status !== 401) return notify(`${error.message} ${texts.stillHere}`);
  }
  leave(null);
}

/** @param {import("./types.js").Agent} agent */
function enter(agent) {
  set({ phase: "desk", agent, expired: null });
  reading = createReading();
  attention = createAttention({ back: readOpen, sign: here });
  outbox = createOutbox(agent.id, {
    changed: (items) => set({ outbox: items }),
    sent: confirmed,
    refused: tellRefused,
    unauthorised: () => leave(texts.login.expired),
  });
  outbox.start();
  live = connect({
    cases: takeCases,
    entry: takeEntry,
    agents: (team) => set({ team }),
    typing: takeTyping,
    connection: (connection) => set({ connection }),
    resumed: () => {
      outbox?.flush();
      if (get().openId) load(/** @type {string} */ (get().openId));
    },
    unauthorised: () => leave(texts.login.expired),
  });
  route();
}

/** @param {string|null} expired  why, when the agent did not ask for it */
function leave(expired) {
  live?.close();
  outbox?.close();
  attention?.close();
  live = outbox = reading = attention = null;
  set({ ...initial(), phase: "login", expired });
}

/** Reads `#/case/ID` and `#/case/ID/event/SEQ` from the address. */
export function route() {
  const found = location.hash.match(/^#\/case\/([^/]+)(?:\/event\/(\d+))?$/);
  if (get().phase !== "desk") return;
  if (!found) {
    set({ openId: null, highlight: null, pane: "queue" });
    return;
  }
  const id = decodeURIComponent(found[1]);
  if (id !== get().openId) {
    set({ openId: id, loadError: null, claimError: null, highlight: null, pane: "case" });
    load(id);
    readOpen();
  }
  if (found[2]) show(Number(found[2]));
}

/** @param {string} id */
export const addressOf = (id) => `#/case/${encodeURIComponent(id)}`;

/** @param {string} id */
export function open(id) {
  set({ pane: "case" });
  if (location.hash === addressOf(id)) route();
  else location.hash = addressOf(id);
}

/** Points at one event of the open case. @param {number} seq */
export function show(seq) {
  set({ highlight: { seq, turn: (get().highlight?.turn ?? 0) + 1 }, pane: "case" });
}

/** @param {import("./types.js").Pane} pane */
export const showPane = (pane) => set({ pane });

/** @param {string} id */
export async function load(id) {
  try {
    const fresh = await api.detail(id);
    const { details, loadError } = get();
    set({
      details: { ...details, [id]: refreshed(fresh, details[id]) },
      loadError: loadError?.id === id ? null : loadError,
    });
    readOpen();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) return leave(texts.login.expired);
    // what is on the screen stays there; the stream's return loads it again
    if (get().details[id] && error.passing) return;
    set({ loadError: { id, message: error.status === 404 ? texts.case.gone : error.message } });
  }
}

/** @param {Case[]} cases */
function takeCases(cases) {
  const { cases: before, loaded, details, agent, openId } = get();
  if (!agent) return;
  const now = timed(cases, before, Date.now());
  const known = new Map(before.map((one) => [one.id, one.state]));
  const arrived = now.find((one) => one.state === "waiting" && known.get(one.id) !== "waiting");
  const knownAsked = new Set(before.filter((one) => isAsked(one, agent.id)).map((one) => one.id));
  const asked = now.find((one) => isAsked(one, agent.id) && !knownAsked.has(one.id));
  const gone = before.find(
    (one) => one.state === "claimed" && one.agent?.id === agent.id && now.some(
      (other) => other.id === one.id && other.state === "waiting",
    ),
  );
  /** @type {typeof details} */
  const kept = {};
  for (const one of now) if (details[one.id]) kept[one.id] = { ...details[one.id], case: one };
  if (openId && !kept[openId] && details[openId]) kept[openId] = details[openId];
  set({ cases: now, loaded: true, details: kept });
  readOpen();
  if (loaded && asked) announce(texts.queue.askedBy(asked.agent?.name ?? ""));
  else if (loaded && gone) announce(texts.queue.wentBack);
  else if (loaded && arrived) announce(texts.queue.arrived(word("reason", arrived.reason)));
  for (const one of groups(now, agent.id).ended) {
    reading?.forget(one.id);
    if (one.state === "resolved") writeDraft(agent.id, one.id, null);
  }
}

/** Whether somebody looks at this case: it is on the screen, not behind another pane. @param {string} id */
function isLookedAt(id) {
  if (id !== get().openId || !attention?.here()) return false;
  const shown = document.querySelector(`.transcript[data-case="${CSS.escape(id)}"]`);
  return shown !== null && shown.clientHeight > 0;
}

/** The open case has been read up to the customer's last words, if anybody is looking. */
export function readOpen() {
  const { openId, agent, cases, details } = get();
  if (!reading) return;
  const looked = openId !== null && isLookedAt(openId);
  const { mine } = groups(cases, agent?.id);
  if (looked && mine.some((one) => one.id === openId)) {
    const last = details[openId]?.transcript.findLast((entry) => entry.from === "customer");
    if (last) reading.looked(openId, last.seq);
  }
  // the server counts; what is under my eyes is none
  set({
    unread: Object.fromEntries(
      mine.map((one) => [one.id, one.id === openId && looked ? 0 : (one.unread ?? 0)]),
    ),
  });
}

/** Somebody is at work on this page, though nothing was sent for a while. */
function here() {
  const { agent, team } = get();
  const state = team.find((one) => one.id === agent?.id)?.state;
  if (state === "available" || state === "busy") api.presence(state).catch(() => {});
}

/**
 * A customer writes, or has stopped; a sign that is not renewed ends by itself.
 * @param {string} conversation
 * @param {boolean} on
 */
function takeTyping(conversation, on) {
  const now = Date.now();
  const { [conversation]: _, ...rest } = get().typing;
  const typing = Object.fromEntries(Object.entries(rest).filter(([, until]) => until > now));
  if (on) typing[conversation] = now + TYPING;
  set({ typing });
  clearTimeout(typingTimer);
  const next = Math.min(...Object.values(typing));
  if (Number.isFinite(next)) typingTimer = setTimeout(() => takeTyping("", false), next - now + 50);
}

/**
 * @param {string} id
 * @param {Entry} entry
 */
function takeEntry(id, entry) {
  const { details, openId, cases, agent } = get();
  const detail = details[id];
  const again = detail?.transcript.some((each) => each.seq === entry.seq);
  if (detail) {
    const transcript = merged(detail.transcript, [entry]);
    set({ details: { ...details, [id]: { ...detail, transcript } } });
  }
  if (id === openId && entry.from !== "agent") refreshPacket(id);
  const mine = cases.find((one) => one.id === id && one.agent?.id === agent?.id);
  if (mine && entry.from === "customer") {
    takeTyping(mine.conversation, false);
    if (!isLookedAt(id) && !again) announce(texts.queue.newMessage(nameOf(mine.customer, texts.case.anonymous)));
  }
  readOpen();
}

/** A customer's message may bring a new fact; several in a row are one fetch. @param {string} id */
function refreshPacket(id) {
  clearTimeout(packetTimer);
  packetTimer = setTimeout(() => {
    if (get().openId === id) load(id);
  }, 400);
}

let turns = 0; // the same sentence a second time is another one

/** Has a sentence read out by screen readers. @param {string} text */
export function announce(text) {
  turns += 1;
  set({ announcement: { text, turn: turns } });
}

/** Says something to everybody, until they close it. @param {string} text */
export function notify(text) {
  turns += 1;
  set({ notice: { text, turn: turns } });
}

/** What was refused shows in its case; who is elsewhere is told. @param {import("./types.js").Outgoing} item */
function tellRefused(item) {
  if (isLookedAt(item.case)) return;
  const customer = get().cases.find((one) => one.id === item.case)?.customer;
  notify(texts.queue.refused(nameOf(customer, texts.case.anonymous), item.refused ?? ""));
}

/**
 * Takes a case, or says who was faster.
 * @param {string} id
 */
export async function claim(id) {
  if (get().claiming) return;
  set({ claiming: id, claimError: null });
  try {
    const { case: one } = await api.claim(id);
    if (get().openId === id) set({ highlight: null }); // the composer gets the focus
    putCase(one);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) return leave(texts.login.expired);
    const message = error.passing ? texts.case.takeOffline : error.message;
    set({ claimError: { id, message } });
    if (!error.passing) api.cases().then((answer) => takeCases(answer.cases), () => {});
  } finally {
    set({ claiming: null });
  }
  await load(id);
}

/**
 * Does one thing at once, for an agent who waits for it.
 * @param {(clientId: string) => Promise<any>} doing
 * @returns {Promise<string>} what went wrong; empty when nothing did
 */
export async function attempt(doing) {
  try {
    const answer = await doing(newId());
    if (answer.case) putCase(answer.case);
    return "";
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) leave(texts.login.expired);
    return error.message;
  }
}

/** @param {Case} one  the newest version of a case */
function putCase(one) {
  const { cases } = get();
  const others = cases.filter((other) => other.id !== one.id);
  takeCases([...others, one].map((each) => ({ ...each, waiting_seconds: waited(each) })));
}

/** @param {Case} one */
const waited = (one) =>
  one.since === undefined ? one.waiting_seconds : (Date.now() - one.since) / 1000;

/**
 * Sends a reply, a note, or an ending of my part.
 * @param {Pick<import("./types.js").Outgoing, "case"|"kind"|"text"|"disposition">} piece
 */
export function send(piece) {
  // What the customer writes after this is not ended with it.
  const seen = written(piece) ? undefined : get().details[piece.case]?.transcript.at(-1)?.seq;
  outbox?.add({ ...piece, seen });
}

/**
 * @param {import("./types.js").Outgoing} item
 * @param {any} answer
 */
async function confirmed(item, answer) {
  if (answer.case) putCase(answer.case);
  if (answer.entry) takeEntry(item.case, answer.entry);
  else if (item.case === get().openId) await load(item.case);
}

/** A refused piece leaves the outbox. @param {string} clientId */
export function discard(clientId) {
  outbox?.drop(clientId);
}

/**
 * A refused piece goes back to where it was written.
 * @param {import("./types.js").Outgoing} item
 */
export function backToDraft(item) {
  const { agent } = get();
  if (!agent || (item.kind !== "reply" && item.kind !== "note")) return;
  const draft = readDraft(agent.id, item.case);
  const text = [item.text, draft[item.kind]].filter(Boolean).join("\n");
  writeDraft(agent.id, item.case, { ...draft, kind: item.kind, [item.kind]: text });
  set({ draftTurn: get().draftTurn + 1 });
  outbox?.drop(item.client_id);
}
