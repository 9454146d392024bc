import { formatMatcher, isFoundIn } from './body-match.ts';
import { askHttpFollowing, isRedirect } from './http-ask.ts';
import type { HttpAnswer } from './http-exchange.ts';
import { headersFor, originOf, pathOf } from './http-request.ts';
import type { BodyUse, HttpRequest } from './http-request.ts';
import type { HttpOptions, Outcome, Probe, StatusRange } from './probe.ts';

/** The most that is read of a body; enough for a health page, and no server can fill our memory. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * Asks a URL and judges the status and the body. Redirects are followed on the same origin only,
 * unless the wanted statuses name them (a range wholly within 300-399); one that leads elsewhere is
 * judged by its own status. A status that is not wanted is told at once, without its body.
 */
export function createHttpProbe(options: HttpOptions): Probe {
  const url = new URL(options.url);
  const origin = originOf(url, options.tls);
  const isBodyJudged = options.body !== undefined || options.bodyNot !== undefined;
  const isWanted = (status: number): boolean => isWithin(status, options.status);
  const wantedRedirects = options.status.filter(([from, to]) => from >= 300 && to <= 399);
  const isWantedAsIs = (status: number): boolean => isWithin(status, wantedRedirects);

  const request: HttpRequest = {
    method: options.method.toUpperCase(),
    path: pathOf(url),
    headers: headersFor(url, options.headers),
    maxBodyBytes: MAX_BODY_BYTES,
    useBody: (status): BodyUse => {
      if (!isWanted(status) || (isRedirect(status) && !isWantedAsIs(status))) return 'skip';
      return isBodyJudged ? 'keep' : 'drain';
    },
  };

  return {
    async run(context) {
      const reply = await askHttpFollowing(origin, request, context, isWantedAsIs);
      if (reply.kind === 'failure') return reply.outcome;
      return judgeStatus(reply.answer, options) ?? judgeBody(reply.answer, options);
    },
    stop() {
      // Nothing runs between two probes.
    },
  };
}

/** A failure if the status is not one of those wanted. */
function judgeStatus(answer: HttpAnswer, options: HttpOptions): Outcome | undefined {
  const { status, statusText, phases, location } = answer;
  if (isWithin(status, options.status)) return undefined;
  const wanted = options.status.map(formatRange).join(', ');
  const where = isRedirect(status) && location !== undefined ? ` to ${location}` : '';
  const said = `${status} ${statusText}`.trim();
  const detail = `answered ${said}${where}, wanted ${wanted}`;
  return { kind: 'fail', class: 'status', detail, phases };
}

/** The status was right; does the body say so too? */
function judgeBody(answer: HttpAnswer, { body, bodyNot }: HttpOptions): Outcome {
  const { status, isCut, phases } = answer;
  const ok: Outcome = { kind: 'ok', detail: `answered ${status}`, phases };
  if (body === undefined && bodyNot === undefined) return ok;

  const text = answer.body.toString('utf8');
  const where = isCut ? 'in the first 64 KiB of the body' : 'in the body';
  if (body !== undefined && !isFoundIn(text, body)) {
    return {
      kind: 'fail',
      class: 'body',
      detail: `${formatMatcher(body)} not found ${where}`,
      phases,
    };
  }
  if (bodyNot !== undefined && isFoundIn(text, bodyNot)) {
    return {
      kind: 'fail',
      class: 'body',
      detail: `${formatMatcher(bodyNot)} found ${where}`,
      phases,
    };
  }
  return ok;
}

function isWithin(status: number, ranges: readonly StatusRange[]): boolean {
  return ranges.some(([from, to]) => status >= from && status <= to);
}

function formatRange([from, to]: StatusRange): string {
  return from === to ? String(from) : `${from}-${to}`;
}
