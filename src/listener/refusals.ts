import { TOKEN_PARAMETER, type Access } from './access.ts';
import type { RequestTarget } from './request-target.ts';
import { textAnswer, type Answer } from './route.ts';

/** What a client gets that was not let in, or that gets its cookie first. */
export function answerToAccess(
  access: Exclude<Access, { kind: 'in' }>,
  target: RequestTarget,
  accept: string,
  cookieEnd: string,
): Answer {
  switch (access.kind) {
    case 'cookie':
      return withCookie(access.cookie, target, accept);
    case 'foreignHost':
      return textAnswer(
        421,
        'This monitor is for programs of its own machine, under localhost or 127.0.0.1. Behind a proxy let the proxy send `Host: localhost`, or set LIVENESS_HTTP_TOKEN.',
      );
    case 'tooMany': {
      const seconds = Math.ceil(access.waitMs / 1_000);
      const answer = textAnswer(429, `Too many wrong tokens; try again in ${seconds} s.`);
      return { ...answer, headers: { 'retry-after': String(seconds) } };
    }
    case 'foreignPage':
      return textAnswer(403, 'A page of another site gets nothing here.');
    case 'noToken':
    case 'wrongToken': {
      const what = access.kind === 'noToken' ? 'A token is needed' : 'The token is wrong';
      const how = 'send `Authorization: Bearer …`, or open the address once with ?token=…';
      const headers = { 'www-authenticate': 'Bearer realm="pm2-liveness"' };
      const end = access.kind === 'wrongToken' ? { 'set-cookie': cookieEnd } : {};
      return { ...textAnswer(401, `${what}: ${how}`), headers: { ...headers, ...end } };
    }
  }
}

/**
 * Back to the same place without the token. A browser that follows a link of another site (a chat) would not send
 * a strict cookie after a redirect; after a refresh it does, because that is a step of our own page.
 */
function withCookie(cookie: string, { path, query }: RequestTarget, accept: string): Answer {
  const rest = new URLSearchParams(query);
  rest.delete(TOKEN_PARAMETER);
  const place = rest.size === 0 ? path : `${path}?${rest.toString()}`;
  const headers = { 'set-cookie': cookie };
  return accept.includes('text/html')
    ? { ...textAnswer(200, 'One moment …'), headers: { ...headers, refresh: `0; url=${place}` } }
    : { ...textAnswer(303, `See ${place}`), headers: { ...headers, location: place } };
}
