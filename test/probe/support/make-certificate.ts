import { generateKeyPairSync, sign } from 'node:crypto';

/** A certificate and its key, in PEM form. */
export interface MadeCertificate {
  readonly cert: string;
  readonly key: string;
}

/** ecdsa-with-SHA256 (RFC 5758 §3.2), commonName and subjectAltName (RFC 5280). */
const ECDSA_SHA256 = der(0x30, [Buffer.from('06082a8648ce3d040302', 'hex')]);
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const ALT_NAME = Buffer.from('0603551d11', 'hex');

/**
 * Makes a self-signed certificate for `localhost` and 127.0.0.1 that is valid between two instants (epoch
 * milliseconds): Node can read certificates, but makes none, and openssl may be missing.
 */
export function makeCertificate(notBefore: number, notAfter: number): MadeCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const name = der(0x30, [der(0x31, [der(0x30, [COMMON_NAME, der(0x0c, ['localhost'])])])]);
  const names = der(0x30, [der(0x82, ['localhost']), der(0x87, [Buffer.from([127, 0, 0, 1])])]);
  const extension = der(0x30, [ALT_NAME, der(0x04, [names])]);
  const body = der(0x30, [
    der(0xa0, [der(0x02, [Buffer.from([2])])]),
    der(0x02, [Buffer.from([1])]),
    ECDSA_SHA256,
    name,
    der(0x30, [timeOf(notBefore), timeOf(notAfter)]),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, [der(0x30, [extension])]),
  ]);
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]);
  const whole = der(0x30, [body, ECDSA_SHA256, der(0x03, [signature])]);
  const lines = whole.toString('base64').replace(/.{64}/g, '$&\n').trim();
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** One element of DER: tag, length, content. */
function der(tag: number, parts: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const { length } = content;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

/** A GeneralizedTime, `20261203120000Z`. */
function timeOf(wall: number): Buffer {
  const text = new Date(wall).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x18, [text]);
}
