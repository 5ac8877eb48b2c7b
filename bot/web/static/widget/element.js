/** `<firstline-widget>`: puts the parts together and turns what the customer does into requests. */

import { palette } from "./color.js";
import { Connection } from "./connection.js";
import { h } from "./dom.js";
import { Launcher } from "./launcher.js";
import { Outbox } from "./outbox.js";
import { followScreen, isReload, languageOf, pageAddress } from "./page.js";
import { Panel } from "./panel.js";
import { Storage } from "./storage.js";
import { Store } from "./store.js";
import { sheets } from "./styles.js";
import { Texts } from "./texts.js";
import { TypingSign } from "./typing.js";
import { Visit } from "./visit.js";

/**
 * @typedef {import("./types.js").Session} Session
 * @typedef {import("./types.js").OutboxItem} OutboxItem
 */

/** Without a server, how long its labels are waited for. Milliseconds. */
const LABELS = 3_000;

/** How long a request for a person may go unanswered, once out, before it is made again. Milliseconds. */
const ASKING = 15_000;

/**
 * The widget. Attributes: `data-language`, `data-identity`, `data-position` (`end` or `start`),
 * `data-color`, `data-theme` (`light`, `dark` or `auto`). Fires `firstline-open`, `firstline-close`
 * and `firstline-identity-refused` (the signed token does not count: give a new one).
 */
export class FirstlineWidget extends HTMLElement {
  /** Origin of the assistant's server, set by the entry module. */
  static origin = "";
  static observedAttributes = ["data-color", "data-identity"];

