import { askAddresses } from '../net/ask-addresses.ts';
import type { Reply } from '../net/attempt.ts';
import { openExchange } from './exchange.ts';
import type { HttpAnswer } from './exchange.ts';
import { locationText } from './location-text.ts';
import { pathOf } from './request.ts';
import type { HttpOrigin, HttpRequest } from './request.ts';
import type { ProbeContext } from '../probe.ts';
import { suspectTls } from '../net/tls-suspicion.ts';

/** At most this many redirects in a row are followed; one more is a loop. */
const MAX_REDIRECTS = 5;

/** The statuses whose `Location` a client follows by itself. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Sends one request to an origin: tries every address, takes one answer, follows no redirects. */
export async function askHttp(
  origin: HttpOrigin,
  request: HttpRequest,
  context: ProbeContext,
): Promise<Reply<HttpAnswer>> {
  const reply = await askAddresses(
    {
      endpoint: origin.endpoint,
      host: origin.host,
      port: origin.port,
      isRepeatable: request.method === 'GET' || request.method === 'HEAD',
      start: (address, resolveMs) => openExchange(origin, request, address, resolveMs, context),
    },
    context,
  );
  return reply.kind === 'failure' ? suspectTls(reply, origin, context) : reply;
}

/**
 * Does what `askHttp` does, and follows redirects within the origin, within the same deadline. The last
 * answer counts, with its timings. A redirect to another origin, or one that is wanted (`isWanted`), is not
 * followed.
 */
export async function askHttpFollowing(
  origin: HttpOrigin,
  request: HttpRequest,
  context: ProbeContext,
  isWanted: (status: number) => boolean = () => false,
): Promise<Reply<HttpAnswer>> {
  let current = request;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    // Each redirect is known only from the answer before.
    const reply = await askHttp(origin, current, context);
    if (reply.kind === 'failure' || isWanted(reply.answer.status)) return reply;
    const next = redirectWithin(origin, current, reply.answer);
    if (next === null) return leadsNowhere(reply.answer);
    if (next === undefined) return reply;
    current = { ...current, path: next, method: methodAfter(reply.answer.status, current.method) };
  }
  const detail = `more than ${MAX_REDIRECTS} redirects, the last one to ${locationText(current.path)}`;
  return { kind: 'failure', outcome: { kind: 'fail', class: 'status', detail } };
}

/** True for a status that redirects. */
export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/** The next path; null where no client can follow, undefined where this answer is the last. */
export function redirectWithin(
  origin: HttpOrigin,
  { path }: HttpRequest,
  { status, location }: HttpAnswer,
): string | null | undefined {
  if (!isRedirect(status) || location === undefined) return undefined;
  // Joined, not resolved: a path that begins with `//` would be taken for a host.
  const base = `${origin.origin}${path}`;
  if (!URL.canParse(location, base)) return null;
  const target = new URL(location, base);
  return target.origin === origin.origin ? pathOf(target) : undefined;
}

/** A failure: no client can follow this redirect. */
function leadsNowhere({ status, location, timings }: HttpAnswer): Reply<HttpAnswer> {
  const shown = locationText(location ?? '');
  const detail = `answered ${status} with a Location that is not a valid URL: ${shown}`;
  return { kind: 'failure', outcome: { kind: 'fail', class: 'status', detail, timings } };
}

/** As in browsers (RFC 9110 §15.4): only 307 and 308 keep a method that is not safe. */
function methodAfter(status: number, method: string): string {
  const isKept = status === 307 || status === 308 || method === 'GET' || method === 'HEAD';
  return isKept ? method : 'GET';
}
