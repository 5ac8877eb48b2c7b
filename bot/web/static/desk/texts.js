/** Every English word the desk shows, in one place. */

export const texts = {
  product: "Firstline",
  desk: "Desk",
  title: (/** @type {number} */ waiting, /** @type {number} */ unread) =>
    `${unread ? `(${unread}) ` : ""}${waiting ? `${waiting} waiting · ` : ""}Firstline desk`,
  loading: "Loading…",
  skipToCase: "Skip to the conversation",
  waitingCount: (/** @type {number} */ n) => (n === 1 ? "1 waiting" : `${n} waiting`),
  logOut: "Log out",
  shortcuts: "Keyboard",
  reconnecting: "Reconnecting…",
  reconnectingMore: "What you send is kept and goes out when the connection is back.",
  live: "Connected again.",
  stillHere: "You are still logged in; try again.",
  unsent: (/** @type {number} */ n) =>
    `${n === 1 ? "1 message is" : `${n} messages are`} not sent yet and would stay in this browser. Log out again to leave all the same.`,
  panes: { label: "Panes", queue: "Queue", case: "Conversation", packet: "Packet" },

  login: {
    heading: "Log in to the desk",
    name: "Name",
    password: "Password",
    show: "Show password",
    button: "Log in",
    busy: "Logging in…",
    wrong: "This name and password do not fit together. Try again.",
    missing: "Enter your name and your password.",
    offline: "The server cannot be reached. Check your connection and try again.",
    expired: "Your session has ended. Log in to carry on; your drafts are still here.",
  },

  queue: {
    heading: "Queue",
    waiting: "Waiting",
    mine: "Mine",
    asked: "Asked of me",
    others: "With colleagues",
    ended: "Recently ended",
    asksLook: (/** @type {string} */ name) => `${name} asks you to look`,
    asksTake: (/** @type {string} */ name) => `${name} asks you to take it`,
    askedBy: (/** @type {string} */ name) => `${name} asks you about a case`,
    wentBack: "A case of yours went back to the queue.",
    awaits: "Awaits your answer",
    served: "Served first",
    servedMore: "Came back to the queue by no fault of the customer",
    promised: (/** @type {string} */ time) => `Promised by ${time}`,
    writing: "is writing…",
    target: {
      ok: (/** @type {string} */ what, /** @type {string} */ time) => `${what} by ${time}`,
      warning: (/** @type {string} */ what, /** @type {string} */ time) => `${what} due soon: ${time}`,
      broken: (/** @type {string} */ what, /** @type {string} */ time) => `${what} late since ${time}`,
    },
    first_reply: "Reply",
    resolution: "End",
    nobodyWaiting: "Nobody is waiting.",
    noneMine: "You have no open case.",
    waited: (/** @type {string} */ span) => `waiting for ${span}`,
    unread: (/** @type {number} */ n) => (n === 1 ? "1 new message" : `${n} new messages`),
    withAgent: (/** @type {string} */ name) => `with ${name}`,
    noQuestion: "No question yet",
    show: (/** @type {number} */ n) => `Show ${n}`,
    hide: "Hide",
    arrived: (/** @type {string} */ reason) => `A new case is waiting: ${reason}`,
    newMessage: (/** @type {string} */ name) => `New message from ${name}`,
    unsent: "Not sent",
    refused: (/** @type {string} */ name, /** @type {string} */ why) =>
      `Not sent, in the case of ${name}: ${why}`,
  },

  case: {
    noneOpen: "No case is open",
    pick: "Choose a case on the left. The one on top has waited longest.",
    pickEmpty: "Nobody is waiting. A new case appears on the left by itself.",
    openFirst: "Open the case that has waited longest",
    notLoaded: "The case could not be loaded.",
    retry: "Try again",
    gone: "This case does not exist (any more).",
    take: "Take this case",
    taking: "Taking…",
    takeHint: "You are reading along; the customer does not see you.",
    takeOffline: "The server did not answer. Try again; you cannot take a case twice.",
    goodHands: "You can leave it to them.",
    withOther: (/** @type {string} */ name) => `${name} is talking with this customer.`,
    resolved: "This case is resolved.",
    returned: "This conversation is back with the bot.",
    next: "Open the next waiting case",
    waiting: "waiting",
    claimedByMe: "with you",
    verified: "Verified",
    verifiedMore: "The shop has confirmed who this is.",
    unverified: "Not verified",
    unverifiedMore: "Nobody has confirmed who this is. Do not show orders without number and e-mail.",
    anonymous: "Visitor",
  },

  transcript: {
    label: "Conversation",
    empty: "Nothing has been said yet.",
    customer: "Customer",
    bot: "Bot",
    you: "you",
    note: "Private note",
    noteHidden: "the customer does not see this",
    suppressed: "Not shown to the customer",
    sources: "Sources",
    helped: "The customer said: this helped",
    notHelped: "The customer said: this did not help",
    pressed: "pressed",
    read: "Read",
    sure: (/** @type {number} */ percent) => `${percent} % sure`,
    newBelow: "New messages",
    toEnd: "To the end",
    sending: "Sending…",
    waitingToSend: "Not sent yet; it goes out when the connection is back.",
    notSent: "Not sent.",
    backToDraft: "Put back into the draft",
    discard: "Discard",
    doing: {
      return: "Returning the conversation to the bot…",
      resolve: "Resolving the case…",
      release: "Putting the case back into the queue…",
    },
  },

  masked: {
    cardEnding: (/** @type {string} */ last) => `card number ending ${last}`,
    cardPart: "part of a card number",
    /** @type {Record<string, string>} */
    names: {
      card: "card number",
      iban: "account number (IBAN)",
      pesel: "PESEL number",
      thai_id: "Thai citizen id",
      nik: "Indonesian NIK",
    },
    why: (/** @type {string} */ what) => `Removed before it was stored: ${what}. It is never needed here.`,
  },

  presence: {
    label: "Your presence",
    available: "Available",
    busy: "Busy",
    away: "Away",
    idle: "nothing done for a while",
    lost: "the connection was lost",
    left: "logged out",
    awayMore: "You get no cases while you are away.",
    failed: "Your presence was not changed.",
  },

  team: {
    heading: "Team",
    available: (/** @type {number} */ n) => `${n} available`,
    you: "you",
    load: (/** @type {number} */ holds, /** @type {number} */ of) => `${holds} of ${of} cases`,
    allLanguages: "all languages",
    alone: "Nobody else has been at the desk yet.",
  },

  ask: {
    button: "Ask a colleague",
    heading: "Ask a colleague",
    whom: "Whom",
    wants: "To do what",
    look: "Look at it",
    lookMore: "You keep the case; they read it and leave a note.",
    take: "Take it",
    takeMore: "It stays yours until they accept.",
    text: "What they should know (only colleagues see it)",
    send: "Ask",
    sending: "Asking…",
    cancel: "Cancel",
    speaks: (/** @type {string} */ language) => `writes ${language}`,
    speaksNot: (/** @type {string} */ language) => `does not write ${language}`,
    nobody: "There is no colleague to ask yet. Whoever logs in to the desk stands here.",
    choose: "Choose a colleague.",
    askedLook: (/** @type {string} */ name) => `You asked ${name} to look at this case.`,
    askedTake: (/** @type {string} */ name) => `You asked ${name} to take this case. It is yours until they accept.`,
    back: "Take the request back",
    accept: "Accept",
    decline: "Decline",
    looked: "I have looked",
    noteHint: "A note you leave here answers the request.",
    somebody: "a colleague",
  },

  composer: {
    kinds: "What to write",
    reply: "Reply",
    note: "Private note",
    replyLabel: (/** @type {string} */ name) => `Reply to ${name}`,
    noteLabel: "Private note",
    replyPlaceholder: (/** @type {string} */ name) => `Write to ${name}…`,
    notePlaceholder: "For you and your colleagues only…",
    send: "Send",
    saveNote: "Save note",
    hint: "Enter sends, Shift + Enter starts a new line, / lists canned replies",
    draftKept: "Draft kept",
  },

  askedAgain: {
    heading: "This is known already.",
    hint: "Press Enter again to send it as it is.",
    insert: "Insert",
    send: "Send anyway",
    heldBack: (/** @type {string} */ name) =>
      `The reply to ${name} was not sent: it asks for what is known already. It is in the draft.`,
    at: (/** @type {string} */ time) => `at ${time}`,
    how: {
      typed: "the customer typed it",
      clicked: "the customer chose it",
      looked_up: "the order was looked up",
      verified: "the shop's site confirmed it",
      profile: "from the shop's site",
      wrote: "the customer wrote it",
    },
  },

  suggestions: {
    heading: (/** @type {number} */ n) => (n === 1 ? "1 suggested answer" : `${n} suggested answers`),
    fits: (/** @type {number} */ percent) => `${percent} % likely`,
    source: "Source",
    told: "The bot said this",
    insert: "Insert",
    send: "Send",
    sent: "Sent",
    sentNow: (/** @type {string} */ title) => `Sent: ${title}`,
  },

  canned: {
    label: "Canned replies",
    found: (/** @type {number} */ n) => (n === 1 ? "1 canned reply" : `${n} canned replies`),
    more: (/** @type {number} */ n) => `${n} more: ↓, or type a word`,
    fill: (/** @type {string} */ mark) => `Fill in: ${mark.slice(1, -1)}`,
  },

  tongue: {
    foreign: (/** @type {string} */ language) => `This customer writes ${language}, which you do not.`,
    both: "Suggestions are shown in English, too.",
    who: (/** @type {string} */ name, /** @type {string} */ language) => `${name} writes ${language}.`,
    nobody: (/** @type {string} */ language) => `Nobody at the desk writes ${language} now.`,
    ask: (/** @type {string} */ name) => `Ask ${name} to take it`,
    choose: "Ask somebody else",
  },

  theme: { dark: "Dark colours" },

  actions: {
    label: "End your part",
    return: "Return to bot",
    release: "Back to queue",
    resolve: "Resolve",
    cancel: "Cancel",
    returnAsk: "The bot answers this customer again from now on.",
    releaseAsk: "Another agent can take the case; the customer waits again.",
    resolveAsk: "Was the customer's question solved?",
    solved: "Solved",
    not_solved: "Not solved",
    spam: "Spam",
    notYet: "A message before it was not sent; look at that first.",
    draftLeft: "Your unsent draft is not sent.",
  },

  packet: {
    heading: "Packet",
    who: "Customer",
    need: "What the customer needs",
    facts: "Already given",
    noFacts: "Nothing yet.",
    clicks: "Pressed",
    answers: "What the bot answered",
    noAnswers: "Nothing yet.",
    didNotHelp: "Did not help",
    helped: "Helped",
    noReaction: "No reaction",
    askedAgain: "Asked again after it",
    thoughts: "What the bot thought",
    given: "given as the answer",
    before: "Earlier in this conversation",
    orders: "Orders",
    placed: (/** @type {string} */ day) => `placed ${day}`,
    total: (/** @type {string} */ sum) => `total ${sum}`,
    expectedOn: (/** @type {string} */ day) => `expected ${day}`,
    deliveredOn: (/** @type {string} */ day) => `arrived ${day}`,
    returning: (/** @type {string} */ state) => `return: ${state}`,
    shownByBot: "shown by the bot",
    moreOrders: (/** @type {number} */ n) => (n === 1 ? "1 more order" : `${n} more orders`),
    cases: "Other cases",
    phone: "Phone",
    member: "Member since",
    earlier: "Journey",
    noEarlier: "This is the first contact we know of.",
    thisOne: "This conversation",
    page: "Page",
    language: "Language",
    channel: "Channel",
    id: "Id",
    email: "E-mail",
    goTo: "Show in the conversation",
    effort: (/** @type {number} */ n) => `effort ${n}`,
    persons: (/** @type {number} */ n) => (n === 1 ? "1 person met" : `${n} persons met`),
    handoffs: (/** @type {number} */ n) => (n === 1 ? "1 handoff" : `${n} handoffs`),
    askedAgain: (/** @type {number} */ n) => `asked again ${n === 1 ? "once" : `${n} times`}`,
    transfers: (/** @type {number} */ n) => (n === 1 ? "1 transfer" : `${n} transfers`),
  },

  keys: {
    heading: "Keyboard",
    close: "Close",
    single: "“?” opens this window (Ctrl + / always does)",
    notHere: "That cannot be done here.",
    groups: /** @type {[string, [string, string][]][]} */ ([
      ["Where to", [
        ["Alt + ↓ ↑", "Next and previous case"],
        ["F2", "Queue; ↑ ↓ move, Enter opens"],
        ["F4", "Conversation"],
        ["F8", "Packet"],
        ["Alt + P", "My presence"],
        ["?", "This window"],
      ]],
      ["The case", [
        ["Alt + T", "Take it, or accept it"],
        ["Alt + R", "Write a reply"],
        ["Alt + I", "Write a private note"],
        ["Alt + K", "Ask a colleague"],
        ["Alt + D", "Resolve"],
        ["Alt + B", "Return to the bot"],
        ["Alt + U", "Back to the queue"],
      ]],
      ["Writing", [
        ["Enter", "Send; Shift + Enter: new line"],
        ["/", "Canned replies; ↑ ↓, Enter inserts"],
        ["Alt + 1 2 3", "Insert a suggested answer (on a Mac not from within a text)"],
        ["Alt + Shift + 1 2 3", "Send it"],
        ["Ctrl + .", "Reply or private note"],
        ["Esc", "Leave a list, question, warning or window"],
      ]],
    ]),
  },

  errors: {
    offline: "The server cannot be reached.",
    unreadable: "The server sent an answer that cannot be read.",
    status: (/** @type {number} */ status) => `The server answered with status ${status}.`,
  },
};

