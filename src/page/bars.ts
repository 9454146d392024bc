import type { AppHistory } from '../history/series/history.ts';
import type { Span } from './page-facts.ts';
import { html, Html } from './html.ts';
import { dayText, longText, percentText } from './times.ts';
import { wallIso } from '../time/iso.ts';

const [HALF_HOUR_MS, HOUR_MS, DAY_MS] = [1_800_000, 3_600_000, 86_400_000];

/** One bar: what was seen from `from` on, for the length of a step; times in milliseconds. */
export interface Bar {
  readonly from: number;
  readonly upMs: number;
  readonly downMs: number;
}

/** What the bars of a span are made of. */
interface SpanForm {
  readonly words: string;
  readonly stepMs: number;
  readonly count: number;
}

export const SPAN_FORMS: Readonly<Record<Span, SpanForm>> = {
  '24h': { words: '24 hours', stepMs: HALF_HOUR_MS, count: 48 },
  '7d': { words: '7 days', stepMs: 3 * HOUR_MS, count: 56 },
  '90d': { words: '90 days', stepMs: DAY_MS, count: 90 },
};

/** The bars of a span, oldest first; the last one holds `now` (epoch milliseconds). */
export function barsOf(history: AppHistory | null, span: Span, now: number): readonly Bar[] {
  const { stepMs, count } = SPAN_FORMS[span];
  const first = (Math.floor(now / stepMs) - count + 1) * stepMs;
  const bars = Array.from({ length: count }, (_, n): Bar => {
    return { from: first + n * stepMs, upMs: 0, downMs: 0 };
  });
  for (const { from, upMs, downMs } of history?.bars(first, stepMs, count) ?? []) {
    const n = Math.floor((from - first) / stepMs);
    if (n >= 0 && n < count) bars[n] = { from: first + n * stepMs, upMs, downMs };
  }
  return bars;
}

/** Time up ÷ time observed over bars, 0 to 1; null where nothing was observed. */
export function shareOf(bars: readonly Bar[]): number | null {
  const up = bars.reduce((sum, bar) => sum + bar.upMs, 0);
  const down = bars.reduce((sum, bar) => sum + bar.downMs, 0);
  return up + down === 0 ? null : up / (up + down);
}

/** What the bars say, in one sentence for those who do not see them. */
export function barsText(bars: readonly Bar[], span: Span): string {
  const { words, stepMs } = SPAN_FORMS[span];
  const share = shareOf(bars);
  if (share === null) return `Last ${words}: not observed.`;
  const down = bars.reduce((sum, bar) => sum + bar.downMs, 0);
  const unseen = bars.filter((bar) => bar.upMs + bar.downMs === 0).length;
  const downText = down === 0 ? 'never down' : `down for ${longText(down)}`;
  const unseenText = unseen === 0 ? '' : `, not observed for ${longText(unseen * stepMs)}`;
  return `Last ${words}: ${percentText(share)} up, ${downText}${unseenText}.`;
}

/** What one bar says: `up`, `down 3m`, `not observed`. */
export function barText({ upMs, downMs }: Bar): string {
  if (upMs + downMs === 0) return 'not observed';
  if (downMs === 0) return 'up';
  return upMs === 0 ? `down ${longText(downMs)}` : `down ${longText(downMs)}, else up`;
}

/** When a bar was: `27 Nov 14:00 UTC`; of a day, the day. */
export function barTime({ from }: Bar, span: Span): string {
  return span === '90d' ? dayText(from) : `${dayText(from)} ${wallIso(from).slice(11, 16)} UTC`;
}

/** The height of a bar; one with a time down reaches below the line, so that it is seen without colour. */
const [HEIGHT, DROP, PITCH, WIDTH] = [28, 6, 10, 8];

/**
 * The bars as a picture. `data-from` and `data-step` let the page's script write the time of a bar in the zone of
 * the one who looks.
 */
export function barsSvg(bars: readonly Bar[], span: Span): Html {
  const { stepMs } = SPAN_FORMS[span];
  const rects = bars.map((bar, n) =>
    barRect(bar, n * PITCH, `${barTime(bar, span)}: ${barText(bar)}`),
  );
  const width = bars.length * PITCH - (PITCH - WIDTH);
  return html`<svg
    class="bars"
    viewBox="0 0 ${width} ${HEIGHT + DROP}"
    preserveAspectRatio="none"
    role="img"
    aria-label="${barsText(bars, span)}"
    data-from="${bars[0]?.from ?? 0}"
    data-step="${stepMs}"
  >
    ${new Html(rects.join(''))}
  </svg>`;
}

/** One bar; made of numbers and of our own words alone, so nothing is to be escaped. */
function barRect({ upMs, downMs }: Bar, x: number, text: string): string {
  const title = `<title>${text}</title>`;
  if (upMs + downMs === 0) {
    return `<rect class="unseen" x="${x}" width="${WIDTH}" height="${HEIGHT}" fill="url(#hatch)">${title}</rect>`;
  }
  if (downMs === 0)
    return `<rect class="up" x="${x}" width="${WIDTH}" height="${HEIGHT}">${title}</rect>`;
  // Even a second in a day is seen: a quarter of the height at least.
  const share = downMs / (upMs + downMs);
  const up = share === 1 ? 0 : Math.round(HEIGHT * 0.75 * (1 - share));
  const down = `<rect class="down" x="${x}" y="${up === 0 ? 0 : up + 1}" width="${WIDTH}" height="${HEIGHT + DROP - (up === 0 ? 0 : up + 1)}"/>`;
  const rest = up === 0 ? '' : `<rect class="up" x="${x}" width="${WIDTH}" height="${up}"/>`;
  return `<g>${title}${rest}${down}</g>`;
}

/** Where the time of a span was not `up`, newest first, as a table would have it. */
export function notUp(bars: readonly Bar[]): readonly Bar[] {
  return bars.filter(({ downMs }) => downMs > 0).toReversed();
}
