/**
 * Types shared by the widget's modules (JSDoc only, nothing runs here).
 *
 * @typedef {"customer" | "bot" | "agent" | "system"} Speaker
 *
 * @typedef {object} Source
 * @property {string} title
 * @property {string} url
 * @property {string} [article]
 * @property {string} [product]
 *
 * @typedef {{token: string, title: string}} ReplyButton
 *
 * @typedef {object} MessageEvent A `message` event of the customer stream.
 * @property {string} id The cursor.
 * @property {string} conversation
 * @property {number} seq
 * @property {string} at ISO time.
 * @property {Speaker} from
 * @property {string} [name]
 * @property {string} text
 * @property {string} [html]
 * @property {string} [client_id]
 * @property {Source[]} [sources]
 * @property {ReplyButton[]} [buttons]
 * @property {string[]} [masked] Kinds of the numbers that the server took out.
 * @property {boolean} [asks_feedback]
 * @property {string} [ref] Cursor of the message that this one answers.
 * @property {"contact" | null} [form] What the customer is asked to fill in below it.
 *
 * @typedef {object} Queue A `queue` event of the customer stream.
 * @property {string} conversation
 * @property {number} place From 1.
 * @property {string} text Place and estimate as a sentence.
 * @property {string | null} due_at ISO time by which an answer was promised.
 * @property {boolean} asks_contact It may be long, and no address of the customer is known.
 *
 * @typedef {object} Status A `status` event of the customer stream.
 * @property {string} conversation
 * @property {"bot" | "agent"} owner
 * @property {string | null} agent
 * @property {"waiting" | "claimed" | null} case
 * @property {boolean} conversation_open
 *
 * @typedef {"sending" | "waiting" | "failed" | "sent"} Delivery
 *   `waiting`: not sent yet, tried again by itself; `failed`: refused, the customer decides.
 *
 * @typedef {object} Entry One message as the widget holds it.
 * @property {string} key Stable for the life of the page: names the DOM node.
 * @property {string} [cursor] Absent until the stream has confirmed it.
 * @property {string} [clientId] The customer's own messages.
 * @property {Speaker} from
 * @property {string} name
 * @property {string} text
 * @property {string} [html]
 * @property {Source[]} sources
 * @property {ReplyButton[]} buttons
 * @property {string[]} masked
 * @property {boolean} asksFeedback
 * @property {"contact" | null} [form]
 * @property {string} [ref]
 * @property {string} at
 * @property {string} conversation
 * @property {Delivery} delivery
 *
 * @typedef {object} Session Answer of `POST /customer/session`.
 * @property {string} token
 * @property {string} visitor
 * @property {{name: string} | null} customer
 * @property {Record<string, string>} texts
 * @property {string} language
 * @property {string} assistant
 * @property {{message: number}} [limits]
 *
 * @typedef {object} Options
 * @property {string} [language]
 * @property {string | null} [identity] Signed token of the host site.
 *
 * @typedef {object} OutboxItem Something that the server has not acknowledged yet.
 * @property {string} client_id
 * @property {"message" | "button" | "feedback" | "handoff" | "withdraw"} kind
 * @property {Record<string, unknown>} body Sent together with `client_id`.
 * @property {string} [text] What the customer sees of it.
 * @property {string} at ISO time.
 * @property {string | null} visitor Whose it is; null before the first session.
 * @property {string | null} subject Verified customer it was written as.
 * @property {boolean} [failed] Refused, or too old to be sent without asking.
 */

export {};
