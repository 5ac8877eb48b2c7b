/** The window that lists the keyboard's shortcuts. */

import { questionKey, setQuestionKey } from "./shortcuts.js";
import { texts } from "./texts.js";
import { html, useState } from "./ui.js";

/** @param {{dialog: {current: HTMLDialogElement|null}}} props */
export function KeysDialog({ dialog }) {
  const [single, setSingle] = useState(questionKey());
  const turn = () => {
    setQuestionKey(!single);
    setSingle(!single);
  };
  return html`<dialog ref=${dialog} class="keys" aria-labelledby="keys-heading">
    <h2 id="keys-heading">${texts.keys.heading}</h2>
    <div class="keys-lists">
      ${texts.keys.groups.map(
        ([heading, list]) => html`<section key=${heading} aria-label=${heading}>
          <h3>${heading}</h3>
          <dl>${list.map(
            ([key, what]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${what}</dd></div>`,
          )}</dl>
        </section>`,
      )}
    </div>
    <form method="dialog">
      <label class="check"><input type="checkbox" checked=${single} onChange=${turn} /> ${texts.keys.single}</label>
      <button class="plain">${texts.keys.close}</button>
    </form>
  </dialog>`;
}
