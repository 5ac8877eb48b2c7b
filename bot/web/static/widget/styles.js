/**
 * The widget's style as constructable style sheets: nothing reaches the page, and a page whose
 * Content-Security-Policy forbids inline styles does not mind.
 *
 * Sizes of text are `em` of the reader's own font size (`all: initial` takes the page's away);
 * sides are logical, so that right-to-left pages need nothing more. A page's rule for `*` matches
 * the element itself and beats `:host`: therefore it has no box, and what it inherits ends at
 * `.root`, which no page can reach. `display: none` is left to the page, to hide it all.
 */

import { messageStyle } from "./styles-messages.js";

const dark = /* css */ `
--accent: var(--fl-accent-dark, #7cc7d1);
--panel: #1c2229;
--ground: #14191f;
--bubble: #2a323b;
--line: #36404a;
--control: #8f9ba6;
--text: #e9eef2;
--muted: #a9b5bf;
--person: #3d3220;
--person-line: #c08c34;
--person-text: #f3cf8f;
--warn: #ffa79d;
--shadow: 0 12px 40px rgb(0 0 0 / 55%), 0 0 0 1px #36404a;
color-scheme: dark !important;
`;

const frame = /* css */ `
:host {
  all: initial;
  display: contents;
  position: absolute !important; /* out of the page's layout, should it be given a box */
  --fill: var(--fl-fill, #15616d);
  --on-fill: var(--fl-on-fill, #fff);
  --accent: var(--fl-accent-light, #15616d);
  --panel: #fff;
  --ground: #f5f7f8;
  --bubble: #fff;
  --line: #dfe4e8;
  --control: #7d8892;
  --text: #18222b;
  --muted: #55616c;
  --person: #fdf1dc;
  --person-line: #d99a2b;
  --person-text: #7a4b00;
  --warn: #a8271d;
  --shadow: 0 12px 40px rgb(16 24 32 / 18%), 0 2px 8px rgb(16 24 32 / 10%);
  color-scheme: light !important;
}
@media (prefers-color-scheme: dark) {
  :host(:not([data-theme="light"])) {
    ${dark}
  }
}
:host([data-theme="dark"]) { ${dark} }
*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }
.root {
  all: initial; color-scheme: inherit;
  position: fixed; inset-block-start: 0; inset-inline-start: 0; z-index: 2147483000;
  font: 400 medium/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Thai", sans-serif;
  color: var(--text);
  text-align: start;
  -webkit-text-size-adjust: 100%;
}
button, textarea, input { font: inherit; color: inherit; margin: 0; }
button { cursor: pointer; background: none; border: 0; padding: 0; -webkit-tap-highlight-color: transparent; }
h2, p, ul { margin: 0; padding: 0; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.unseen {
  position: absolute; inline-size: 1px; block-size: 1px; margin: -1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap;
}
.icon {
  inline-size: 22px; block-size: 22px; flex: none; fill: none; stroke: currentColor;
  stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round;
}

.launcher {
  position: fixed; z-index: 2147483000; inset-block-end: 24px; inset-inline-end: 24px;
  display: flex; align-items: center; gap: 10px; min-block-size: 56px;
  padding-inline: 18px 22px; border-radius: 28px;
  background: var(--fill); color: var(--on-fill); font-weight: 600;
  box-shadow: var(--shadow); transition: transform .18s ease, box-shadow .18s ease;
}
.launcher:hover { transform: translateY(-2px); }
.launcher:focus-visible { outline-offset: 3px; }
.launcher .icon { inline-size: 26px; block-size: 26px; }
.dot {
  position: absolute; inset-block-start: -2px; inset-inline-end: 4px;
  inline-size: 16px; block-size: 16px; border-radius: 50%;
  background: #d92d20; border: 3px solid #fff;
}
:host([data-position="start"]) :is(.launcher, .panel) { inset-inline: 24px auto; }

.panel {
  position: fixed; z-index: 2147483000; inset-block-end: 24px; inset-inline-end: 24px;
  inline-size: 400px; block-size: 640px;
  max-inline-size: calc(100vw - 48px); max-block-size: calc(100vh - 48px);
  max-block-size: calc(100dvh - 48px);
  display: flex; flex-direction: column; overflow: hidden;
  background: var(--panel); border-radius: 20px; box-shadow: var(--shadow);
  animation: rise .22s cubic-bezier(.2, .8, .3, 1);
}
@keyframes rise { from { opacity: 0; transform: translateY(14px) scale(.985); } }

header {
  display: flex; align-items: center; gap: 10px; padding-block: 12px; padding-inline: 16px 8px;
  border-block-end: 1px solid var(--line);
}
.avatar {
  inline-size: 40px; block-size: 40px; flex: none; border-radius: 50%;
  display: grid; place-items: center; background: var(--fill); color: var(--on-fill);
  font-weight: 650; font-size: 1.05em;
}
.with-person .avatar { background: var(--person); color: var(--person-text); box-shadow: inset 0 0 0 2px var(--person-line); }
.heading { flex: 1; min-inline-size: 0; }
.name { font-size: .9688em; font-weight: 650; line-height: 1.3; overflow-wrap: anywhere; text-align: match-parent; }
.role { font-size: .8125em; line-height: 1.35; color: var(--muted); }
.person {
  display: inline-flex; align-items: center; gap: 6px; min-block-size: 44px; padding-inline: 10px;
  border: 1px solid var(--line); border-radius: 22px; max-inline-size: 50%;
  font-size: .8125em; line-height: 1.2; font-weight: 600; color: var(--accent); text-align: start;
}
.person .icon { inline-size: 20px; block-size: 20px; }
.person span { inline-size: max-content; max-inline-size: 8em; text-wrap: balance; }
.person:hover { background: var(--ground); border-color: var(--accent); }
.person[aria-disabled="true"] { color: var(--muted); border-color: transparent; cursor: default; background: none; }
.icon-button { inline-size: 44px; block-size: 44px; flex: none; display: grid; place-items: center; border-radius: 50%; color: var(--muted); }
.icon-button:hover { background: var(--ground); color: var(--text); }

.status {
  display: grid; grid-template-columns: auto 1fr; align-items: center; gap: 0 10px; padding: 9px 16px;
  font-size: .875em; line-height: 1.4; background: var(--person); color: var(--person-text);
}
.status::before {
  content: ""; inline-size: 9px; block-size: 9px; border-radius: 50%; background: var(--person-line);
}
.status-text { text-align: match-parent; text-wrap: pretty; }
.withdraw {
  grid-column: 2; justify-self: start; min-block-size: 32px; margin-block-end: -6px; line-height: 1.2;
  font-weight: 600; text-align: start; text-decoration: underline; text-underline-offset: 3px;
}
.withdraw:hover { text-decoration-thickness: 2px; }
.withdraw[aria-disabled="true"] { opacity: .7; cursor: default; text-decoration: none; }
.status[data-state="waiting"]::before { animation: pulse 1.6s ease-in-out infinite; }
@keyframes pulse { 50% { opacity: .25; } }

.middle { position: relative; flex: 1; min-block-size: 0; display: flex; background: var(--ground); }
.jump {
  position: absolute; inset-block-end: 12px; inset-inline: 0; margin-inline: auto; inline-size: fit-content;
  display: flex; align-items: center; gap: 6px; min-block-size: 40px; padding-inline: 14px 18px;
  border-radius: 20px; background: var(--fill); color: var(--on-fill); font-size: .875em; font-weight: 600;
  box-shadow: 0 4px 14px rgb(16 24 32 / 25%);
}
.jump .icon { inline-size: 18px; block-size: 18px; }
.line { padding: 6px 16px; font-size: .8125em; line-height: 1.4; color: var(--muted); background: var(--ground); text-align: center; }
.line:empty { padding: 0; }

.composer { padding: 10px 12px 12px; background: var(--panel); border-block-start: 1px solid var(--line); }
.box {
  display: flex; align-items: flex-end; gap: 6px; padding: 4px; padding-inline-start: 14px;
  border: 1px solid var(--control); border-radius: 24px; background: var(--panel);
}
.box:focus-within { border-color: var(--accent); box-shadow: 0 0 0 2px var(--accent); }
textarea {
  flex: 1; min-inline-size: 0; border: 0; outline: 0; resize: none; background: none; field-sizing: content;
  padding: 8px 0; line-height: 1.4; min-block-size: 38px; max-block-size: 8.5em; overflow-y: auto;
}
textarea:focus-visible { outline: 0; } /* the box around it shows the focus */
textarea::placeholder { color: var(--muted); opacity: 1; }
.send {
  inline-size: 40px; block-size: 40px; flex: none; display: grid; place-items: center; border-radius: 50%;
  background: var(--fill); color: var(--on-fill); transition: opacity .15s;
}
.send:disabled { background: var(--line); color: var(--muted); cursor: default; }
.counter { padding: 6px 14px 0; font-size: .8125em; color: var(--muted); text-align: end; }
.counter.over { color: var(--warn); font-weight: 600; }

@media (max-width: 560px) {
  .launcher, :host([data-position="start"]) .launcher { inset-block-end: 16px; inset-inline-end: 16px; }
  :host([data-position="start"]) .launcher { inset-inline: 16px auto; }
  .panel, :host([data-position="start"]) .panel {
    inset-block: var(--fl-viewport-top, 0) auto; inset-inline: 0; inline-size: 100%; max-inline-size: none;
    block-size: 100dvh; block-size: var(--fl-viewport, 100dvh); max-block-size: none; border-radius: 0;
  }
  header { padding-block-start: max(12px, env(safe-area-inset-top)); }
  .composer { padding-block-end: max(12px, env(safe-area-inset-bottom)); }
}
@media (max-width: 340px) {
  .avatar { display: none; }
}
@media (max-height: 480px) {
  .panel { inset-block: 0; block-size: 100dvh; max-block-size: none; border-radius: 0; }
  header { padding-block: 4px; }
  .avatar { display: none; }
  .status { padding-block: 4px; font-size: .8125em; line-height: 1.3; }
  .withdraw { min-block-size: 26px; margin-block-end: -3px; }
  .composer { padding-block: 6px; }
  textarea { max-block-size: 4.5em; }
}
@media (prefers-reduced-motion: reduce) {
  *, ::before, ::after { animation: none !important; transition: none !important; }
}
@media (forced-colors: active) {
  .launcher, .panel, .bubble, .chip, .person, .send, .status { border: 1px solid CanvasText; }
  .dot, .status::before, .typing i { background: CanvasText; forced-color-adjust: none; }
}
@media print { .root { display: none; } }
`;

/** @type {CSSStyleSheet[] | null} */
let made = null;

/** @returns {CSSStyleSheet[]} Shared by every widget of the page. */
export function sheets() {
  made ??= [frame, messageStyle].map((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    return sheet;
  });
  return made;
}
