/** The shop's one colour, turned into a set of colours that can always be read. */

/** @typedef {[number, number, number]} Rgb Each 0 to 255. */

/** @type {Rgb} */
const WHITE = [255, 255, 255];
/** @type {Rgb} */
const INK = [16, 24, 32];
/** The darkest panel colour of the dark scheme, see styles.js. @type {Rgb} */
const DARK_PANEL = [42, 50, 59];

/**
 * @param {string} color Any CSS colour.
 * @returns {Rgb | null} Null when the browser does not know it.
 */
export function parseColor(color) {
  if (!CSS.supports("color", color)) return null;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return null;
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
  return alpha === 255 ? [red, green, blue] : null;
}

/**
 * @param {Rgb} rgb
 * @returns {number} Relative luminance of WCAG, 0 to 1.
 */
function luminance(rgb) {
  const [red, green, blue] = rgb.map((byte) => {
    const part = byte / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * @param {Rgb} one
 * @param {Rgb} other
 * @returns {number} Contrast ratio of WCAG, 1 to 21.
 */
export function contrast(one, other) {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

/** @param {Rgb} rgb @returns {[number, number, number]} Hue 0 to 360, saturation, lightness 0 to 1. */
function toHsl(rgb) {
  const [red, green, blue] = rgb.map((byte) => byte / 255);
  const high = Math.max(red, green, blue);
  const span = high - Math.min(red, green, blue);
  const light = high - span / 2;
  if (!span) return [0, 0, light];
  const sector =
    high === red ? (green - blue) / span : high === green ? 2 + (blue - red) / span : 4 + (red - green) / span;
  return [(sector * 60 + 360) % 360, span / (1 - Math.abs(2 * light - 1)), light];
}

/** @param {number} hue @param {number} saturation @param {number} light @returns {Rgb} */
function fromHsl(hue, saturation, light) {
  const reach = saturation * Math.min(light, 1 - light);
  const byte = (/** @type {number} */ shift) => {
    const at = (shift + hue / 30) % 12;
    return Math.round(255 * (light - reach * Math.max(-1, Math.min(at - 3, 9 - at, 1))));
  };
  return [byte(0), byte(8), byte(4)];
}

/**
 * Make a colour lighter or darker, its hue kept, until it reads on `ground`.
 *
 * @param {Rgb} color
 * @param {Rgb} ground
 * @param {1 | -1} direction 1: lighter.
 * @returns {Rgb}
 */
function readable(color, ground, direction) {
  const [hue, saturation, from] = toHsl(color);
  for (let light = from; light > 0 && light < 1; light += direction * 0.02) {
    const tried = light === from ? color : fromHsl(hue, saturation, light);
    if (contrast(tried, ground) >= 5) return tried;
  }
  return direction > 0 ? WHITE : INK;
}

/**
 * @param {string} color The shop's colour.
 * @returns {Record<string, string> | null} Custom properties for the host element.
 */
export function palette(color) {
  const rgb = parseColor(color);
  if (!rgb) return null;
  const onWhite = contrast(rgb, WHITE) >= 4.6;
  const onInk = contrast(rgb, INK) >= 4.6;
  // A middle tone on which neither white nor ink reads well is darkened a little.
  const fill = onWhite || onInk ? rgb : readable(rgb, WHITE, -1);
  const css = (/** @type {Rgb} */ value) => `rgb(${value.join(" ")})`;
  return {
    "--fl-fill": css(fill),
    "--fl-on-fill": css(onWhite || !onInk ? WHITE : INK),
    "--fl-accent-light": css(readable(rgb, WHITE, -1)),
    "--fl-accent-dark": css(readable(rgb, DARK_PANEL, 1)),
  };
}
