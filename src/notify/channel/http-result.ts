import { systemClock } from '../../time/clock.ts';
import type { SendResult } from './channel.ts';
import type { HttpAnswer } from './http-post.ts';

/** What a status says that is not 2xx: try again. 302, 303 and 307 come from a login page on the way, for a time. */
const TEMPORARY: ReadonlySet<number> = new Set([302, 303, 307, 408, 421, 423, 425, 429]);
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
  // A login page on the way says in its body where it leads back to: to our URL.
  const reason = isRedirect
    ? `answered ${status}: a redirect, which is not followed`
    : `answered ${textOf(status, body)}`;
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
  if (/^\d+(?:\.\d+)?$/.test(text.trim())) return boundedWait(Number(text) * 1000);
  const ms = dateOf(text) - now;
  return Number.isNaN(ms) ? null : boundedWait(ms);
}

function boundedWait(ms: number): number {
  return Math.min(MAX_RETRY_AFTER_MS, Math.max(0, Math.ceil(ms)));
}

/** The same for seconds that a service gives in its answer; null for anything else. */
export function retryAfterOf(seconds: unknown): number | null {
  return typeof seconds === 'number' && seconds >= 0 ? boundedWait(seconds * 1000) : null;
}

/** NaN for a text that is no date of HTTP: Date.parse takes almost anything. */
function dateOf(text: string): number {
  return text.length <= 40 && /^[A-Z][a-z]{2,8},? /.test(text.trim())
    ? Date.parse(text)
    : Number.NaN;
}

/**
 * `404: no_service`; without the body where it is a web page. The body is not cut here: in a text that goes on after a
 * cut secret, the secret's beginning is not known again.
 */
function textOf(status: number, body: string): string {
  const text = body.trim();
  return text === '' || text.startsWith('<') ? String(status) : `${status}: ${text}`;
}
