import { badSetting, badValue, isRecord } from '../bad-value.ts';
import { isOrdinary } from '../secrets/ordinary.ts';

/** The longest text or expression; a search takes up to 10 ms with one of this length. */
const MOST_CHARS = 1_000;

/** V8 takes up to 15 ms to read one `\p{…}`. */
const MOST_PROPERTIES = 8;

const SLASHED = /^\/(.+)\/([A-Za-z]*)$/s;

/**
 * A text to find, or the regular expression of `'/ready/i'` or `{ regex, flags }`. Throws
 * ERR_CONFIG, also on RegExp objects: PM2 passes settings as JSON, which makes them `{}`.
 */
export function parseBodyPattern(input: unknown): string | RegExp {
  if (typeof input === 'string') {
    if (input === '')
      throw badValue(input, 'write a text to find; every answer contains the empty text');
    if (input.length > MOST_CHARS) throw tooLong();
    const [, source, flags] = SLASHED.exec(input) ?? [];
    return source === undefined ? input : compile(input, source, flags);
  }
  const isRegExp = input instanceof RegExp;
  if (!isRecord(input) || isRegExp || Object.keys(input).length === 0) {
    const isLost = isRegExp || isRecord(input);
    const reason = isLost ? 'PM2 passes settings as JSON, which loses a RegExp; ' : '';
    throw badValue(
      isRegExp ? {} : input,
      `${reason}write a text, '/ready/i' or { regex: 'ready' }`,
    );
  }
  const { regex, flags = '', ...others } = input;
  const isComplete = typeof regex === 'string' && regex !== '' && typeof flags === 'string';
  if (!isComplete || Object.keys(others).length > 0) {
    throw badValue(input, "write { regex: 'ready', flags: 'i' }, both as text");
  }
  return compile(regex, regex, flags);
}

/** The value is not shown, because it is too long. */
function tooLong(): Error {
  return badSetting(`has more than ${MOST_CHARS} characters; write a shorter text or expression`);
}

function compile(input: string, source: string, flags = ''): RegExp {
  if (source.length > MOST_CHARS) throw tooLong();
  if (source.split(/\\p/i).length - 1 > MOST_PROPERTIES) {
    throw refusal(input, `use \\p{…} no more than ${MOST_PROPERTIES} times`);
  }
  if (!/^[imsuv]*$/.test(flags)) {
    const want = 'use only the flags i, m, s, u and v';
    const literal = `/${input.replaceAll('/', '\\/')}/`;
    throw refusal(input, want, input === source ? '' : `; to find this text write '${literal}'`);
  }
  try {
    return new RegExp(source, flags);
  } catch {
    throw refusal(input, 'that is not a valid JavaScript regular expression; correct it');
  }
}

/** An expected text may be a secret too: only an ordinary text is shown. */
function refusal(input: string, want: string, rewritten = ''): Error {
  if (isOrdinary(input)) return badValue(input, want, want + rewritten);
  return badSetting(`got a text that is not shown; ${want}`);
}
