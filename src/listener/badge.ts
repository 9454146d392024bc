import { textAnswer, type Answer, type ListenerRequest, type ListenerRoutes } from './route.ts';
import type { TargetView } from '../report/view.ts';
import { UPTIME_WINDOWS } from '../report/status.ts';
import { escapeHtml } from '../text/escape-html.ts';
import { figuresOf, LONGEST_MS } from '../uptime/figures.ts';
import { healthOf } from './app-health.ts';
import { etagOf } from './etag.ts';
import type { ListenerFacts } from './facts.ts';

const WINDOWS: Readonly<Record<string, number>> = UPTIME_WINDOWS;

/** The longest name on a badge. */
const LONGEST_NAME = 40;

const [GREEN, YELLOW, RED, GREY] = ['#1a7f37', '#8a5a00', '#b42318', '#57606a'];

/** `/badge/<app>.svg`: the state; with `?uptime=7d` the uptime. */
export function badgeRoutes(facts: ListenerFacts): ListenerRoutes {
  return new Map([['/badge/*', (asked: ListenerRequest) => badge(facts, asked)]]);
}

function badge(facts: ListenerFacts, { name: file, query, isGuarded }: ListenerRequest): Answer {
  if (!file.endsWith('.svg')) return textAnswer(404, 'write /badge/<app>.svg');
  const name = file.slice(0, -'.svg'.length);
  const views = facts.viewsOf(name);
  const window = query.get('uptime');
  if (window !== null && !Object.hasOwn(WINDOWS, window)) {
    return textAnswer(400, `uptime: write ${Object.keys(WINDOWS).join(', ')}`);
  }
  const [text, colour] =
    views.length === 0
      ? ['unknown', GREY]
      : window === null
        ? stateOf(views)
        : uptimeOf(views, WINDOWS[window] ?? LONGEST_MS, facts.clock.now());
  const body = svgOf(name, window === null ? text : `${text} in ${window}`, colour);
  return {
    status: 200,
    type: 'image/svg+xml; charset=utf-8',
    body,
    etag: etagOf(body),
    // Behind a token a picture of another site says nothing to who has none.
    ...(isGuarded && { headers: { 'cross-origin-resource-policy': 'cross-origin' } }),
  };
}

function stateOf(views: readonly TargetView[]): readonly [string, string] {
  const all = views.map((view) => healthOf(view, true));
  const bad = all.find(({ isOk }) => !isOk);
  const state = (bad ?? all[0])?.state ?? 'unknown';
  if (bad === undefined) return [state === 'healthy' ? 'up' : state, GREEN];
  if (state === 'unknown' || state === 'paused') return [state, GREY];
  return [state, state === 'degraded' || state === 'starting' ? YELLOW : RED];
}

function uptimeOf(
  views: readonly TargetView[],
  windowMs: number,
  now: number,
): readonly [string, string] {
  const all = views.map(({ uptime }) => figuresOf(uptime, windowMs, now).availability ?? null);
  const known = all.filter((each) => each !== null);
  if (known.length === 0) return ['unknown', GREY];
  const least = Math.min(...known);
  // Never rounded up to a whole that it is not.
  const text = `${Math.floor(least * 10_000) / 100} %`;
  return [text, least >= 0.99 ? GREEN : least >= 0.95 ? YELLOW : RED];
}

function svgOf(name: string, text: string, colour: string): string {
  const label = escapeXml(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name);
  const words = escapeXml(text);
  const [left, right] = [widthOf(name.slice(0, LONGEST_NAME + 1)), widthOf(text)];
  const middle = left + right / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${label}: ${words}"><title>${label}: ${words}</title><rect width="${left}" height="20" fill="#3d444d"/><rect x="${left}" width="${right}" height="20" fill="${colour}"/><g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"><text x="${left / 2}" y="14" textLength="${left - 12}" lengthAdjust="spacingAndGlyphs">${label}</text><text x="${middle}" y="14">${words}</text></g></svg>`;
}

/** About the width in Verdana at 11 px, with a margin; wide characters count twice. */
function widthOf(text: string): number {
  let width = 12;
  for (const char of text) width += (char.codePointAt(0) ?? 0) > 0x2e80 ? 12 : 7;
  return width;
}

/** What XML does not allow at all is dropped. */
function escapeXml(text: string): string {
  return escapeHtml(
    text.replace(
      /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]/gu,
      '\uFFFD',
    ),
  );
}
