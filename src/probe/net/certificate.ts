import type { TLSSocket } from 'node:tls';
import { systemClock } from '../../time/clock.ts';

/** The certificate that a server showed last. */
export interface SeenCertificate {
  /** When it expires, in wall milliseconds; null before the first handshake, and where it does not say. */
  notAfter: number | null;
  /** Its SHA-256, as Node writes it (`AB:01:…`); null or absent where it was not read. */
  fingerprint?: string | null;
  /** When it was read, monotonic milliseconds. */
  readAt: number;
}

/** A deep check makes many handshakes in a row; one of them in this time is enough. */
const SPACING_MS = 1_000;

/** What is read of a certificate that a server shows. */
interface Shown {
  readonly valid_to?: string;
  readonly fingerprint256?: string;
}

/** Makes the note of a server whose certificate was not seen yet. */
export function noCertificate(): SeenCertificate {
  return { notAfter: null, fingerprint: null, readAt: Number.NEGATIVE_INFINITY };
}

/**
 * Makes a function that has a connection note the server's certificate in `seen`, also one that is then
 * refused. Node emits `secure` before it judges the certificate, and `secureConnect` only for a good one.
 * `getPeerX509Certificate` would take the certificate away from that judgement (Node 20).
 */
export function noteCertificateIn(seen: SeenCertificate): (socket: TLSSocket) => void {
  function note(this: TLSSocket): void {
    const now = systemClock.now();
    if (now < seen.readAt + SPACING_MS) return;
    seen.readAt = now;
    // Without a certificate Node gives null or an empty object, which its types do not say.
    const shown: Shown | null = this.getPeerCertificate();
    const notAfter = Date.parse(shown?.valid_to ?? '');
    if (!Number.isFinite(notAfter)) return;
    seen.notAfter = notAfter;
    seen.fingerprint = shown?.fingerprint256 ?? null;
  }
  return (socket) => {
    socket.prependListener('secure', note);
  };
}
