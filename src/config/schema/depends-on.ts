import * as z from 'zod';
import { LivenessError } from '../../errors.ts';
import type { ProbeOptions, StatusRange } from '../../probe/probe.ts';
import { BadValueError, badValue } from '../bad-value.ts';
import { shownUrl, type Dependency } from '../dependency.ts';
import { anyTextForm, inJson } from '../json-schema/form.ts';
import { VALUE_FREE } from '../section.ts';
import { parsePeer, parsePort, splitAddress } from './address.ts';
import { parseHttpUrl, parseWebSocketUrl } from './http-url.ts';

/** More than this many are no list that a person keeps in mind. */
const MOST = 20;
const LONGEST_NAME = 200;

/** Anything below 500 is an answer: that a page wants a login says that its server is up. */
const ANSWERS: readonly StatusRange[] = [
  [100, 299],
  [300, 399],
  [400, 499],
];

const WANT = "write an app's name, or a list like ['db', 'tcp://127.0.0.1:5432']";
const SCHEMES = 'tcp://, http://, https://, ws:// or wss://';

/** `dependsOn: 'db'` or a list of names and URLs; what stands there twice counts once. */
export const dependsOnSchema = inJson(
  z.unknown().transform((input, context): readonly Dependency[] => {
    const list: readonly unknown[] = Array.isArray(input) ? input : [input];
    const issue = (message: string, params: object, index?: number): void => {
      const path = index === undefined || !Array.isArray(input) ? [] : [index];
      context.addIssue({ code: 'custom', message, path, params: { ...params } });
    };
    if (list.length > MOST) issue(`has ${list.length} entries; write ${MOST} at most`, VALUE_FREE);
    const found = list.slice(0, MOST).flatMap((each, index): Dependency[] => {
      try {
        return [parseDependency(each)];
      } catch (error) {
        if (!(error instanceof LivenessError)) throw error;
        issue(
          error.message,
          error instanceof BadValueError ? { want: error.want } : VALUE_FREE,
          index,
        );
        return [];
      }
    });
    return found;
  }),
  () => ({
    anyOf: [anyTextForm, { type: 'array', items: anyTextForm, maxItems: MOST }],
  }),
);

/** An app's name, or a URL. Throws ERR_CONFIG. */
function parseDependency(input: unknown): Dependency {
  if (typeof input !== 'string' || input.trim() === '') throw badValue(input, WANT);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(input)) {
    const probe = probeOf(input);
    return { kind: 'url', key: JSON.stringify(probe), probe, shown: shownUrl(probe) };
  }
  // A name with a colon is possible, an address as a name is not likely.
  if (/^(?:localhost|[\d.]+|\[[\d:a-f]+\]):\d+$/i.test(input)) {
    throw badValue(input, `write a URL with ${SCHEMES}`, `write 'tcp://${input}'`);
  }
  if (input.length > LONGEST_NAME) {
    throw badValue(input, `write an app's name, of ${LONGEST_NAME} characters at most`);
  }
  return { kind: 'app', key: input, name: input, shown: input };
}

function probeOf(url: string): ProbeOptions {
  const scheme = url.slice(0, url.indexOf(':')).toLowerCase();
  // Whose certificate it is does not matter here: only whether anybody answers.
  const tls = { rejectUnauthorized: false };
  switch (scheme) {
    case 'tcp': {
      const { host, port } = splitAddress(url.slice('tcp://'.length).replace(/\/$/, ''));
      return { type: 'tcp', host: parsePeer(host), port: parsePort(port) };
    }
    case 'http':
    case 'https':
      return {
        type: 'http',
        url: parseHttpUrl(url),
        method: 'GET',
        headers: {},
        status: ANSWERS,
        ...(scheme === 'https' && { tls }),
      };
    case 'ws':
    case 'wss':
      return {
        type: 'websocket',
        url: parseWebSocketUrl(url),
        headers: {},
        ...(scheme === 'wss' && { tls }),
      };
    default:
      throw badValue(
        url,
        `write a URL with ${SCHEMES}; for any other server its port, like 'tcp://127.0.0.1:5432'`,
      );
  }
}
