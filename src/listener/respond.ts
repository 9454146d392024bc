import type { IncomingMessage, ServerResponse } from 'node:http';
import { isKnown } from './etag.ts';
import type { Answer } from './route.ts';

/** What every answer has: nothing runs or loads that is not ours, and nothing of another site may frame or read it. */
const USUAL_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const;

/** Writes a whole answer; who has the same already gets 304. */
export function respond(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) return;
  const { status, type, body, headers, etag } = answer;
  const keep = { 'cache-control': etag === undefined ? 'no-store' : 'private, no-cache' };
  const mark = etag === undefined ? {} : { etag };
  const common = { ...USUAL_HEADERS, ...keep, ...mark, ...headers };
  if (status === 200 && etag !== undefined && isKnown(etag, request.headers['if-none-match'])) {
    response.writeHead(304, common).end();
    return;
  }
  response.writeHead(status, {
    ...common,
    'content-type': type,
    'content-length': Buffer.byteLength(body),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Begins server-sent events. */
export function respondWithEvents(response: ServerResponse): void {
  response.writeHead(200, {
    ...USUAL_HEADERS,
    'cache-control': 'no-store',
    'content-type': 'text/event-stream; charset=utf-8',
    // nginx would collect them.
    'x-accel-buffering': 'no',
    connection: 'close',
  });
  response.flushHeaders();
}
