/** The messages' part of the style: see styles.js. */

export const messageStyle = /* css */ `
.scroller {
  flex: 1; min-inline-size: 0; overflow: hidden auto; overscroll-behavior: contain;
  padding: 16px; scrollbar-width: thin; scrollbar-color: var(--control) transparent;
}
.log { display: flex; flex-direction: column; gap: 6px; }

.welcome { padding: 28px 8px 8px; text-align: center; color: var(--muted); font-size: .9375em; }
.welcome-title { font-size: 1.25em; line-height: 1.35; font-weight: 650; color: var(--text); padding-block-end: 8px; text-wrap: balance; }
.signed-in { display: inline-block; margin-block-start: 16px; padding: 6px 14px; border-radius: 16px; background: var(--bubble); border: 1px solid var(--line); font-size: .875em; }
.note { align-self: center; text-align: center; font-size: .8125em; color: var(--muted); padding: 4px 12px; max-inline-size: 90%; }
.note.day { padding-block: 2px 6px; }

.message { display: flex; flex-direction: column; align-items: flex-start; border-radius: 18px; scroll-margin: 12px; }
.message.first { margin-block-start: 8px; }
.message:focus-visible { outline-offset: 4px; }
.who { font-size: .8125em; font-weight: 600; color: var(--muted); padding-inline: 4px; padding-block-end: 3px; display: flex; align-items: center; gap: 6px; }
.badge { padding: 1px 8px; border-radius: 10px; background: var(--person); color: var(--person-text); font-size: .923em; }
.bubble {
  max-inline-size: 92%; min-inline-size: 0; overflow-wrap: anywhere;
  background: var(--bubble); border: 1px solid var(--line); border-radius: 18px; border-end-start-radius: 6px;
}
.body { padding: 10px 14px; font-size: .9375em; }
.customer .body, .agent .body { white-space: pre-wrap; }
.after { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; padding: 4px 6px 0; color: var(--muted); }
.after:empty { display: none; }
.masked { font-size: .75em; flex-basis: 100%; }
.message.customer .masked { text-align: end; }
.meta { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 8px; font-size: .75em; }

.message.customer { align-items: flex-end; }
.customer .bubble { max-inline-size: 84%; background: var(--fill); color: var(--on-fill); border-color: var(--fill); border-radius: 18px; border-end-end-radius: 6px; }
.customer .body a { color: inherit; }
.customer[data-delivery="sending"] .bubble, .customer[data-delivery="waiting"] .bubble { opacity: .82; }
.customer[data-delivery="failed"] .bubble { background: var(--bubble); color: var(--text); border-color: var(--warn); }
.customer[data-delivery="failed"] .delivery { color: var(--warn); font-weight: 600; }
.retry { display: inline-flex; align-items: center; gap: 4px; min-block-size: 32px; padding-inline: 8px; border-radius: 16px; font-weight: 600; color: var(--accent); }
.retry .icon { inline-size: 16px; block-size: 16px; }
.retry span { text-decoration: underline; text-underline-offset: 2px; }

.agent .bubble { background: var(--person); border-color: color-mix(in srgb, var(--person-line) 55%, transparent); }
.message.system { align-items: center; }
.system .bubble { background: none; border: 0; max-inline-size: 90%; }
.system .body { padding: 2px 0; text-align: center; font-size: .875em; color: var(--muted); }
.system .after { inline-size: 100%; padding: 0; }
.system .quick-replies { justify-content: center; margin-inline: 0; }

.contact {
  align-self: stretch; display: flex; flex-direction: column; gap: 6px; margin-block-start: 8px; padding: 12px 14px 14px;
  background: var(--bubble); border: 1px solid var(--line); border-radius: 18px; font-size: .875em;
}
.contact fieldset { border: 0; margin: 0; padding: 0; min-inline-size: 0; display: flex; flex-wrap: wrap; gap: 0 20px; }
.contact legend { padding: 0; font-weight: 650; font-size: 1.0715em; padding-block-end: 4px; }
.choice { display: inline-flex; align-items: center; gap: 8px; min-block-size: 36px; cursor: pointer; }
.choice input { inline-size: 18px; block-size: 18px; accent-color: var(--accent); cursor: pointer; }
.contact > label { color: var(--muted); }
.contact .row { display: flex; align-items: center; gap: 8px; }
.address {
  flex: 1; min-inline-size: 0; min-block-size: 44px; padding: 6px 14px; font-size: 1.143em;
  border: 1px solid var(--control); border-radius: 22px; background: var(--panel);
}
.address:focus-visible { outline: 0; border-color: var(--accent); box-shadow: 0 0 0 2px var(--accent); }
.address[aria-invalid="true"] { border-color: var(--warn); }
.contact .chip.small { min-block-size: 44px; }
.contact .chip[aria-disabled="true"] { opacity: .6; cursor: default; }
.wrong { color: var(--warn); font-weight: 600; }
.wrong:empty { display: none; }

.body > :first-child { margin-block-start: 0; }
.body > :last-child { margin-block-end: 0; }
.body p { margin-block: 0 .6em; }
.body ul, .body ol { margin-block: 0 .6em; padding-inline-start: 1.3em; }
.body li { margin-block-end: .2em; }
.body h3 { font-size: 1em; font-weight: 650; margin-block: .9em .3em; line-height: 1.35; }
.body a { color: var(--accent); text-underline-offset: 2px; }
.body code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .92em; }
.body pre { overflow-x: auto; }
.body blockquote { margin: 0 0 .6em; padding-inline-start: 10px; border-inline-start: 3px solid var(--line); }
.body table { display: block; max-inline-size: 100%; overflow-x: auto; border-collapse: collapse; font-size: .9333em; overflow-wrap: normal; }
.body th, .body td { padding: 5px 9px; border: 1px solid var(--line); text-align: start; }
.body th { font-weight: 600; background: var(--ground); }

.sources { list-style: none; padding: 4px 6px; border-block-start: 1px solid var(--line); }
.sources a {
  display: flex; align-items: center; gap: 8px; min-block-size: 40px; padding: 4px 8px; border-radius: 12px;
  color: var(--accent); font-size: .875em; line-height: 1.35; font-weight: 600; text-decoration: none;
}
.sources a:hover { background: var(--ground); text-decoration: underline; }
.sources .icon { inline-size: 18px; block-size: 18px; }

.chip {
  min-block-size: 44px; padding: 6px 16px; border: 1px solid var(--accent); border-radius: 22px;
  background: var(--panel); color: var(--accent); font-size: .9375em; line-height: 1.3; font-weight: 600; text-align: start;
}
.chip:hover:enabled { background: var(--accent); color: var(--panel); }
.chip:disabled { border-color: var(--line); background: none; color: var(--muted); cursor: default; font-weight: 400; }
.chip.chosen:disabled { border-color: var(--accent); color: var(--text); font-weight: 600; }
.chip.small { min-block-size: 32px; min-inline-size: 44px; padding: 3px 14px; font-size: 1em; border-color: var(--control); text-align: center; }
.chip.small:hover { border-color: var(--accent); }
.quick-replies { display: flex; flex-wrap: wrap; gap: 8px; padding-block-start: 4px; margin-inline-start: -6px; flex-basis: 100%; }
.feedback { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; font-size: .8125em; }

.typing { display: inline-flex; align-items: center; gap: 5px; margin-block-start: 12px; padding: 15px 16px; background: var(--bubble); border: 1px solid var(--line); border-radius: 18px; border-end-start-radius: 6px; }
.typing.agent { background: var(--person); border-color: transparent; }
.typing.agent { padding-block: 8px; }
.typist { margin-inline-start: 5px; font-size: .875em; color: var(--person-text); }
.typist:empty { display: none; }
.typing i { flex: none; inline-size: 7px; block-size: 7px; border-radius: 50%; background: var(--muted); animation: hop 1.2s ease-in-out infinite; }
.typing i:nth-child(2) { animation-delay: .15s; }
.typing i:nth-child(3) { animation-delay: .3s; }
@keyframes hop { 0%, 60%, 100% { opacity: .35; transform: none; } 30% { opacity: 1; transform: translateY(-3px); } }
@media (prefers-reduced-motion: no-preference) {
  .message.fresh { animation: appear .2s ease-out; }
  @keyframes appear { from { opacity: 0; transform: translateY(6px); } }
}
`;