  #storage = new Storage(FirstlineWidget.origin);
  #visit = new Visit(this.#storage, this);
  #texts = new Texts();
  #store = new Store();
  /** @type {Connection} */
  #connection = new Connection(
    FirstlineWidget.origin,
    () => languageOf(this),
    this.#store,
    (article) => this.#visit.agree(this.#connection, article),
  );
  #outbox = new Outbox(this.#storage, this.#connection, this.#store);
  #launcher = new Launcher();
  #panel = new Panel(this.#store, this.#texts, this.#storage, {
    send: (text) => this.#say("message", { text, page: pageAddress() }, text),
    choose: (entry, button) => {
      this.#store.setUsed(entry.cursor ?? "", button.title);
      this.#say("button", { token: button.token }, button.title);
      this.#panel.composer.focus();
    },
    feedback: (entry, helpful) => {
      this.#store.setFeedback(entry.cursor ?? "", helpful);
      this.#say("feedback", { message: entry.cursor, helpful });
    },
    retry: (clientId) => {
      this.#connection.hurry();
      this.#outbox.retry(clientId);
    },
    handoff: () => this.#askForPerson(),
    withdraw: () => this.#withdraw(),
    contact: (kind, value, clientId) => this.#giveContact(kind, value, clientId),
    typing: (hasText) => this.#sign.changed(hasText),
    atEnd: () => this.#tellSeen(),
    close: () => this.close(),
  });
  #root = h(
    "div",
    { class: "root", role: "region" },
    this.#launcher.element,
    this.#launcher.news,
    this.#panel.element,
  );
  #sign = new TypingSign((on) => this.#tellTyping(on));
  /** Signs go out one after the other. @type {Promise<unknown>} */
  #signs = Promise.resolve();
  /** Article to bring into view once it is there. @type {string | null} */
  #article = null;
  #drawing = 0;
  #life = new AbortController();

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = sheets();
    shadow.append(this.#root);
    // What is typed here is no shortcut of the page; our own handlers stand further in.
    for (const type of ["keydown", "keypress", "keyup"]) {
      this.#root.addEventListener(type, (event) => event.stopPropagation());
    }
    this.#launcher.element.addEventListener("click", () => this.open());
    this.#store.addEventListener("change", () => this.#drawSoon());
    this.#connection.addEventListener("session", (event) =>
      this.#begin(/** @type {CustomEvent<Session>} */ (event).detail),
    );
    this.#connection.addEventListener("language", (event) =>
      this.#relabel(/** @type {CustomEvent<Pick<Session, "texts" | "language">>} */ (event).detail),
    );
    this.#connection.addEventListener("online", () => void this.#outbox.flush());
    this.#outbox.addEventListener("accepted", () => this.#accepted());
    this.#outbox.addEventListener("refused", (event) =>
      this.#refused(/** @type {CustomEvent<OutboxItem>} */ (event).detail),
    );
  }

  connectedCallback() {
    this.#life = new AbortController();
    const { signal } = this.#life;
    this.#visit.identity = this.dataset.identity || null;
    const { kept, texts, subject } = this.#visit;
    if (texts) this.#texts.use(texts.texts, texts.language);
    if (!kept || kept.subject === subject) this.#outbox.restore(subject);
    this.#panel.composer.restore(subject);
    followScreen(this, (full) => this.#panel.setModal(full), signal);
    this.#storage.watch("session", () => this.#otherTab(), signal);
    document.addEventListener("visibilitychange", () => this.#drawSoon(), { signal });
    window.addEventListener("pagehide", () => this.#sign.stop(), { signal });
    window.addEventListener("pageshow", (event) => event.persisted && this.#restored(), { signal });
    this.#article = new URLSearchParams(location.search).get("article");
    this.#connection.start(this.#article);
    if (kept?.spoken) this.#connection.listen();
    const wasOpen = this.#storage.readTab("open");
    if (wasOpen || (this.#article && !(wasOpen === false && isReload()))) {
      this.#show(!wasOpen);
    }
    setTimeout(() => this.#ready(), texts ? 0 : LABELS);
    this.#draw();
  }

  disconnectedCallback() {
    this.#life.abort();
    this.#connection.stop();
  }

  /** @param {string} name @param {string | null} before @param {string | null} now */
  attributeChangedCallback(name, before, now) {
    if (name === "data-color") {
      const colors = Object.entries(palette(now ?? "") ?? {});
      for (const [property, value] of colors) this.style.setProperty(property, value);
    } else if (this.isConnected && before !== now) this.identify(now || null);
  }

  /** Open the panel and put the cursor into the text box. */
  open() {
    this.#show(true);
  }

  /** Close the panel; a focus inside goes back to the launcher. */
  close() {
    if (this.#panel.element.hidden) return;
    const within = this.shadowRoot?.activeElement;
    this.#panel.element.hidden = true;
    this.#storage.writeTab("open", false);
    this.#ready();
    if (within) this.#launcher.element.focus();
    this.#fire("firstline-close");
  }

  /** @param {string | null} token The host site's signed token; null after signing out. */
  identify(token) {
    if (token === null) {
      // Said outright, also by a page on which nobody was signed in before.
      this.#outbox.forgetCustomers();
      this.#panel.composer.restore(null, true);
    }
    if (token === this.#visit.identity) return;
    const before = this.#visit.subject;
    this.#visit.identity = token;
    const now = this.#visit.subject;
    // Nothing of the one who left stays on the screen while the server is asked.
    if (before !== null && before !== now) this.#forget();
    this.#connection.renew();
  }

  /** @param {string} id Open the panel on this article. */
  openArticle(id) {
    this.#article = id;
    this.#show(true);
    this.#connection.renew(id);
  }

  /** @param {boolean} focus */
  #show(focus) {
    const opened = this.#panel.element.hidden;
    this.#panel.element.hidden = false;
    this.#launcher.element.hidden = true;
    this.#storage.writeTab("open", true);
    this.#connection.listen();
    this.#draw();
    if (opened) this.#panel.list.toEnd();
    if (focus) this.#panel.composer.focus();
    if (opened) this.#fire("firstline-open");
  }

  /** There are labels now, from the server or our own few. */
  #ready() {
    this.#launcher.element.hidden = !this.#panel.element.hidden;
    this.#draw();
  }

  /** @param {Session} session */
  #begin(session) {
    const before = this.#store.session;
    const subjectBefore = this.#visit.kept?.subject ?? null;
    const { subject } = this.#visit;
    if (subjectBefore !== null && subjectBefore !== subject) this.#forget();
    else if (before && before.visitor !== session.visitor) this.#store.clear();
    this.#store.session = session;
    this.#visit.keep(session);
    this.#texts.use(session.texts, session.language);
    this.#root.lang = session.language;
    this.#panel.list.reset();
    this.#outbox.adopt(session.visitor, subject);
    this.#outbox.restore(subject);
    this.#panel.composer.restore(subject);
    this.#ready();
    void this.#outbox.flush();
  }

  /** @param {Pick<Session, "texts" | "language">} labels The conversation has another language. */
  #relabel({ texts, language }) {
    if (!this.#store.session) return;
    this.#store.session = { ...this.#store.session, texts, language };
    this.#visit.keepTexts(texts, language);
    this.#texts.use(texts, language);
    this.#root.lang = language;
    this.#panel.list.reset();
    this.#drawSoon();
  }

  /** Leave no trace of a customer who signed out. */
  #forget() {
    this.#store.clear();
    this.#panel.composer.restore(this.#visit.subject);
  }

  /** The page comes out of the browser's cache: somebody may have signed out or in meanwhile. */
  #restored() {
    const { kept, subject } = this.#visit;
    const mine = this.#store.session;
    if (mine && kept?.visitor === mine.visitor) return;
    if (kept?.subject !== subject) this.#visit.identity = null;
    this.#forget();
    this.#connection.renew();
  }

  /** Another tab agreed on a session first: both go on as the same visitor. */
  #otherTab() {
    const { kept, subject } = this.#visit;
    const mine = this.#store.session;
    if (!kept || !mine || kept.visitor === mine.visitor) return;
    if (kept.subject === subject) this.#connection.renew();
  }

  /**
   * @param {OutboxItem["kind"]} kind
   * @param {Record<string, unknown>} body
   * @param {string} [text] What the customer sees of it.
   */
  #say(kind, body, text) {
    this.#article = null;
    this.#connection.listen();
    const visitor = this.#store.session?.visitor ?? null;
    this.#outbox.add(kind, body, { visitor, subject: this.#visit.subject, text });
  }

  #askForPerson() {
    if (this.#store.status.case) return;
    const unsent = this.#outbox.holds("handoff", this.#visit.subject);
    if (unsent) {
      // Once is enough: only try at once.
      this.#connection.hurry();
      void this.#outbox.flush();
    }
    if (this.#store.asking) return;
    this.#store.setAsking(true);
    this.#panel.list.toEnd(); // what they are told comes there
    if (!unsent) this.#say("handoff", {});
    this.#awaitPerson();
  }

  /** A request that has not gone out yet cannot have been answered: it goes on being made. */
  #awaitPerson() {
    setTimeout(() => {
      if (this.#outbox.holds("handoff", this.#visit.subject)) this.#awaitPerson();
      else this.#store.setAsking(false);
    }, ASKING);
  }

  #withdraw() {
    if (this.#store.leaving || this.#store.status.case !== "waiting") return;
    this.#store.setLeaving(true);
    this.#panel.list.toEnd();
    this.#say("withdraw", {});
  }

  /** @param {"email" | "phone"} kind @param {string} value @param {string} clientId */
  async #giveContact(kind, value, clientId) {
    const { conversation } = this.#store.status;
    await this.#connection.post("/customer/contact", { client_id: clientId, kind, value });
    this.#store.setReachable(conversation);
  }

  /** @param {boolean} on Only a person is told. */
  #tellTyping(on) {
    if (this.#store.status.owner !== "agent") return;
    const tell = () => this.#connection.post("/customer/typing", { on });
    this.#signs = this.#signs.then(tell, tell);
    this.#signs.catch(() => {}); // a lost sign is no loss
  }

  /** While a person is asked for or was here: how far the customer has read. */
  #tellSeen() {
    const { entries, replaying, status } = this.#store;
    const looks = !this.#panel.element.hidden && document.visibilityState === "visible";
    if (replaying || !looks || !this.#panel.list.isAtEnd) return;
    const last = entries.findLast((entry) => entry.cursor && entry.from !== "customer")?.cursor;
    const told = this.#storage.read("seen");
    if (!last || last === told) return;
    const news = entries.slice(entries.findIndex((entry) => entry.cursor === told) + 1);
    if (!status.case && !news.some((entry) => entry.from === "agent")) return;
    this.#storage.write("seen", last);
    this.#connection.post("/customer/read", { message: last }).catch(() => {
      // Said again with the next message.
      if (this.#storage.read("seen") === last) this.#storage.write("seen", told);
    });
  }

  /** An answer may come now, also to what an earlier page could not send. */
  #accepted() {
    this.#visit.markSpoken();
    this.#connection.listen();
  }

  /** @param {OutboxItem} item */
  #refused(item) {
    if (item.kind === "handoff") this.#store.setAsking(false);
    else if (item.kind === "withdraw") this.#store.setLeaving(false);
    else if (item.kind === "feedback") this.#store.setFeedback(String(item.body.message), null);
  }

  #drawSoon() {
    if (this.#drawing) return;
    // A long replay is drawn in a few strokes, not message by message.
    this.#drawing = setTimeout(() => this.#draw(), this.#store.replaying ? 60 : 0);
  }

  #draw() {
    clearTimeout(this.#drawing);
    this.#drawing = 0;
    const { entries, replaying } = this.#store;
    const open = !this.#panel.element.hidden;
    this.#root.setAttribute("aria-label", this.#texts.get("panel"));
    this.#panel.render();
    const last = entries.findLast((entry) => entry.cursor)?.cursor;
    if (last) this.#visit.markSpoken();
    if (last && open && document.visibilityState === "visible") this.#storage.write("read", last);
    this.#tellSeen();
    const unread = open || replaying ? 0 : this.#store.unreadAfter(this.#storage.read("read"));
    this.#launcher.render(this.#texts, unread);
    if (open && this.#article && !replaying && this.#panel.list.showArticle(this.#article)) {
      this.#article = null;
    }
  }

  /** @param {string} name */
  #fire(name) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true }));
  }
}
