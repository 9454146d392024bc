import { systemClock } from '../../time/clock.ts';
import type { SendResult } from './channel.ts';
import type { HttpAnswer } from './http-post.ts';

/** What a status says that is not 2xx: try again. 302, 303 and 307 come from a login page on the way, for a time. */
const TEMPORARY: ReadonlySet<number> = new Set([302, 303, 307, 408, 421, 423, 425, 429]);
const MAX_SHOWN = 120;
const MAX_RETRY_AFTER_MS = 24 * 3_600_000;

/**
 * What an answer of a web service means for the message: 2xx is sent, those of TEMPORARY, 5xx and silence are worth
 * another try, all else is refused. `retryAfterMs` wins over the header Retry-After.
 */
export function resultOf(answer: HttpAnswer, retryAfterMs: number | null = null): SendResult {
  if (answer.kind === 'silent') return { kind: 'retry', reason: answer.reason, retryAfterMs: null };
  const { status, body, retryAfter } = answer;
  if (status >= 200 && status < 300) return { kind: 'sent', answer: textOf(status, body) };
  const isRedirect = status >= 300 && status < 400;
  const follow = isRedirect ? ': a redirect, which is not followed' : '';
  const reason = `answered ${textOf(status, body)}${follow}`;
  if (TEMPORARY.has(status) || status >= 500) {
    return { kind: 'retry', reason, retryAfterMs: retryAfterMs ?? parseRetryAfter(retryAfter) };
  }
  return { kind: 'refused', reason };
}

/**
 * Milliseconds to wait by a Retry-After header (RFC 9110: seconds, or a date), at most a day; null where it has
 * neither.
 */
export function parseRetryAfter(text: string | undefined, now = systemClock.wall()): number | null {
  if (text === undefined) return null;
  const seconds = /^\d{1,9}(?:\.\d{1,9})?$/.test(text.trim()) ? Number(text) : null;
  const ms = seconds === null ? dateOf(text) - now : seconds * 1000;
  return Number.isFinite(ms) ? Math.min(MAX_RETRY_AFTER_MS, Math.max(0, Math.ceil(ms))) : null;
}

/** The same for seconds that a service gives in its answer; null for anything else. */
export function retryAfterOf(seconds: unknown): number | null {
  return typeof seconds === 'number' && seconds >= 0 ? parseRetryAfter(String(seconds)) : null;
}

/** NaN for a text that is no date of HTTP: Date.parse takes almost anything. */
function dateOf(text: string): number {
  return text.length <= 40 && /^[A-Z][a-z]{2,8},? /.test(text.trim())
    ? Date.parse(text)
    : Number.NaN;
}

/** `404: no_service`; without the body where it is a web page. */
function textOf(status: number, body: string): string {
  const text = body.slice(0, MAX_SHOWN * 4).trim();
  return text === '' || text.startsWith('<')
    ? String(status)
    : `${status}: ${text.slice(0, MAX_SHOWN)}`;
}
