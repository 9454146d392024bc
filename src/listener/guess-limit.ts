import { isIPv6 } from 'node:net';
import type { Clock } from '../time/clock.ts';

/** Different wrong tokens that an address may send within the window: an old one, sent again and again, is no guess. */
const MOST_WRONG = 10;
const WINDOW_MS = 60_000;

/** Addresses that are kept; the oldest goes first. */
const MOST_ADDRESSES = 1_000;

/** Counts wrong tokens by the address that they come from. */
export class GuessLimit {
  readonly #clock: Clock;
  /** With a few bytes of the digest of each. */
  readonly #wrong = new Map<string, { readonly since: number; readonly tokens: Set<string> }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long an address gets no more tries, in milliseconds; 0 where it may try. */
  waitMs(address: string): number {
    const seen = this.#wrong.get(groupOf(address));
    if (seen === undefined || seen.tokens.size < MOST_WRONG) return 0;
    return Math.max(0, seen.since + WINDOW_MS - this.#clock.now());
  }

  /** Counts a wrong token, of which this is the digest. */
  countWrong(address: string, digest: Buffer): void {
    const token = digest.toString('latin1', 0, 8);
    const group = groupOf(address);
    const now = this.#clock.now();
    const seen = this.#wrong.get(group);
    if (seen !== undefined && seen.since + WINDOW_MS > now) {
      seen.tokens.add(token);
      return;
    }
    this.#wrong.delete(group);
    this.#wrong.set(group, { since: now, tokens: new Set([token]) });
    for (const oldest of this.#wrong.keys()) {
      if (this.#wrong.size <= MOST_ADDRESSES) break;
      this.#wrong.delete(oldest);
    }
  }
}

/** One host can have a whole /64 of IPv6. */
function groupOf(address: string): string {
  const mapped = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(mapped)) return mapped;
  const [left = '', right = ''] = mapped.split('::', 2);
  const head = left.split(':');
  const zeros = mapped.includes('::') ? 8 - head.length - right.split(':').length : 0;
  return [...head, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...right.split(':')]
    .slice(0, 4)
    .join(':');
}
