/** Calls to the desk's API: same origin, session cookie, CSRF header, one shape of error. */

import { texts } from "./texts.js";

const base = new URL("./api/", import.meta.url);
const PATIENCE = 15_000;

/** What went wrong with a call. `status` is 0 when no answer came. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message  a sentence an agent can read
   */
  constructor(status, code, message) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
  }

  /** Whether the same call may do better later. */
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** @returns {string} the value of the cookie `csrftoken`, or "" */
function csrfToken() {
  for (const part of document.cookie.split("; ")) {
    const [name, value] = part.split("=", 2);
    if (name === "csrftoken") return decodeURIComponent(value ?? "");
  }
  return "";
}

/**
 * @param {"GET"|"POST"} method
 * @param {string} path  below /desk/api/
 * @param {object} [body]
 * @returns {Promise<any>} the answer's JSON ({} when empty)
 * @throws {ApiError}
 */
async function call(method, path, body) {
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json" };
  if (method === "POST") {
    headers["content-type"] = "application/json";
    headers["x-csrftoken"] = csrfToken();
  }
  /** @type {Response} */
  let response;
  let text;
  try {
    response = await fetch(new URL(path, base), {
      method,
      headers,
      body: method === "POST" ? JSON.stringify(body ?? {}) : undefined,
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    });
    text = await response.text();
  } catch {
    throw new ApiError(0, "offline", texts.errors.offline);
  }
  /** @type {any} */
  let answer = {};
  let readable = true;
  try {
    if (text) answer = JSON.parse(text);
  } catch {
    readable = false;
  }
  if (response.ok) {
    if (!readable) throw new ApiError(502, "unreadable", texts.errors.unreadable);
    return answer;
  }
  const error = readable && answer && typeof answer.error === "object" ? answer.error : {};
  throw new ApiError(
    response.status,
    error.code ?? "unknown",
    error.message ?? texts.errors.status(response.status),
  );
}

/**
 * A POST; when the CSRF cookie is missing or stale, it is fetched again once.
 * @param {string} path
 * @param {object} [body]
 */
async function post(path, body) {
  if (!csrfToken()) await renewToken();
  try {
    return await call("POST", path, body);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    await renewToken();
    return call("POST", path, body);
  }
}

async function renewToken() {
  try {
    await call("GET", "me");
  } catch (error) {
    // 401 is fine: the cookie comes with it
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
  }
}

/** @param {string} id */
const casePath = (id) => `cases/${encodeURIComponent(id)}`;

export const api = {
  /** @returns {Promise<{agent: import("./types.js").Agent}>} */
  me: () => call("GET", "me"),
  /**
   * @param {string} name
   * @param {string} password
   * @returns {Promise<{agent: import("./types.js").Agent}>}
   */
  login: (name, password) => post("login", { name, password }),
  logout: () => post("logout"),
  /** @returns {Promise<{cases: import("./types.js").Case[]}>} */
  cases: () => call("GET", "cases"),
  /**
   * @param {string} id
   * @returns {Promise<import("./types.js").Detail>}
   */
  detail: (id) => call("GET", casePath(id)),
  /**
   * @param {string} id
   * @returns {Promise<{case: import("./types.js").Case}>}
   */
  claim: (id) => post(`${casePath(id)}/claim`),
  /**
   * Anything said or done in a case; the same client_id again does nothing twice.
   * @param {import("./types.js").Outgoing} item
   * @returns {Promise<{case?: import("./types.js").Case, entry?: import("./types.js").Entry}>}
   */
  send: ({ case: id, kind, client_id, text, disposition, seen }) =>
    post(`${casePath(id)}/${kind}`, { client_id, text, disposition, seen }),
  /**
   * What a draft asks for though it is known.
   * @param {string} id
   * @param {string} text
   * @returns {Promise<{asked: import("./types.js").Asked[]}>}
   */
  check: (id, text) => post(`${casePath(id)}/check`, { text }),
  /** @returns {Promise<{agents: import("./types.js").Colleague[]}>} */
  agents: () => call("GET", "agents"),
  /** @param {import("./types.js").Presence} state */
  presence: (state) => post("presence", { state }),
  /**
   * @param {string} id
   * @param {{client_id: string, colleague: string, wants: "look"|"take", text: string}} request
   * @returns {Promise<{case: import("./types.js").Case}>}
   */
  ask: (id, request) => post(`${casePath(id)}/ask`, request),
  /**
   * Answers a colleague's request, or takes my own back.
   * @param {string} id
   * @param {"accept"|"decline"} how
   * @param {string} client_id
   * @returns {Promise<{case: import("./types.js").Case}>}
   */
  answerAsk: (id, how, client_id) => post(`${casePath(id)}/${how}`, { client_id }),
  /** @param {string} id @param {boolean} on */
  typing: (id, on) => post(`${casePath(id)}/typing`, { on }),
  /** @param {string} id @param {number} seq */
  read: (id, seq) => post(`${casePath(id)}/read`, { seq }),
  /**
   * @param {string} id
   * @returns {Promise<import("./types.js").Suggestions>}
   */
  suggestions: (id) => call("GET", `${casePath(id)}/suggestions`),
  /**
   * @param {string} id
   * @returns {Promise<{replies: import("./types.js").Canned[]}>}
   */
  canned: (id) => call("GET", `${casePath(id)}/canned`),
  /** The address of the event stream. */
  stream: new URL("stream", base),
};
