import { askHttp } from '../http/ask.ts';
import type { HttpAnswer } from '../http/exchange.ts';
import { pathOf } from '../http/request.ts';
import type { HttpRequest } from '../http/request.ts';
import type { Outcome, ProbeContext } from '../probe.ts';
import { andMore } from '../../text/and-more.ts';
import type { ViteTarget } from './target.ts';

/** Dependencies asked for in one check; each costs a connection. */
export const MAX_DEPENDENCIES = 100;
/** Dependencies asked for at a time. */
const CONCURRENCY = 4;
/** One and the same address is answered 504 for this many deep periods, and then it is for good. */
const LOST_PERIODS = 2;

/**
 * The optimised dependencies that Vite answers 504 for, over the deep checks of one incarnation. Vite
 * reads each from disk when it is first asked for: where its cache folder was removed before that, the
 * answer is 504 until it is restarted (seen in 7.3.8 and 8.3.8). A real re-optimisation gives every
 * dependency another version, and so another address.
 */
export class LostDependencies {
  readonly #periodMs: number;
  /** Since when each is lost, by its path with its version. */
  #since: ReadonlyMap<string, number> = new Map();

  constructor(deepPeriodMs: number) {
    this.#periodMs = deepPeriodMs;
  }

  /** Asks for the dependencies at these addresses. Undefined: none is lost. */
  async check(
    target: ViteTarget,
    urls: readonly URL[],
    context: ProbeContext,
  ): Promise<Outcome | undefined> {
    const answers = new Map<string, HttpAnswer | undefined>();
    for (let from = 0; from < urls.length && !context.signal.aborted; from += CONCURRENCY) {
      const batch = urls.slice(from, from + CONCURRENCY);
      await Promise.all(
        batch.map(async (url) => answers.set(pathOf(url), await ask(target, url, context))),
      );
    }
    return this.#judge(answers, context.now());
  }

  /** What gave no answer is as lost as it was before. */
  #judge(answers: ReadonlyMap<string, HttpAnswer | undefined>, at: number): Outcome | undefined {
    const since = new Map<string, number>();
    for (const [path, answer] of answers) {
      const before = this.#since.get(path);
      if (answer !== undefined && isLost(answer)) since.set(path, before ?? at);
      else if (answer === undefined && before !== undefined) since.set(path, before);
    }
    this.#since = since;
    return outcomeOf(since, at, LOST_PERIODS * this.#periodMs);
  }
}

/** Whether this is how Vite answers for a dependency that it has not got in this version. */
export function isLost({ status, statusText }: HttpAnswer): boolean {
  return status === 504 && /^(?:Outdated |Optimize )/.test(statusText);
}

function outcomeOf(
  since: ReadonlyMap<string, number>,
  at: number,
  patienceMs: number,
): Outcome | undefined {
  const [first] = since;
  if (first === undefined) return undefined;
  const [path] = first;
  const names = `${nameOf(path)}${andMore(since.size - 1)}`;
  const longestMs = at - Math.min(...since.values());
  if (longestMs < patienceMs) {
    const detail = `deep check put off: ${names} answered 504: Vite is optimising dependencies`;
    return { kind: 'unknown', cause: 'pending', detail };
  }
  const seconds = Math.round(longestMs / 1_000);
  const detail = `${names} answered 504 for ${seconds} s: Vite has lost its optimised dependencies (.vite was removed)`;
  return { kind: 'fail', class: 'signature', detail };
}

/** `react-dom_client.js` of `/node_modules/.vite/deps/react-dom_client.js?v=4f1c`. */
function nameOf(path: string): string {
  const [plain = ''] = path.split('?', 1);
  return plain.slice(plain.lastIndexOf('/') + 1);
}

/** The head of the answer is enough; undefined where there is none. */
async function ask(
  { origin, headersWith }: ViteTarget,
  url: URL,
  context: ProbeContext,
): Promise<HttpAnswer | undefined> {
  const request: HttpRequest = {
    method: 'GET',
    path: pathOf(url),
    headers: headersWith({ accept: '*/*', 'sec-fetch-dest': 'script' }),
    maxBodyBytes: 0,
    useBody: () => 'skip',
  };
  const reply = await askHttp(origin, request, context);
  return reply.kind === 'answer' ? reply.answer : undefined;
}
