import type { HttpAnswer } from '../http/exchange.ts';
import type { HttpRequest } from '../http/request.ts';
import type { Outcome, ProbeContext } from '../probe.ts';
import { describeError, isServiceGone, readErrorPage } from '../source/vite-error.ts';
import { serviceGone } from './answer.ts';
import { servedBase } from './module-url.ts';
import { hearError } from './hot-error.ts';
import { moduleScriptsOf } from './html.ts';
import type { ViteTarget } from './target.ts';

/**
 * The same verdict on a page that is an error, with what Vite itself says of it: a framework that renders
 * on the server has an error page of its own. It is the user's source where Vite could not compile a file,
 * which it then names; an app that throws while it renders is as ill as before.
 */
export async function explainPage(
  verdict: Outcome,
  answer: HttpAnswer,
  { target, page, context }: { target: ViteTarget; page: HttpRequest; context: ProbeContext },
): Promise<Outcome> {
  if (verdict.kind !== 'fail' || (verdict.class !== 'status' && verdict.class !== 'source')) {
    return verdict;
  }
  const body = answer.body.toString('utf8');
  if (answer.status < 500 || readErrorPage(body) !== undefined) return verdict;
  const base = servedBase(moduleScriptsOf(body), target.url);
  const error = await hearError(target, base, page, context);
  if (error?.id === undefined) return verdict;
  if (isServiceGone(error.message)) return serviceGone('the page');
  return { kind: 'fail', class: 'source', detail: describeError(error, 'the page') };
}
