import { dateText } from '../text/date-text.ts';
import { durationText } from '../text/duration-text.ts';
import type { ExpiringCertificate } from './view.ts';

const DAY_MS = 86_400_000;

/** `its certificate expires in 6 days (2026-12-03)`. */
export function certificateText({ notAfter, leftMs }: ExpiringCertificate): string {
  const on = dateText(notAfter);
  return leftMs > 0
    ? `its certificate expires in ${timeText(leftMs)} (${on})`
    : `its certificate expired ${timeText(-leftMs)} ago (${on})`;
}

function timeText(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  return days < 2 ? durationText(ms) : `${days} days`;
}
