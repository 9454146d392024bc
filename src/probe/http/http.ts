import { formatMatcher, type Matcher } from './body-match.ts';
import { createFinder, type Finder } from '../expression/finder.ts';
import { askHttpFollowing, isRedirect } from './ask.ts';
import { readCompileError } from '../source/compile-error.ts';
import type { HttpAnswer } from './exchange.ts';
import { locationText } from './location-text.ts';
import { headersFor, originOf, pathOf } from './request.ts';
import type { BodyUse, HttpRequest } from './request.ts';
import type { HttpOptions, Outcome, Probe, ProbeContext, StatusRange } from '../probe.ts';

/** The most that is read of a body: enough for a health page, and bounds our memory. */
const MAX_BODY_BYTES = 64 * 1024;

/** Says why a server answered 500 or above, where its page does not. */
export interface StatusExplainer {
  /**
   * Undefined: no more than the status can be said. `startedAt`: when the run began, in monotonic milliseconds.
   * Resolves before the deadline of the run.
   */
  explain(
    answer: HttpAnswer,
    request: HttpRequest,
    startedAt: number,
    context: ProbeContext,
  ): Promise<Outcome | undefined>;
  /** The server has answered well, or the probe stops: what was asked before is out of date. Idempotent. */
  reset(): void;
}

/**
 * Asks a URL and judges the status and the body. Redirects are followed only within the same origin, and not
 * where the wanted statuses name them (a range wholly within 300-399). A redirect to another origin is judged
 * by its own status. A status that is not wanted is reported at once, without its body; one of 500 and above
 * with what comes of it within a second, because it may be a dev server's page for source that does not compile.
 * Where that page does not say so, the explainer is asked.
 */
export function createHttpProbe(options: HttpOptions, explainer?: StatusExplainer): Probe {
  const url = new URL(options.url);
  const origin = originOf(url, options);
  const rules = bodyRulesOf(options);
  const isWanted = (status: number): boolean => isWithin(status, options.status);
  const wantedRedirects = options.status.filter(([from, to]) => from >= 300 && to <= 399);
  const isWantedAsIs = (status: number): boolean => isWithin(status, wantedRedirects);

  const request: HttpRequest = {
    method: options.method.toUpperCase(),
    path: pathOf(url),
    headers: headersFor(url, options.headers),
    maxBodyBytes: MAX_BODY_BYTES,
    useBody: (status): BodyUse => {
      if (!isWanted(status)) return status >= 500 ? 'try' : 'skip';
      if (isRedirect(status) && !isWantedAsIs(status)) return 'skip';
      return rules.length > 0 || status >= 500 ? 'keep' : 'drain';
    },
  };

  return {
    certificate: origin.certificate,
    async run(context) {
      const startedAt = context.now();
      const reply = await askHttpFollowing(origin, request, context, isWantedAsIs);
      if (reply.kind === 'failure') return reply.outcome;
      const { answer } = reply;
      if (answer.status < 500) explainer?.reset();
      const broken =
        judgeSource(answer) ??
        (answer.status < 500
          ? undefined
          : await explainer?.explain(answer, request, startedAt, context)) ??
        judgeStatus(answer, options);
      if (broken !== undefined) return broken;
      return rules.length === 0 ? answeredWell(answer) : judgeBody(answer, rules, context);
    },
    stop() {
      explainer?.reset();
    },
  };
}

/**
 * A failure where a dev server's error page proves that the user's source does not compile, also where its
 * status is wanted; else undefined.
 */
function judgeSource(answer: HttpAnswer): Outcome | undefined {
  const { status, statusText, body, timings } = answer;
  if (status < 500 || body.length === 0) return undefined;
  const detail = readCompileError(body.toString('utf8'), statusText);
  return detail === undefined ? undefined : { kind: 'fail', class: 'source', detail, timings };
}

/** A failure where the status is not wanted; else undefined. */
function judgeStatus(answer: HttpAnswer, options: HttpOptions): Outcome | undefined {
  const { status, statusText, timings, location } = answer;
  if (isWithin(status, options.status)) return undefined;
  const wanted = options.status.map(formatRange).join(', ');
  const where = isRedirect(status) && location !== undefined ? ` to ${locationText(location)}` : '';
  const said = `${status} ${statusText}`.trim();
  const detail = `answered ${said}${where}, wanted ${wanted}`;
  return { kind: 'fail', class: 'status', status, detail, timings };
}

/** What the body must contain, or must not. */
interface BodyRule {
  readonly matcher: Matcher;
  readonly finder: Finder;
  readonly isWanted: boolean;
}

function bodyRulesOf({ body, bodyNot }: HttpOptions): readonly BodyRule[] {
  const rule = (matcher: Matcher | undefined, isWanted: boolean): readonly BodyRule[] => {
    if (matcher === undefined) return [];
    const finder = createFinder(matcher, isWanted ? 'body' : 'bodyNot');
    return [{ matcher, finder, isWanted }];
  };
  return [...rule(body, true), ...rule(bodyNot, false)];
}

/** Judges the body after a wanted status. */
async function judgeBody(
  answer: HttpAnswer,
  rules: readonly BodyRule[],
  context: ProbeContext,
): Promise<Outcome> {
  const { isCut, timings } = answer;
  const text = answer.body.toString('utf8');
  for (const { matcher, finder, isWanted } of rules) {
    const found = finder.find([text], context);
    const isFound = typeof found === 'boolean' ? found : await found;
    if (typeof isFound !== 'boolean') return isFound;
    if (isFound === isWanted) continue;
    const where = isCut ? 'in the first 64 KiB of the body' : 'in the body';
    const detail = `${formatMatcher(matcher)} ${isFound ? 'found' : 'not found'} ${where}`;
    return { kind: 'fail', class: 'body', detail, timings };
  }
  return answeredWell(answer);
}

function answeredWell({ status, timings }: HttpAnswer): Outcome {
  return { kind: 'ok', detail: `answered ${status}`, timings };
}

function isWithin(status: number, ranges: readonly StatusRange[]): boolean {
  return ranges.some(([from, to]) => status >= from && status <= to);
}

function formatRange([from, to]: StatusRange): string {
  return from === to ? String(from) : `${from}-${to}`;
}
