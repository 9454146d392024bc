import type { HttpAnswer } from '../http/exchange.ts';
import { locationText } from '../http/location-text.ts';
import type { FailureClass, Outcome } from '../probe.ts';
import { describeError, isServiceGone, readErrorPage } from '../source/vite-error.ts';
import { readFrameworkError } from './framework-error.ts';
import { isLost } from './dependency-check.ts';
import type { ViteModule } from './module-url.ts';

/** The content types that browsers run as a module script. */
const JAVASCRIPT = /^(?:text|application)\/(?:x-)?(?:java|ecma)script\b/i;

/**
 * Judges the answer for the page itself; undefined: good. A redirect that was not followed leads to another
 * origin, which is not checked.
 */
export function judgePage(answer: HttpAnswer): Outcome | undefined {
  if (answer.status >= 200 && answer.status <= 399) return undefined;
  if (answer.status === 404 || answer.status === 410) {
    return fail('source', 'index.html is not there (404)');
  }
  return judgeError(answer, 'index.html', 'the page');
}

/** Judges the answer for one module; undefined: good. */
export function judgeModule(answer: HttpAnswer, module: ViteModule): Outcome | undefined {
  const { status, contentType } = answer;
  const { name, importer } = module;
  const by = importer === undefined ? '' : ` (imported by ${importer})`;
  if (status >= 200 && status <= 299) {
    if (JAVASCRIPT.test(contentType)) return undefined;
    // A server that answers with its page for a missing file.
    if (/^text\/html\b/i.test(contentType)) return fail('source', `${name} is not there${by}`);
    if (importer !== undefined) return undefined;
    const detail = `${name} is served as ${contentType || 'nothing known'}, not as JavaScript`;
    return fail('source', detail);
  }
  if (status === 404 || status === 410) return fail('source', `${name} is not there (404)${by}`);
  return judgeError(answer, name);
}

/** True where a module's text may have imports. */
export function isJavaScript({ contentType }: HttpAnswer): boolean {
  return JAVASCRIPT.test(contentType);
}

/** An error answer: from the user's source, from Vite itself, or from another server. */
function judgeError(answer: HttpAnswer, name: string, called = name): Outcome {
  const { status, statusText, location } = answer;
  const said = `${called} answered ${`${status} ${statusText}`.trim()}`;
  if (isLost(answer)) {
    const detail = `deep check put off: ${said}: Vite is optimising dependencies`;
    return { kind: 'unknown', cause: 'pending', detail };
  }
  // Vite runs, because it answers the ping: this comes from a proxy without a server behind it.
  if (status === 502 || status === 504) {
    return fail('misconfig', `${said}: a proxy (\`server.proxy\`) answers instead of Vite`);
  }
  if (status >= 500) return judgeServerError(answer, name, said);
  const where = location === undefined ? '' : ` to ${locationText(location)}`;
  return fail('misconfig', `${said}${where}, wanted 200`);
}

function judgeServerError(answer: HttpAnswer, name: string, said: string): Outcome {
  const body = answer.body.toString('utf8');
  const error = readErrorPage(body);
  if (isServiceGone(error?.message ?? body)) {
    return serviceGone(name);
  }
  if (error !== undefined) return fail('source', describeError(error, name));
  const called = readFrameworkError(body);
  if (called === undefined) return fail('status', `${said}, and the page is not Vite's own`);
  // As another class, a typing error in the source made Astro restart until its budget was spent.
  return fail('source', `${said}: ${called} in the source, which the browser shows`);
}

/** Vite ≤ 7 without its transformer: a restart fixes it, and nothing else does. */
export function serviceGone(name: string): Outcome {
  const detail = `${name}: Vite's transformer process is gone (the service is no longer running)`;
  return fail('signature', detail);
}

function fail(failureClass: FailureClass, detail: string): Outcome {
  return { kind: 'fail', class: failureClass, detail };
}
