import { oneOf } from '../../config/bad-value.ts';
import { messageOf } from '../../errors.ts';
import { nearest } from '../../text/nearest.ts';
import type { Channel } from './channel.ts';
import { readQuery, wrong, type Entry } from './entry.ts';
import { createChannel } from './create-channel.ts';
import { KINDS, SCHEMES } from './registry.ts';

/** Channels, and what is wrong with the others. */
export interface ParsedChannels {
  readonly channels: readonly Channel[];
  /** One sentence each, without secrets: where it is, what was got, and what was wanted. */
  readonly problems: readonly string[];
}

/** More are no list that a person keeps in mind; each has a queue on disk. */
const MAX_CHANNELS = 20;
const MAX_CHARACTERS = 64 * 1024;
const MAX_PROBLEMS = 20;

/**
 * The channels of LIVENESS_NOTIFY or of its file: one a line, or several with spaces between them. Empty lines and
 * lines that begin with `#` are left out. `source` names the setting in problems. Never throws.
 */
export function parseChannels(
  text: string,
  source: string,
  taken: readonly string[] = [],
): ParsedChannels {
  if (text.length > MAX_CHARACTERS) {
    const problem = `${source}: got ${text.length} characters, wanted at most ${MAX_CHARACTERS}`;
    return { channels: [], problems: [problem] };
  }
  const channels: Channel[] = [];
  const problems: string[] = [];
  for (const { written, where } of entriesOf(text)) {
    try {
      if (channels.length + taken.length >= MAX_CHANNELS) {
        throw wrong(`got more than ${MAX_CHANNELS} channels, this one is left out`);
      }
      const names = [...taken, ...channels.map(({ name }) => name)];
      channels.push(createChannel(readEntry(written), written, names));
    } catch (error) {
      problems.push(`${source}, ${where}: ${messageOf(error)}`);
    }
  }
  const left = problems.length - MAX_PROBLEMS;
  return left <= 0
    ? { channels, problems }
    : { channels, problems: [...problems.slice(0, MAX_PROBLEMS), `${source}: and ${left} more`] };
}

/** One written channel, and its place: `line 2`, or `line 1, channel 3` where a line has several. */
interface Written {
  readonly written: string;
  readonly where: string;
}

function entriesOf(text: string): readonly Written[] {
  return text.split(/\r\n|[\r\n]/).flatMap((line, index) => {
    const found = line.trim().startsWith('#') ? [] : channelsIn(line);
    return found.map((written, at) => ({
      written,
      where: `line ${index + 1}${found.length > 1 ? `, channel ${at + 1}` : ''}`,
    }));
  });
}

/** The channels in one line. A command has spaces in it, and ends where another kind begins. */
function channelsIn(line: string): readonly string[] {
  const found: string[] = [];
  let isCommand = false;
  for (const word of line.trim().split(/\s+/)) {
    if (word === '') continue;
    const scheme = schemeOf(word);
    // A URL may be an argument of the command.
    const isArgument = isCommand && !isKind(scheme);
    if (isArgument) found[found.length - 1] += ` ${word}`;
    else found.push(word);
    if (!isArgument) isCommand = scheme === 'exec';
  }
  return found;
}

/** True for a kind, also a mistyped one: what was meant as a channel must not end as an argument. */
function isKind(scheme: string): boolean {
  return SCHEMES.get(scheme) !== 'webhook' && nearest(scheme, OTHER_KINDS) !== undefined;
}

const OTHER_KINDS = [...SCHEMES.keys()].filter((each) => SCHEMES.get(each) !== 'webhook');

function schemeOf(word: string): string {
  const at = word.indexOf(':');
  return at < 0 ? '' : word.slice(0, at).toLowerCase();
}

function readEntry(written: string): Entry {
  const scheme = schemeOf(written);
  const kind = SCHEMES.get(scheme);
  if (kind === undefined) throw wrong(unknownKind(scheme));
  const whole = written.slice(scheme.length + 1);
  // A fragment is never sent; in a password it is written as %23.
  const mark = kind === 'exec' ? commandQuery(whole) : whole.indexOf('?');
  const query = mark < 0 ? '' : whole.slice(mark + 1);
  const { settings, left } = readQuery(query, KINDS[kind]);
  const rest = (mark < 0 ? whole : whole.slice(0, mark)) + (left === '' ? '' : `?${left}`);
  return { kind, scheme, rest, settings };
}

/** Where the settings of a command begin: a `?` in its last word, and nothing but settings after it; else -1. */
function commandQuery(command: string): number {
  return command.search(/\?(?:name|severity)=[^\s?]*$/);
}

/** The word itself is never shown: it may be the beginning of a token. */
function unknownKind(scheme: string): string {
  const known = [...SCHEMES.keys()];
  const near = nearest(scheme, known);
  const want =
    near === undefined
      ? `wanted ${oneOf(known.map((each) => `${each}:`))}`
      : `did you mean '${near}:'?`;
  return scheme === ''
    ? `got a text that begins with no kind of channel, ${want}`
    : `got an unknown kind of channel, ${want}`;
}
