/** What a key means where it is pressed. */

/** On a Mac, Alt is a layer of characters; it moves by paragraphs with the arrows. */
export const isMac = /^(Mac|iPad|iPhone)/.test(navigator.platform);

/** Whether keys write text there. @param {EventTarget|null} target */
export const isText = (target) =>
  target instanceof HTMLElement &&
  Boolean(target.closest("input:not([type=checkbox], [type=radio]), textarea, [contenteditable]"));

/** Whether the key writes a character, or begins one. @param {KeyboardEvent} event */
export const isCharacter = (event) => event.key === "Dead" || [...event.key].length === 1;
