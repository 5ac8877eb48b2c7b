/** The log-in page. */

import { ApiError } from "./api.js";
import { login } from "./desk.js";
import { texts } from "./texts.js";
import { html, useEffect, useRef, useState } from "./ui.js";

/** @param {{expired: string|null}} props */
export function Login({ expired }) {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const name = useRef(/** @type {HTMLInputElement|null} */ (null));
  const password = useRef(/** @type {HTMLInputElement|null} */ (null));
  useEffect(() => name.current?.focus(), []);

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    if (busy || !name.current || !password.current) return;
    if (!name.current.value.trim() || !password.current.value) {
      setError(texts.login.missing);
      (name.current.value.trim() ? password : name).current?.focus();
      return;
    }
    setBusy(true);
    setError("");
    try {
      await login(name.current.value.trim(), password.current.value);
    } catch (problem) {
      setBusy(false);
      if (!(problem instanceof ApiError)) throw problem;
      if (problem.status === 401) setError(texts.login.wrong);
      else setError(problem.status === 0 ? texts.login.offline : problem.message);
      password.current?.focus();
      password.current?.select();
    }
  }

  return html`<main class="login">
    <form onSubmit=${submit} novalidate>
      <p class="brand">${texts.product} <span>${texts.desk}</span></p>
      <h1>${texts.login.heading}</h1>
      ${expired && html`<p class="hint">${expired}</p>`}
      <label for="login-name">${texts.login.name}</label>
      <input id="login-name" ref=${name} name="username" autocomplete="username"
        autocapitalize="none" spellcheck=${false} required
        aria-invalid=${error ? "true" : undefined} aria-describedby="login-error" />
      <label for="login-password">${texts.login.password}</label>
      <input id="login-password" ref=${password} name="password" required
        type=${shown ? "text" : "password"} autocomplete="current-password"
        aria-invalid=${error ? "true" : undefined} aria-describedby="login-error" />
      <label class="check">
        <input type="checkbox" checked=${shown} onChange=${() => setShown(!shown)} />
        ${texts.login.show}
      </label>
      <p id="login-error" class="error" role="alert">${error}</p>
      <button class="main" aria-disabled=${busy ? "true" : undefined}>
        ${busy ? texts.login.busy : texts.login.button}
      </button>
    </form>
  </main>`;
}
