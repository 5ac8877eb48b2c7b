/** The desk's state and the pure functions on it. Nothing here touches the page. */

/**
 * @typedef {import("./types.js").State} State
 * @typedef {import("./types.js").Case} Case
 * @typedef {import("./types.js").Entry} Entry
 * @typedef {import("./types.js").Detail} Detail
 */

/** @returns {State} */
export function initial() {
  return {
    phase: "starting",
    agent: null,
    cases: [],
    loaded: false,
    connection: "connecting",
    openId: null,
    details: {},
    loadError: null,
    team: [],
    typing: {},
    asking: false,
    unread: {},
    outbox: [],
    claiming: null,
    claimError: null,
    pane: "queue",
    highlight: null,
    announcement: null,
    notice: null,
    expired: null,
    draftTurn: 0,
  };
}

/**
 * A store: state, and who wants to know when it changes.
 * @param {State} state
 */
export function createStore(state) {
  /** @type {Set<(state: State) => void>} */
  const listeners = new Set();
  return {
    get: () => state,
    /** @param {Partial<State>} patch */
    set(patch) {
      state = { ...state, ...patch };
      for (const listener of listeners) listener(state);
    },
    /** @param {(state: State) => void} listener */
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

/**
 * The cases with the start of their waiting by this browser's clock. A start known
 * before is kept when it differs little, so that the count does not jump.
 * @param {Case[]} cases
 * @param {Case[]} before
 * @param {number} now
 * @returns {Case[]}
 */
export function timed(cases, before, now) {
  const known = new Map(before.map((one) => [one.id, one.since]));
  return cases.map((one) => {
    const since = now - (one.waiting_seconds ?? 0) * 1000;
    const earlier = known.get(one.id);
    const steady = earlier !== undefined && Math.abs(earlier - since) < 2000;
    return { ...one, since: steady ? earlier : since };
  });
}

/** @param {(one: Case) => string|number} key */
const by = (key) => (/** @type {Case} */ a, /** @type {Case} */ b) => {
  const [left, right] = [key(a), key(b)];
  return left < right ? -1 : left > right ? 1 : 0;
};

/**
 * The queue's parts. Of my own cases those come first whose customer waits for my answer; of the
 * waiting those that came back by no fault of the customer, then who has waited longest.
 * @param {Case[]} cases
 * @param {string|undefined} me
 */
export function groups(cases, me) {
  const claimed = cases.filter((one) => one.state === "claimed").sort(by((one) => one.opened_at));
  const foreign = claimed.filter((one) => one.agent?.id !== me);
  const waiting = cases.filter((one) => one.state === "waiting").sort(by((one) => one.since ?? 0));
  return {
    mine: claimed.filter((one) => one.agent?.id === me).sort(by((one) => (one.awaits ? 0 : 1))),
    asked: foreign.filter((one) => isAsked(one, me)),
    waiting: waiting.sort(by((one) => (one.at_head ? 0 : 1))),
    others: foreign.filter((one) => !isAsked(one, me)),
    ended: cases
      .filter((one) => one.state === "returned" || one.state === "resolved")
      .sort(by((one) => one.ended_at ?? one.last_at ?? one.opened_at))
      .reverse(),
  };
}

/**
 * Whether a colleague asks this agent about their case.
 * @param {Case} one
 * @param {string|undefined} me
 */
export const isAsked = (one, me) =>
  one.state === "claimed" && one.agent?.id !== me && Boolean(me) && one.asked?.agent === me;

/**
 * Whether an agent writes a language; no list means every language.
 * @param {import("./types.js").Colleague|undefined} agent
 * @param {string} language
 */
export const speaks = (agent, language) =>
  !agent || agent.languages.length === 0 || agent.languages.includes(language);

/**
 * The colleagues to ask about a case, the likeliest to help first: who writes the language, who is
 * there, who knows the topic, who has most room.
 * @param {import("./types.js").Colleague[]} team
 * @param {string|undefined} me
 * @param {Case} one
 */
export function askable(team, me, one) {
  const presence = { available: 0, busy: 1, away: 2 };
  /** @param {import("./types.js").Colleague} agent */
  const rank = (agent) => [
    speaks(agent, one.language) ? 0 : 1,
    presence[agent.state],
    agent.topics.length === 0 || !one.topic || agent.topics.includes(one.topic) ? 0 : 1,
    agent.holds / Math.max(1, agent.capacity),
  ];
  return team
    .filter((agent) => agent.id !== me)
    .map((agent) => ({ agent, rank: rank(agent) }))
    .sort((a, b) => {
      const at = a.rank.findIndex((value, i) => value !== b.rank[i]);
      return at < 0 ? 0 : a.rank[at] - b.rank[at];
    })
    .map(({ agent }) => agent);
}

/**
 * The transcript with these entries in it; each sequence number once, the later version wins.
 * @param {Entry[]} transcript
 * @param {Entry[]} entries
 * @returns {Entry[]}
 */
export function merged(transcript, entries) {
  const all = new Map(transcript.map((entry) => [entry.seq, entry]));
  for (const entry of entries) all.set(entry.seq, entry);
  return [...all.values()].sort((a, b) => a.seq - b.seq);
}

/**
 * A freshly fetched case. Entries that came by the stream while it was fetched are kept.
 * @param {Detail} fresh
 * @param {Detail|undefined} old
 * @returns {Detail}
 */
export function refreshed(fresh, old) {
  const newer = (old?.transcript ?? []).filter((entry) => entry.seq > fresh.cursor);
  return { ...fresh, transcript: merged(fresh.transcript, newer) };
}

/**
 * What of the outbox is to be seen below the transcript of a case: not what the
 * stream has already brought back.
 * @param {import("./types.js").Outgoing[]} outbox
 * @param {Detail} detail
 * @param {string|undefined} me  name of the agent
 */
export function unconfirmed(outbox, detail, me) {
  const mine = outbox.filter((item) => item.case === detail.case.id);
  if (mine.length === 0) return mine;
  const arrived = new Set(detail.transcript.map((entry) => entry.client_id).filter(Boolean));
  const oldest = mine[0].at - 60_000; // clocks differ
  const recent = detail.transcript.filter(
    (entry) => entry.from === "agent" && entry.name === me && Date.parse(entry.at) >= oldest,
  );
  return mine.filter((item) => {
    if (item.refused) return true;
    if (arrived.has(item.client_id)) return false;
    // A server that does not say the client_id: the same words from me, just now.
    const twin = recent.findIndex(
      (entry) =>
        !entry.client_id && entry.note === (item.kind === "note") && entry.text === item.text,
    );
    if (twin >= 0) recent.splice(twin, 1);
    return twin < 0;
  });
}

/**
 * The name an agent calls a customer by.
 * @param {{name: string|null, id: string}|undefined} customer
 * @param {string} anonymous
 */
export function nameOf(customer, anonymous) {
  if (customer?.name) return customer.name;
  const tail = (customer?.id ?? "").replace(/[^A-Za-z0-9]/g, "").slice(-4);
  return tail ? `${anonymous} ${tail}` : anonymous;
}
