import { askHttp, isRedirect } from '../http/ask.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { pathOf } from '../http/request.ts';
import type { HttpRequest } from '../http/request.ts';
import { locationText } from '../http/location-text.ts';
import { singleLine } from '../../text/single-line.ts';
import type { Outcome, ProbeContext } from '../probe.ts';
import type { ViteTarget } from './target.ts';

/** Enough for the messages about hosts and bases: Astro's comes after 4 KiB of style. */
const MAX_BODY_BYTES = 16 * 1024;
/** The messages of Vite, and of Astro on top of it, about another base. */
const BASES = [/public base URL of (\S+)/, /\bbase path set to <a href="([^"]+)">/];

/** Sends the dev server's own cheap ping: the answer to `Accept: text/x-vite-ping` is 204. */
export async function pingVite(target: ViteTarget, context: ProbeContext): Promise<Outcome> {
  const reply = await askHttp(target.origin, pingRequest(target), context);
  return reply.kind === 'failure' ? reply.outcome : judgePing(reply.answer, target);
}

function pingRequest({ url, headersWith }: ViteTarget): HttpRequest {
  return {
    method: 'GET',
    path: pathOf(url),
    headers: headersWith({ accept: 'text/x-vite-ping' }),
    maxBodyBytes: MAX_BODY_BYTES,
    useBody: (status) => (status === 403 || status === 404 ? 'keep' : 'skip'),
  };
}

/** Judges the answer to a ping: only 204 is Vite's; others show what answers instead. */
export function judgePing(answer: HttpAnswer, { url, origin }: ViteTarget): Outcome {
  const { status, statusText, location, timings } = answer;
  if (status === 204) return { kind: 'ok', detail: 'answered the ping', timings, isShallow: true };

  const misconfig = (detail: string): Outcome => ({
    kind: 'fail',
    class: 'misconfig',
    detail,
    timings,
  });
  const text = answer.body.toString('utf8');
  if (isRedirect(status)) {
    const target = location === undefined ? '(nowhere)' : locationText(location);
    const advice = redirectAdvice(origin.origin, url, location);
    return misconfig(`${url.pathname} redirects to ${target} (${status}): ${advice}`);
  }
  if (status === 403 && text.includes('Blocked request. This host')) {
    return misconfig(`Vite answers 403: ${singleLine(text, 80)}: see \`server.allowedHosts\``);
  }
  const base = BASES.map((pattern) => pattern.exec(text)?.[1]).find((each) => each !== undefined);
  if (status === 404 && base !== undefined) {
    return misconfig(`${url.pathname} is not Vite's base: ${baseAdvice(origin.origin, base)}`);
  }
  if (status >= 200 && status <= 299) {
    return misconfig(`answered ${status} where a Vite dev server answers 204: is this Vite?`);
  }
  const detail = `answered ${`${status} ${statusText}`.trim()} to Vite's ping, wanted 204`;
  return { kind: 'fail', class: 'status', status, detail, timings };
}

/** What to set instead, where a redirect stays on the same server. */
function redirectAdvice(origin: string, asked: URL, location: string | undefined): string {
  if (location !== undefined && URL.canParse(location, asked.href)) {
    const to = new URL(location, asked);
    // A query is no part of a base, and may have a token.
    if (to.origin === origin) return `set \`vite: '${origin}${to.pathname}'\``;
  }
  return 'ask where Vite itself serves the app';
}

/** What to set instead, where Vite itself names its base. */
function baseAdvice(origin: string, base: string): string {
  const url = URL.canParse(base, origin) ? new URL(base, origin).href : base;
  return `set \`vite: '${url}'\``;
}
