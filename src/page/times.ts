import { durationText } from '../text/duration-text.ts';
import { wallIso } from '../time/iso.ts';
import { html, type Html } from './html.ts';

const DAY_MS = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * An instant (epoch milliseconds) as `<time>`: short and in UTC here, made local by the page's script; its title
 * has all of it.
 */
export function timeTag(at: number, now: number): Html {
  const iso = wallIso(at);
  return html`<time datetime="${iso}" title="${exactText(iso)}">${shortText(at, now)}</time>`;
}

/** The same from ISO 8601; a text that is no time is shown as it is. */
export function isoTag(iso: string, now: number): Html {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? html`${iso}` : timeTag(at, now);
}

/** A time to come as a `<time>` that the page's script counts down: `in 40s`. */
export function untilTag(iso: string, now: number): Html {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return html`${iso}`;
  return html`<time datetime="${iso}" title="${exactText(iso)}" data-until
    >${untilText(at - now)}</time
  >`;
}

/** `in 40s`; `now` where it is due. */
export function untilText(ms: number): string {
  return ms < 1_000 ? 'now' : `in ${longText(ms)}`;
}

/** `14:03 UTC`, with its day where that is not today: `27 Nov 14:03 UTC`. */
function shortText(at: number, now: number): string {
  const iso = wallIso(at);
  const time = iso.slice(11, 16);
  const isToday = wallIso(now).slice(0, 10) === iso.slice(0, 10);
  return isToday ? `${time} UTC` : `${dayText(at)} ${time} UTC`;
}

/** `27 Nov`, in UTC. */
export function dayText(at: number): string {
  const date = new Date(Date.parse(wallIso(at)));
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()] ?? ''}`;
}

/** `2026-11-27 14:03:09 UTC` */
function exactText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** A duration for people; from two days on in days: `3 d`. */
export function longText(ms: number): string {
  return ms >= 2 * DAY_MS ? `${Math.round(ms / DAY_MS)}d` : durationText(ms);
}

/** A share as percent, rounded down, so that only a whole one is 100: `99.98 %`. */
export function percentText(share: number): string {
  const hundredths = Math.floor(share * 10_000 + 1e-6);
  return `${hundredths % 100 === 0 ? hundredths / 100 : (hundredths / 100).toFixed(2)} %`;
}

/** `once`, `twice`, `3 times`. */
export function timesText(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;
}
