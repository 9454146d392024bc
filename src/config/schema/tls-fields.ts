import { isIP } from 'node:net';
import type * as z from 'zod';
import type { TlsOptions } from '../../probe/probe.ts';
import { parseHost } from './address.ts';
import { badValue } from '../bad-value.ts';
import { dropUndefined } from '../drop-undefined.ts';
import { anyTextForm, flagForm } from '../json-schema/form.ts';
import { parseFlag } from './scalars.ts';
import { setting, VALUE_FREE } from '../section.ts';

/** The keys of probes that may speak https. */
export const tlsFields = {
  ca: setting(parseCa, {
    type: 'string',
    pattern: '-----BEGIN CERTIFICATE-----|\\$\\{',
  }).exactOptional(),
  certFile: setting(parseCertFile, anyTextForm).exactOptional(),
  servername: setting(parseServerName, anyTextForm).exactOptional(),
  rejectUnauthorized: setting(parseFlag, flagForm).exactOptional(),
};

/** The options of `tlsFields`; empty where none is set. */
export function tlsOf(given: {
  readonly [Key in keyof TlsOptions]: TlsOptions[Key] | undefined;
}): { readonly tls?: TlsOptions } {
  const { ca, certFile, servername, rejectUnauthorized } = given;
  const tls = dropUndefined({ ca, certFile, servername, rejectUnauthorized });
  return Object.keys(tls).length === 0 ? {} : { tls };
}

/** The rule that TLS keys need a URL of this scheme: with another they would be silently ignored. */
export function requireScheme(scheme: 'https' | 'wss') {
  const article = scheme === 'https' ? 'an' : 'a';
  return (value: Readonly<Record<string, unknown>>, context: z.core.$RefinementCtx): void => {
    if (typeof value['url'] !== 'string' || value['url'].startsWith(`${scheme}:`)) return;
    for (const key of Object.keys(tlsFields).filter((name) => name in value)) {
      const message = `is for ${scheme} only; write ${article} ${scheme} URL, or drop it`;
      context.addIssue({ code: 'custom', path: [key], message, params: { ...VALUE_FREE } });
    }
  };
}

/** Nothing is refused for its age where nothing is verified: the file would never be read. */
export function requireVerified(
  value: Readonly<Record<string, unknown>>,
  context: z.core.$RefinementCtx,
): void {
  if (value['rejectUnauthorized'] !== false || !('certFile' in value)) return;
  const message =
    'has no effect with rejectUnauthorized: false, which also takes an expired certificate; drop one of them';
  context.addIssue({ code: 'custom', path: ['certFile'], message, params: { ...VALUE_FREE } });
}

function parseCertFile(input: unknown): string {
  const isPath = typeof input === 'string' && input !== '' && !/[\0\r\n]/.test(input);
  if (isPath) return input;
  throw badValue(input, "write the path of a PEM file, like './certs/fullchain.pem'");
}

function parseCa(input: unknown): string {
  if (typeof input === 'string' && input.includes('-----BEGIN CERTIFICATE-----')) return input;
  throw badValue(input, "write the PEM text itself: readFileSync('ca.pem', 'utf8')");
}

function parseServerName(input: unknown): string {
  const host = parseHost(input);
  if (isIP(host) === 0) return host;
  throw badValue(input, 'write a host name; TLS has no server names that are addresses');
}
