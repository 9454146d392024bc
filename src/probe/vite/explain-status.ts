import { askHttp } from '../http/ask.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import type { StatusExplainer } from '../http/http.ts';
import type { HttpRequest } from '../http/request.ts';
import type { HttpOptions, Outcome, ProbeContext } from '../probe.ts';
import { DeepCheck } from './deep-check.ts';
import { judgePage } from './answer.ts';
import { explainPage } from './page-error.ts';
import { viteTargetOf, type ViteTarget } from './target.ts';

/** How long the question may take: a page that is an error is soon there. */
const WITHIN_MS = 10_000;
/** A server that is no Vite dev server is asked again after this time. */
const NO_VITE_MS = 60_000;
/** The longest time in which Nuxt may answer 503 while it starts itself again, after a saved nuxt.config. */
const LOADING_MS = 120_000;
/** The words on that page, which has nothing else to know it by. */
const LOADING = 'tarting Nuxt...';
/** Bases that are tried: `/`, and the first folders of the URL. */
const MAX_BASES = 3;

/**
 * Asks Vite itself, over hot reload, where an `http` probe gets 500: a framework that renders on the server
 * answers with a page of its own, which does not say whether the source compiles (seen in SvelteKit 2.70 and
 * Astro 5.18). That this is a Vite dev server shows the answer of the same URL to its ping; a path that it
 * passes on to a backend has no such answer. The question goes on between two runs.
 */
export function createStatusExplainer(options: HttpOptions): StatusExplainer {
  // Most probes never need it, and with TLS it reads the trusted certificates once more.
  let target: ViteTarget | undefined;
  const isRepeatable = /^(?:get|head)$/i.test(options.method);
  let asked: { readonly answer: HttpAnswer; readonly request: HttpRequest } | undefined;
  let notBefore = Number.NEGATIVE_INFINITY;
  let loadingSince: number | undefined;
  const question = new DeepCheck(
    async (context) => {
      if (asked === undefined) return UNEXPLAINED;
      const { answer, request } = asked;
      target ??= viteTargetOf(options);
      if (await isDevServer(target, request, context)) {
        return askVite(target, answer, { page: request, context });
      }
      notBefore = context.now() + NO_VITE_MS;
      return UNEXPLAINED;
    },
    { periodMs: 0, timeoutMs: WITHIN_MS },
  );
  return {
    async explain(answer, request, startedAt, context) {
      if (isLoading(answer)) {
        loadingSince ??= startedAt;
        return startedAt - loadingSince < LOADING_MS ? STARTS_ITSELF : undefined;
      }
      if (!isRepeatable || context.signal.aborted || context.now() < notBefore) return undefined;
      asked = { answer, request };
      question.expectBad();
      const outcome = (await question.resultWithin(startedAt, context)) ?? PENDING;
      return outcome.kind === 'ok' ? undefined : outcome;
    },
    reset() {
      loadingSince = undefined;
      question.reset();
    },
  };
}

const STARTS_ITSELF: Outcome = {
  kind: 'unknown',
  cause: 'pending',
  detail: 'it answers 503 while Nuxt starts itself again',
};
const UNEXPLAINED: Outcome = { kind: 'ok', detail: 'Vite says nothing of it' };
const PENDING: Outcome = {
  kind: 'unknown',
  cause: 'pending',
  detail: 'it answered with an error, and Vite is being asked for the reason',
};

function isLoading({ status, body }: HttpAnswer): boolean {
  return status === 503 && body.includes(LOADING);
}

/** Whether the server of this URL is a Vite dev server, by its answer to the ping of Vite's own client. */
async function isDevServer(
  { origin }: ViteTarget,
  request: HttpRequest,
  context: ProbeContext,
): Promise<boolean> {
  const ping: HttpRequest = {
    method: 'GET',
    path: request.path,
    headers: { ...request.headers, accept: 'text/x-vite-ping' },
    maxBodyBytes: 0,
    useBody: () => 'skip',
  };
  const reply = await askHttp(origin, ping, context);
  return reply.kind === 'answer' && reply.answer.status === 204;
}

/** What Vite says, where that is more than the status of the answer. */
async function askVite(
  target: ViteTarget,
  answer: HttpAnswer,
  { page, context }: { readonly page: HttpRequest; readonly context: ProbeContext },
): Promise<Outcome> {
  const verdict = judgePage(answer);
  const base = await findBase(target, context);
  if (verdict === undefined || base === undefined) return UNEXPLAINED;
  const outcome = await explainPage(verdict, answer, { target, page, context, base });
  const isMore = outcome.kind === 'unknown' || isOfSource(outcome);
  return isMore ? outcome : UNEXPLAINED;
}

/** True for a failure of the user's source, or of Vite itself. */
function isOfSource(outcome: Outcome): boolean {
  return outcome.kind === 'fail' && (outcome.class === 'source' || outcome.class === 'signature');
}

/** The base below which Vite serves its client script. */
async function findBase(target: ViteTarget, context: ProbeContext): Promise<string | undefined> {
  for (const base of basesOf(target.url)) {
    const headers = target.headersWith({ accept: '*/*', 'sec-fetch-dest': 'script' });
    const request: HttpRequest = {
      method: 'GET',
      path: `${base}@vite/client`,
      headers,
      maxBodyBytes: 0,
      useBody: () => 'skip',
    };
    // Most have `/`, so the others are rarely asked for.
    const reply = await askHttp(target.origin, request, context);
    if (reply.kind === 'answer' && isScript(reply.answer)) return base;
  }
  return undefined;
}

function isScript({ status, contentType }: HttpAnswer): boolean {
  return status === 200 && contentType.includes('javascript');
}

/** `/`, `/shop/` and `/shop/de/` of `/shop/de/page`. */
function basesOf({ pathname }: URL): readonly string[] {
  const folders = pathname.split('/', MAX_BASES + 1).slice(1, -1);
  return ['/', ...folders.map((_, index) => `/${folders.slice(0, index + 1).join('/')}/`)];
}
