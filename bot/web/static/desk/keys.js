/** The window that lists the keyboard's shortcuts. */

import { texts } from "./texts.js";
import { html } from "./ui.js";

/** @param {{dialog: {current: HTMLDialogElement|null}}} props */
export function KeysDialog({ dialog }) {
  return html`<dialog ref=${dialog} class="keys" aria-labelledby="keys-heading">
    <h2 id="keys-heading">${texts.keys.heading}</h2>
    <dl>
      ${texts.keys.list.map(
        ([key, what]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`,
      )}
    </dl>
    <form method="dialog"><button class="plain">${texts.keys.close}</button></form>
  </dialog>`;
}