/** Codes of the API in words. @type {Record<string, Record<string, string>>} */
const words = {
  reason: {
    asked_for_person: "Asked for a person",
    no_answer: "The bot had no answer",
    low_confidence_twice: "The bot was unsure twice",
    complaint: "Complaint",
    negative_mood: "Negative mood",
    policy_payment: "Policy: payment",
    policy_legal: "Policy: legal",
    policy_safety: "Policy: safety",
    repeated_failure: "Answers did not help",
    order: "About an order",
    assistant_unavailable: "The bot was not available",
    reopened: "Opened again",
    callback: "Asked to be called back",
  },
  state: { waiting: "Waiting", claimed: "Claimed", returned: "Back with the bot", resolved: "Resolved" },
  decision: {
    answer: "Answered",
    clarify: "Asked back",
    decline: "Did not know",
    handoff: "Handed over",
    smalltalk: "Small talk",
  },
  how: { typed: "typed", clicked: "clicked", looked_up: "looked up", verified: "verified" },
  line: { who: "Who", given: "Has given", told: "Was told", mood: "Mood", before: "Before" },
  end: { released: "put back into the queue", transferred: "taken over by a colleague", returned: "given back to the bot", resolved: "resolved" },
  proof: { identity: "by the sign-in", email: "by number and e-mail" },
  fact: { order_number: "Order number", email: "E-mail", phone: "Phone", name: "Name", product: "Product", size: "Size", problem: "Problem" },
  channel: { widget: "Website", shell: "Rasa shell" },
  outcome: {
    resolved_confirmed: "Resolved, the customer said so",
    resolved_assumed: "Resolved, as it seems",
    resolved: "Resolved",
    escalated: "Escalated",
    abandoned: "Abandoned",
    recontacted: "Came back",
    open: "Open",
  },
  disposition: { solved: "Solved", not_solved: "Not solved", spam: "Spam" },
};

/**
 * A code in words; a code without an entry is made readable ("gift-cards" -> "Gift cards").
 * @param {"reason"|"state"|"decision"|"how"|"fact"|"line"|"end"|"proof"|"intent"|"channel"|"outcome"|"disposition"|"topic"|"stage"|"order"} kind
 * @param {string|null|undefined} code
 * @returns {string}
 */
export function word(kind, code) {
  if (!code) return "";
  const known = words[kind]?.[code];
  if (known) return known;
  const plain = String(code).replace(/[_-]+/g, " ").trim();
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

const languages = new Intl.DisplayNames("en", { type: "language", fallback: "code" });

/**
 * "pl" -> "Polish".
 * @param {string|null|undefined} code
 */
export function language(code) {
  if (!code) return "";
  try {
    return languages.of(code) ?? code;
  } catch {
    return code;
  }
}
