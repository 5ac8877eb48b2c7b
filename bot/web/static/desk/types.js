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
 * @property {number} [since]  when the waiting began, by this browser's clock (ms); set here
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
 * @typedef {object} PacketAnswer
 * @property {number} seq
 * @property {number|null} question_seq
 * @property {string} text
 * @property {Source[]} sources
 * @property {boolean|null} helpful
 * @property {string|null} decision
 *
 * @typedef {{kind: string, value: string, seq: number, how: string}} Fact
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
 * @property {{id: string, name: string|null, email: string|null, verified: boolean}} customer
 * @property {{text: string, seq: number}|null} question
 * @property {PacketAnswer[]} answers
 * @property {number[]} did_not_help
 * @property {Fact[]} facts
 * @property {{number: string, state: string, seq: number}|null} order
 * @property {Touchpoint[]} earlier
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
 * @property {number} at  when it was sent off, by this browser's clock (ms)
 * @property {string} [refused]  why the server would not take it
 *
 * @typedef {"connecting"|"live"|"reconnecting"} Connection
 * @typedef {"queue"|"case"|"packet"} Pane
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
 * @property {Record<string, number>} unread
 * @property {Outgoing[]} outbox
 * @property {string|null} claiming
 * @property {{id: string, message: string}|null} claimError
 * @property {Pane} pane  the pane shown where only one fits
 * @property {{seq: number, turn: number}|null} highlight
 * @property {string} announcement  read out by screen readers
 * @property {number} draftTurn  grows when a draft was changed outside the composer
 * @property {string|null} expired  why the log-in page is shown again
 */

export {};
