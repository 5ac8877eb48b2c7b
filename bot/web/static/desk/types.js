/**
 * The shapes the desk's API speaks. Types only; nothing here runs.
 *
 * @typedef {{id: string, name: string}} Agent
 *
 * @typedef {object} Case
 * @property {string} id
 * @property {string} conversation
 * @property {"waiting"|"claimed"|"returned"|"resolved"} state
 * @property {string} reason
 * @property {string|null} topic
 * @property {string} opened_at
 * @property {number} waiting_seconds  seconds waited so far (by the server's clock)
 * @property {{id: string, name: string|null, verified: boolean}} customer
 * @property {string|null} question  the customer's own words
 * @property {Agent|null} agent  who has it, or had it last
 * @property {string} channel
 * @property {string|null} last_at
 * @property {string|null} last_text
 * @property {string} language
 * @property {string|null} [disposition]
 * @property {string|null} [ended_at]
 * @property {boolean} at_head  came back by no fault of the customer: served first
 * @property {string|null} due_at  by when the customer was promised an answer
 * @property {{first_reply: Target, resolution: Target}} targets
 * @property {{agent: string, wants: "look"|"take"}|null} asked
 * @property {boolean} awaits  whether the customer said the last word
 * @property {number} unread  messages of the customer that no agent has read
 * @property {number} read_by_customer  the last event that the customer has seen
 * @property {number} [since]  when the waiting began, by this browser's clock (ms); set here
 *
 * @typedef {{due_at: string, state: "ok"|"warning"|"broken"|"met"}} Target
 *
 * @typedef {"available"|"busy"|"away"} Presence
 *
 * @typedef {object} Colleague
 * @property {string} id
 * @property {string} name
 * @property {Presence} state
 * @property {"chosen"|"idle"|"lost"|"left"} why
 * @property {string} since
 * @property {string[]} topics  empty: all
 * @property {string[]} languages  empty: all
 * @property {number} capacity  cases to hold at once
 * @property {number} holds
 *
 * @typedef {object} Suggestion
 * @property {string} title
 * @property {string} text  ready to be sent, in the customer's language
 * @property {string} language  of the text
 * @property {string} url
 * @property {string|null} article
 * @property {string|null} product
 * @property {number} probability
 * @property {boolean} told  whether the bot has said it in this conversation
 * @property {{title: string, text: string}|null} meaning  the same in the desk's language
 *
 * @typedef {{question: string|null, seq: number|null, language: string, suggestions: Suggestion[]}} Suggestions
 *
 * @typedef {object} Canned
 * @property {string} id
 * @property {string} title
 * @property {string} text  filled in; what is not known stands in it as a mark
 * @property {string[]} missing  the marks, in their order
 * @property {string|null} meaning  the same in the desk's language, where that is another
 *
 * @typedef {{title: string, url?: string|null, article?: string|null, product?: string|null}} Source
 *
 * @typedef {object} Entry
 * @property {number} seq
 * @property {string} at
 * @property {string} type
 * @property {"customer"|"bot"|"agent"|"system"} from
 * @property {string|null} name
 * @property {string} text
 * @property {string} [html]
 * @property {Source[]} [sources]
 * @property {boolean} note
 * @property {boolean} suppressed
 * @property {string|{kind: string, confidence?: number}} [decision]
 * @property {number} [confidence]
 * @property {boolean} [helpful]
 * @property {string[]} [masked]  kinds of the numbers that were taken out
 * @property {string} [client_id]
 *
 * @typedef {object} Touchpoint
 * @property {string} conversation
 * @property {string} channel
 * @property {string|null} stage
 * @property {string|null} topic
 * @property {string|null} outcome
 * @property {number} effort
 * @property {number} handoffs
 * @property {number} persons_met
 * @property {number} transfers
 * @property {number} [asked_again]
 * @property {string} started_at
 * @property {string|null} ended_at
 * @property {string|null} question
 *
 * The packet's types, as docs/packet.md has them.
 *
 * @typedef {{text: string, seq: number}} Quote
 * @typedef {{seq: number, conversation: string|null}} EventLink
 * @typedef {{kind: string, value: string, text: string, code: string|null, events: EventLink[]}} Part
 * @typedef {{kind: string, text: string, parts: Part[]}} Line
 * @typedef {{name: string, text: string, seq: number, at: string, private: boolean}} Words
 * @typedef {{name: string, seq: number, at: string, end: string|null, end_seq: number|null}} Spell
 *
 * @typedef {object} PacketAnswer
 * @property {number} seq
 * @property {Quote|null} question
 * @property {string} text
 * @property {Source[]} sources
 * @property {{helpful: boolean, seq: number, at: string}|null} reaction
 * @property {number|null} asked_again
 * @property {string|null} decision
 *
 * @typedef {object} Fact
 * @property {string} kind
 * @property {string} value
 * @property {{how: string, seq: number, at: string}[]} sources
 *
 * @typedef {object} Thought
 * @property {number} seq
 * @property {number|null} question_seq
 * @property {string|null} decision
 * @property {number} confidence
 * @property {{intent: string, probability: number}[]} intents
 * @property {{title: string, probability: number, given: boolean}[]} pages
 *
 * @typedef {object} Order
 * @property {string} number
 * @property {string} proof
 * @property {number} seq
 * @property {string|null} shown_as
 * @property {string|null} state
 * @property {string|null} placed
 * @property {string|null} total
 * @property {{product: string, name: string, size: string|null, colour: string|null, quantity: number}[]} lines
 * @property {string|null} delivery
 * @property {string|null} carrier
 * @property {string|null} tracking
 * @property {string|null} expected
 * @property {string|null} delivered
 * @property {string|null} payment
 * @property {string|null} returning
 *
 * @typedef {object} Handoff
 * @property {string} case
 * @property {boolean} current
 * @property {string} reason
 * @property {number} seq
 * @property {string} at
 * @property {Quote|null} need
 * @property {Spell[]} spells
 * @property {Words[]} words
 * @property {string|null} disposition
 *
 * @typedef {object} OtherCase
 * @property {string} case
 * @property {string} conversation
 * @property {string} state
 * @property {string} reason
 * @property {string} opened_at
 * @property {Quote|null} question
 * @property {string|null} disposition
 * @property {Words|null} last_words
 * @property {Words[]} notes
 *
 * @typedef {object} Asked  a known fact that a draft asks for
 * @property {string} fact
 * @property {string} value
 * @property {"typed"|"clicked"|"looked_up"|"verified"|"profile"} how
 * @property {number|null} seq
 * @property {string|null} at
 * @property {"customer"|"shop"} source
 *
 * @typedef {object} Packet
 * @property {number} version
 * @property {string} conversation
 * @property {string} case
 * @property {string} reason
 * @property {Line[]} summary
 * @property {{text: string, seq: number, how: string, whole: boolean}|null} need
 * @property {{id: string, name: string|null, email: string|null, phone: string|null, member_since: string|null, verified: boolean}} customer
 * @property {PacketAnswer[]} answers
 * @property {Fact[]} facts
 * @property {{title: string, seq: number, at: string}[]} clicks
 * @property {Thought[]} thoughts
 * @property {Order[]} orders
 * @property {Handoff[]} handoffs
 * @property {OtherCase[]} cases
 * @property {Touchpoint[]} journey
 * @property {{seq: number, at: string}[]} transcript
 * @property {string|null} page
 * @property {string} language
 * @property {string} channel
 *
 * @typedef {object} Detail
 * @property {Case} case
 * @property {Packet} packet
 * @property {Entry[]} transcript
 * @property {Touchpoint[]} journey
 * @property {number} cursor
 *
 * @typedef {"return"|"release"|"resolve"} Ending  how an agent's part of a case ends
 * @typedef {"reply"|"note"|Ending} SendKind
 *
 * @typedef {object} Outgoing  something said or done here that the server has not confirmed yet
 * @property {string} client_id
 * @property {string} case
 * @property {SendKind} kind
 * @property {string} [text]
 * @property {string} [disposition]
 * @property {number} [seen]  the last event shown when it was ended
 * @property {number} at  when it was sent off, by this browser's clock (ms)
 * @property {string} [refused]  why the server would not take it
 *
 * @typedef {"connecting"|"live"|"reconnecting"} Connection
 * @typedef {"queue"|"case"|"packet"} Pane
 *
 * @typedef {{text: string, turn: number}} Said  each sentence has a turn of its own
 *
 * @typedef {object} State
 * @property {"starting"|"login"|"desk"} phase
 * @property {Agent|null} agent
 * @property {Case[]} cases
 * @property {boolean} loaded  whether the queue was received at least once
 * @property {Connection} connection
 * @property {string|null} openId
 * @property {Record<string, Detail>} details
 * @property {{id: string, message: string}|null} loadError
 * @property {Colleague[]} team
 * @property {Record<string, number>} typing  conversations whose customer writes, and until when (ms)
 * @property {boolean} asking  whether the dialog that asks a colleague is open
 * @property {Record<string, number>} unread
 * @property {Outgoing[]} outbox
 * @property {string|null} claiming
 * @property {{id: string, message: string}|null} claimError
 * @property {Pane} pane  the pane shown where only one fits
 * @property {{seq: number, turn: number}|null} highlight
 * @property {Said|null} announcement  read out by screen readers
 * @property {Said|null} notice  shown to everybody until it is closed
 * @property {number} draftTurn  grows when a draft was changed outside the composer
 * @property {string|null} expired  why the log-in page is shown again
 */

export {};
