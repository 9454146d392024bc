/** What to find in a text, and what replaces it. */
type Rule = readonly [found: RegExp, put: string | ((char: string) => string)];

/**
 * Text from outside (the name of an app, an answer, a command line, a line of the journal) goes through one
 * of these before it reaches a terminal or the log. They differ in the replacement: a mark where two texts
 * must stay distinct, a space in sentences, an escape where the author of a setting must find the character,
 * nothing where only the bytes matter.
 */
const RULES = {
  /** A mark replaces escape sequences and control characters of a terminal. */
  line: [
    [
      new RegExp(
        [
          // Colours and cursor moves, with ESC or with a C1 character.
          String.raw`(?:\x1B\[|\x9B)[0-?]*[ -/]*[@-~]`,
          // Titles, clipboards and device strings, up to their end.
          String.raw`(?:\x1B[\]PX^_]|[\x9D\x90\x98\x9E\x9F])[^\x07\x1B\x90\x98\x9C-\x9F\n]*(?:\x07|\x1B\\|\x9C)`,
          String.raw`\x1B[ -/]+[0-~]`,
        ].join('|'),
        'gu',
      ),
      '\uFFFD',
    ],
    // Characters that begin a new line, here or in a log.
    [/[\t\n\v\f\r\u0085\u2028\u2029]+/gu, ' '],
    // C0, C1 and DEL, and characters that change the direction of text.
    [/[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD'],
  ],
  /** A detail: colours are removed; white space and invisible characters become one space. */
  detail: [
    [new RegExp(String.raw`\x1B(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1B]*(?:\x07|\x1B\\)?)`, 'gu'), ''],
    [/[\s\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' '],
  ],
  /** A command line: zero bytes separate its arguments. */
  command: [[/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ']],
  /** Our own coloured output: all but colours and line ends. */
  colours: [
    [
      new RegExp(
        String.raw`\x1B(?!\[[\d;]*m)|(?![\t\n\x1B])\p{Cc}|[\u202A-\u202E\u2066-\u2069]`,
        'gu',
      ),
      ' ',
    ],
  ],
  /** A setting: its author must see which character is wrong. */
  setting: [
    [
      /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
      (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
    ],
  ],
  /** JSON does not escape these, though a terminal executes them or takes them as the end of a line. */
  json: [
    [
      /[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ],
  ],
} as const satisfies Readonly<Record<string, readonly Rule[]>>;

/** Applies all rules of a kind to a text. */
export function sanitize(kind: keyof typeof RULES, text: string): string {
  const rules: readonly Rule[] = RULES[kind];
  return rules.reduce(
    // For TypeScript these are two overloads.
    (left, [found, put]) =>
      typeof put === 'string' ? left.replace(found, put) : left.replace(found, put),
    text,
  );
}

/**
 * The characters with which a match of a `line` rule can begin. Most texts have none, and metrics check many
 * texts.
 */
const SUSPECT = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u;

/**
 * A text from outside as one safe line for a terminal. U+FFFD replaces what was removed, so that `web` and
 * `web` with a hidden character stay distinct.
 */
export function sanitizeLine(text: string): string {
  return SUSPECT.test(text) ? sanitize('line', text) : text;
}

/** The same for a text with line ends of our own. */
export function sanitizeLines(text: string): string {
  return text.split('\n').map(sanitizeLine).join('\n');
}

/** The same for every text in plain data. */
export function sanitizeData<T>(data: T): T {
  return sanitizeAny(data) as T; // of the same form: only texts are changed
}

function sanitizeAny(data: unknown): unknown {
  if (typeof data === 'string') return sanitizeLine(data);
  if (Array.isArray(data)) return data.map(sanitizeAny);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, sanitizeAny(value)]));
}

/**
 * A line with only colours left: the last filter before a terminal. Text from outside has gone through
 * `sanitizeLine` before.
 */
export function keepColours(text: string): string {
  return sanitize('colours', text);
}

/** A text on one line with unprintable characters escaped, cut after `length` characters. */
export function escapeUnprintable(text: string, length: number): string {
  return sanitize('setting', text.length > length ? `${text.slice(0, length)}…` : text);
}
