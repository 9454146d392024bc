import type { TLSSocket } from 'node:tls';

/** The certificate that a server showed last. */
export interface SeenCertificate {
  /** When it expires, in wall milliseconds; null before the first handshake, and where it does not say. */
  notAfter: number | null;
  /** The same as the certificate has it: it is read again only when this is another text. */
  validTo: string;
}

/** Makes the note of a server whose certificate was not seen yet. */
export function noCertificate(): SeenCertificate {
  return { notAfter: null, validTo: '' };
}

/**
 * Makes a function that has a connection note the server's certificate in `seen`, also one that is then
 * refused. Node emits `secure` before it judges the certificate, and `secureConnect` only for a good one.
 */
export function noteCertificateIn(seen: SeenCertificate): (socket: TLSSocket) => void {
  function note(this: TLSSocket): void {
    const validTo = this.getPeerX509Certificate()?.validTo;
    if (validTo === undefined || validTo === seen.validTo) return;
    const notAfter = Date.parse(validTo);
    seen.validTo = validTo;
    seen.notAfter = Number.isFinite(notAfter) ? notAfter : null;
  }
  return (socket) => {
    socket.prependListener('secure', note);
  };
}
