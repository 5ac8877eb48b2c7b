/** Times as an agent reads them: short, 24 hours, in the browser's time zone. */

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dateYear = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
});
const weekday = new Intl.DateTimeFormat("en-GB", {
  weekday: "long",
  day: "numeric",
  month: "long",
});
const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "medium" });

/**
 * @param {Date} one
 * @param {Date} other
 */
function sameDay(one, other) {
  return one.toDateString() === other.toDateString();
}

/**
 * "10:42". Empty for a time that cannot be read.
 * @param {string|null|undefined} at  ISO 8601
 */
export function hour(at) {
  const time = new Date(at ?? NaN);
  return Number.isNaN(time.valueOf()) ? "" : clock.format(time);
}

/**
 * The shortest words that say when: "10:42" today, "Yesterday 10:42", "3 Nov", "3 Nov 2025".
 * @param {string|null|undefined} at  ISO 8601
 * @param {Date} [now]
 */
export function when(at, now = new Date()) {
  const time = new Date(at ?? NaN);
  if (Number.isNaN(time.valueOf())) return "";
  if (sameDay(time, now)) return clock.format(time);
  const before = new Date(now);
  before.setDate(now.getDate() - 1);
  if (sameDay(time, before)) return `Yesterday ${clock.format(time)}`;
  return time.getFullYear() === now.getFullYear() ? date.format(time) : dateYear.format(time);
}

/**
 * The heading of one day in a transcript: "Today", "Yesterday", "Monday 3 November".
 * @param {string} at  ISO 8601
 * @param {Date} [now]
 */
export function day(at, now = new Date()) {
  const time = new Date(at);
  if (Number.isNaN(time.valueOf())) return "";
  if (sameDay(time, now)) return "Today";
  const before = new Date(now);
  before.setDate(now.getDate() - 1);
  return sameDay(time, before) ? "Yesterday" : weekday.format(time);
}

/**
 * Date and time in full, for a tooltip.
 * @param {string|null|undefined} at  ISO 8601
 */
export function exact(at) {
  const time = new Date(at ?? NaN);
  return Number.isNaN(time.valueOf()) ? "" : full.format(time);
}

/**
 * A span of time that counts: "0:07", "12:40", "1 h 05", "2 d 3 h".
 * @param {number} milliseconds
 */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, "0")}`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/**
 * The same span for people who hear it: "12 minutes", "1 hour 5 minutes".
 * @param {number} milliseconds
 */
export function spoken(milliseconds) {
  const minutes = Math.max(0, Math.floor(milliseconds / 60000));
  if (minutes < 1) return "less than a minute";
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  const parts = [];
  if (hours) parts.push(`${hours} ${hours === 1 ? "hour" : "hours"}`);
  if (rest) parts.push(`${rest} ${rest === 1 ? "minute" : "minutes"}`);
  return parts.join(" ");
}
