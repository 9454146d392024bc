import type { SeenCertificate } from '../../probe/net/certificate.ts';
import type { ExpiringCertificate } from '../../report/view.ts';

const DAY_MS = 86_400_000;
/** The last instant that a Date can have. */
const LATEST_MS = 8_640_000_000_000_000;
/** Reported once each, that many days before the end; 0 is the end itself. */
const STAGES = [0, 1, 7, 14] as const;

/** What was reported of a certificate. */
interface Reported {
  readonly notAfter: number;
  readonly days: number;
}

/** Knows when the certificate of one target expires, and what was reported of that (DESIGN §11). */
export class CertificateWatch {
  readonly #wall: () => number;
  #reported: Reported | null;

  /** `kept` is what an earlier monitor kept (`reported`); `wall` gives epoch milliseconds. */
  constructor(wall: () => number, kept: string | null | undefined) {
    this.#wall = wall;
    this.#reported = parse(kept);
  }

  /** The certificate, where it expires soon or has expired; null for any other. */
  get expiring(): ExpiringCertificate | null {
    if (this.#reported === null) return null;
    const { notAfter } = this.#reported;
    return { notAfter, leftMs: notAfter - this.#wall() };
  }

  /** What is to be kept of it; null where nothing was reported. */
  get reported(): string | null {
    return this.#reported && `${this.#reported.notAfter} ${this.#reported.days}`;
  }

  /** What an earlier monitor kept was read late. */
  restore(kept: string | null | undefined): void {
    this.#reported ??= parse(kept);
  }

  /**
   * Takes over the certificate of the last handshake; undefined where the target has none. True where there
   * is something to report: it is nearer to its end, or it was and has been replaced.
   */
  note(seen: SeenCertificate | undefined): boolean {
    if (seen === undefined) return this.#reported !== null && this.#forget();
    const { notAfter } = seen;
    if (notAfter === null) return false;
    const leftMs = notAfter - this.#wall();
    const days = STAGES.find((stage) => leftMs <= stage * DAY_MS);
    if (days === undefined) return this.#reported !== null && this.#forget();
    const known = this.#reported;
    if (known?.notAfter === notAfter && known.days <= days) return false;
    this.#reported = { notAfter, days };
    return true;
  }

  #forget(): true {
    this.#reported = null;
    return true;
  }
}

function parse(kept: string | null | undefined): Reported | null {
  if (typeof kept !== 'string') return null;
  const gap = kept.indexOf(' ');
  const notAfter = Number(kept.slice(0, gap));
  const days = STAGES.find((stage) => String(stage) === kept.slice(gap + 1));
  const isTime = Number.isInteger(notAfter) && Math.abs(notAfter) <= LATEST_MS;
  return gap > 0 && isTime && days !== undefined ? { notAfter, days } : null;
}
