import { createHash } from 'node:crypto';
import { oneOf } from '../../config/bad-value.ts';
import { isOrdinary } from '../../config/secrets/ordinary.ts';
import { HIDDEN, Secrets } from '../../config/secrets/secrets.ts';
import { messageOf } from '../../errors.ts';
import { singleLine } from '../../text/single-line.ts';
import { SEVERITIES, type Severity } from '../message/notice.ts';
import type { Channel, SendResult } from './channel.ts';
import { wrong, type Entry } from './entry.ts';
import { KINDS } from './registry.ts';

const NAME = /^[\w.-]{1,40}$/;
const MAX_SHOWN = 80;
/** A shorter part of a URL is no secret, and would be found in every text. */
const LEAST = 4;

/**
 * The channel of an entry. `written` is all of it and has its secrets; `taken` are the names of other channels. Throws
 * ERR_CONFIG.
 */
export function createChannel(entry: Entry, written: string, taken: readonly string[]): Channel {
  const { kind, settings } = entry;
  const name = nameOf(entry, taken);
  const minSeverity = severityOf(settings.get('severity'));
  const sink = KINDS[kind].create(entry);
  const { shown, endpoint, secrets, repeatMs } = sink;
  const host = singleLine(shown, MAX_SHOWN);
  const hidden = secretsOf(
    entry,
    written,
    [...secrets, ...settings.values()],
    [host, name, minSeverity],
  );
  return {
    name,
    kind,
    id: idOf(entry),
    isNamed: settings.has('name'),
    shown: `${kind} (${host})`,
    minSeverity,
    endpoint,
    ...(repeatMs !== undefined && { repeatMs }),
    async send(notice, signal) {
      // Only a fault of ours throws; the next message may go well.
      const result = await sink.send(notice, signal).catch((error: unknown): SendResult => ({
        kind: 'retry',
        reason: messageOf(error),
        retryAfterMs: null,
      }));
      return cleaned(result, hidden);
    },
  };
}

/** Short, and of one way: nothing of the URL can be read from it. */
function idOf({ kind, scheme, rest, settings }: Entry): string {
  const own = [...settings]
    .filter(([key]) => key !== 'name' && key !== 'severity')
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([kind, scheme, rest, own]);
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** `name=`, else the kind, else the kind with a number. */
function nameOf({ kind, settings }: Entry, taken: readonly string[]): string {
  const given = settings.get('name');
  if (given !== undefined) {
    if (!NAME.test(given)) {
      throw wrong(
        "got a 'name' with other signs, wanted at most 40 letters, digits, '.', '_' and '-'",
      );
    }
    if (taken.includes(given)) throw wrong(`got the name '${given}' twice, wanted another one`);
    return given;
  }
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? kind : `${kind}-${number}`;
    if (!taken.includes(name)) return name;
  }
}

function severityOf(text = 'info'): Severity {
  const found = SEVERITIES.find((each) => each === text);
  if (found === undefined) throw wrong(`got an unknown 'severity', wanted ${oneOf(SEVERITIES)}`);
  return found;
}

/** All of the entry that is never shown: each part of its path, query and login, but its host and its name. */
function secretsOf(
  { kind }: Entry,
  written: string,
  more: readonly string[],
  open: readonly string[],
): Secrets {
  const rest = written.slice(written.indexOf(':') + 1);
  const parts = [
    // Names in a query and words of a command are no secrets; a word in a path may be one, as a topic is.
    ...rest.split(/[/?&=#\s]+|:\/\//).filter((part) => !isOrdinary(part)),
    ...(kind === 'exec' ? [] : [...pathsOf(rest), ...queryOf(rest)]),
  ].filter((part) => !isHost(part, open));
  const values = [...parts, ...more].filter(
    (value) => value.length >= LEAST && !open.some((each) => each.includes(value)),
  );
  return new Secrets([...new Set(values)].map((value) => ({ value, shown: HIDDEN })));
}

/** The path, without scheme and host, as a whole and each of its parts. */
function pathsOf(rest: string): readonly string[] {
  const path = rest.replace(/^(?:\w+:)?\/\/[^/?#]*/, '').replace(/[?#].*$/s, '');
  return [path, ...path.split('/')];
}

/** Each value of the query, plain words too; a part without `=` is a value. */
function queryOf(rest: string): readonly string[] {
  const query = /\?([^#]*)/.exec(rest)?.[1] ?? '';
  const values = query.split('&').map((part) => part.slice(part.indexOf('=') + 1));
  // Web programs decode a `+` as a space.
  return values.flatMap((value) => [value, value.replaceAll('+', ' ')]);
}

function isHost(part: string, open: readonly string[]): boolean {
  return open.some((each) => part === each || part.startsWith(`${each}:`));
}

function cleaned(result: SendResult, secrets: Secrets): SendResult {
  const clean = (text: string): string => singleLine(secrets.mask(text));
  return result.kind === 'sent'
    ? {
        ...result,
        answer: clean(result.answer),
        ...(result.warning !== undefined && { warning: clean(result.warning) }),
      }
    : { ...result, reason: clean(result.reason) };
}
