import type { IncomingMessage, ServerResponse } from 'node:http';
import { withDeadline } from '../time/deadline.ts';
import type { AccessCheck } from './access.ts';
import { findRoute } from './find-route.ts';
import type { ListenerLimits } from './limits.ts';
import { answerToAccess } from './refusals.ts';
import { targetOfRequest } from './request-target.ts';
import { textAnswer, type Answer, type EventStream, type ListenerRoutes } from './route.ts';

/** What answering uses. */
export interface HandleDeps {
  readonly routes: ListenerRoutes;
  readonly access: AccessCheck;
  readonly limits: ListenerLimits;
  /** Takes over what a route threw. */
  readonly onBug: (error: unknown) => void;
}

/** Finds the answer to a request; no bad request and no bug of a route leaves it. */
export async function handleRequest(
  request: IncomingMessage,
  deps: HandleDeps,
): Promise<Answer | EventStream> {
  const { method = '', url = '', headers } = request;
  const { access, limits, routes, onBug } = deps;
  const closing = { connection: 'close' };
  if (url.length > limits.urlBytes) {
    return { ...textAnswer(414, 'The address is too long.'), headers: closing };
  }
  const target = targetOfRequest(url);
  if (target === null) return { ...textAnswer(400, 'This is no path.'), headers: closing };
  const { path, query } = target;
  const accept = headers.accept ?? '';
  const decided = access.check(request, target);
  if (decided.kind !== 'in') return answerToAccess(decided, target, accept, access.cookieEnd);
  if (method !== 'GET' && method !== 'HEAD') {
    const allow = { ...closing, allow: 'GET, HEAD' };
    return { ...textAnswer(405, 'Only GET and HEAD are possible here.'), headers: allow };
  }
  if (hasBody(headers)) {
    return { ...textAnswer(400, 'A request here has no body.'), headers: closing };
  }
  const found = findRoute(routes, path);
  if (found === null) return textAnswer(404, 'There is nothing at this address.');
  try {
    const acceptEncoding = headers['accept-encoding'] ?? '';
    const { isGuarded } = access;
    const asked = { path, name: found.name, query, accept, acceptEncoding, isGuarded };
    const late = (): Error => new Error(`${path}: no answer within ${limits.answerMs} ms`);
    return await withDeadline(Promise.resolve(found.route(asked)), limits.answerMs, late);
  } catch (error) {
    onBug(error);
    return textAnswer(500, 'This answer could not be made.');
  }
}

function hasBody(headers: IncomingMessage['headers']): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** True for an answer that goes on. */
export function isEventStream(answer: Answer | EventStream): answer is EventStream {
  return 'open' in answer;
}

/** Ends an answer that its client does not read in time. */
export function limitReading(response: ServerResponse, ms: number): void {
  const timer = setTimeout(() => response.destroy(), ms).unref();
  response.once('close', () => clearTimeout(timer));
}
