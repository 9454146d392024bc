import type { HttpAnswer } from '../http/exchange.ts';
import type { HttpRequest } from '../http/request.ts';
import type { Outcome, ProbeContext } from '../probe.ts';
import { describeError, isServiceGone, readErrorPage } from '../source/vite-error.ts';
import { singleLine } from '../../text/single-line.ts';
import { serviceGone } from './answer.ts';
import { servedBase } from './module-url.ts';
import { hearError } from './hot-error.ts';
import { moduleScriptsOf } from './html.ts';
import type { ViteTarget } from './target.ts';

/** What to ask once more. */
interface PageQuestion {
  readonly target: ViteTarget;
  readonly page: HttpRequest;
  readonly context: ProbeContext;
  /** Vite's base, where the page does not show it; absent: the path of the target. */
  readonly base?: string;
}

/**
 * The same verdict on a page that is an error, with what Vite itself says of it: a framework that renders
 * on the server has an error page of its own. It is the user's source where Vite could not compile a file,
 * which it then names; an app that throws while it renders is as ill as before.
 */
export async function explainPage(
  verdict: Outcome,
  answer: HttpAnswer,
  { target, page, context, base }: PageQuestion,
): Promise<Outcome> {
  if (verdict.kind !== 'fail' || (verdict.class !== 'status' && verdict.class !== 'source')) {
    return verdict;
  }
  const body = answer.body.toString('utf8');
  if (answer.status < 500 || readErrorPage(body) !== undefined) return verdict;
  const below = base ?? servedBase(moduleScriptsOf(body), target.url);
  const { error, status } = await hearError(target, below, page, context);
  if (error?.id !== undefined) {
    if (isServiceGone(error.message)) return serviceGone('the page');
    return { kind: 'fail', class: 'source', detail: describeError(error, 'the page') };
  }
  // Astro's own error page stays what it is, also where the app throws.
  if (error !== undefined && verdict.class === 'source') return verdict;
  if (error !== undefined) {
    const detail = `the page answered ${answer.status}: ${singleLine(error.message, 80)}`;
    return { kind: 'fail', class: 'status', status: answer.status, detail };
  }
  if (status === undefined || status >= 500) return verdict;
  // It was fixed between the two: the first answer is out of date.
  const detail = `the page answered ${status} when it was asked for once more`;
  return { kind: 'unknown', cause: 'pending', detail };
}
