import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, createSecureContext } from 'node:tls';
import type { SecureContext, TLSSocket } from 'node:tls';
import { LivenessError } from '../../errors.ts';
import { dialWith, type Place } from './dial.ts';
import type { TlsOptions } from '../probe.ts';
import { noteCertificateIn, type SeenCertificate } from './certificate.ts';

/** Opens a TLS connection to one address; each makes a full handshake. */
type TlsDialer = (address: string, port: number) => TLSSocket;

/**
 * Makes a dialer for https. The context is made once, because reading certificates costs more than the rest
 * of a probe. Each handshake leaves the server's certificate in `seen`. Throws ERR_CONFIG for a `ca` that is
 * not PEM.
 */
export function createTlsDialer(
  host: string,
  options: TlsOptions,
  seen: SeenCertificate,
): TlsDialer {
  const secureContext = readCertificates(options.ca);
  // An address is no server name (RFC 6066 §3), but is still checked against the certificate.
  const servername = options.servername ?? (isIP(host) === 0 ? host : '');
  const rejectUnauthorized = options.rejectUnauthorized ?? true;
  const noteCertificate = noteCertificateIn(seen);
  const wanted = { servername, secureContext, rejectUnauthorized, ALPNProtocols: ['http/1.1'] };
  const open = (place: Place): TLSSocket => connect({ ...place, ...wanted });
  return (address, port) => {
    const socket = dialWith(open, address, port);
    noteCertificate(socket);
    return socket;
  };
}

function readCertificates(ca: string | undefined): SecureContext {
  if (ca === undefined) return createSecureContext();
  try {
    // OpenSSL silently ignores anything that is not a certificate.
    void new X509Certificate(ca);
    return createSecureContext({ ca });
  } catch (cause) {
    throw new LivenessError('ERR_CONFIG', '`ca` is not a certificate in PEM form', { cause });
  }
}
