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
  servername: setting(parseServerName, anyTextForm).exactOptional(),
  rejectUnauthorized: setting(parseFlag, flagForm).exactOptional(),
};

/** The options of `tlsFields`; empty where none is set. */
export function tlsOf(given: {
  readonly [Key in keyof TlsOptions]: TlsOptions[Key] | undefined;
}): { readonly tls?: TlsOptions } {
  const { ca, servername, rejectUnauthorized } = given;
  const tls = dropUndefined({ ca, servername, rejectUnauthorized });
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

function parseCa(input: unknown): string {
  if (typeof input === 'string' && input.includes('-----BEGIN CERTIFICATE-----')) return input;
  throw badValue(input, "write the PEM text itself: readFileSync('ca.pem', 'utf8')");
}

function parseServerName(input: unknown): string {
  const host = parseHost(input);
  if (isIP(host) === 0) return host;
  throw badValue(input, 'write a host name; TLS has no server names that are addresses');
}
