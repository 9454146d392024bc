/** Whole sequences that a terminal obeys: colours, cursor moves, titles; with ESC, or a C1 character in its place. */
const SEQUENCE = new RegExp(
  [
    String.raw`(?:\x1B\[|\x9B)[0-?]*[ -/]*[@-~]`,
    // Titles, clipboards and device strings, up to their end.
    String.raw`(?:\x1B[\]PX^_]|[\x9D\x90\x98\x9E\x9F])[^\x07\x1B\x90\x98\x9C-\x9F\n]*(?:\x07|\x1B\\|\x9C)`,
    String.raw`\x1B[ -/]+[0-~]`,
  ].join('|'),
  'gu',
);

/** What begins another line, here or in a log. */
const LINE_BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/gu;

/** C0, C1 and DEL, and what turns the direction of text. */
const OBEYED = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** All that any of the three can begin with; most texts have none of it, and each metric asks of each app. */
const SUSPECT = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u;

/**
 * A text that others chose (the name of an app, an answer, a line of the journal) as one line that no
 * terminal obeys. What was taken out leaves a U+FFFD, so that `web` and `web` with something hidden in
 * it are told apart.
 */
export function harmless(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return text.replace(SEQUENCE, '\uFFFD').replace(LINE_BREAKS, ' ').replace(OBEYED, '\uFFFD');
}

/** The same for a text whose line ends are ours. */
export function harmlessLines(text: string): string {
  return text.split('\n').map(harmless).join('\n');
}

/** The same for every text in plain data. */
export function harmlessIn<T>(data: T): T {
  return cleaned(data) as T; // of the same form: only texts are changed
}

function cleaned(data: unknown): unknown {
  if (typeof data === 'string') return harmless(data);
  if (Array.isArray(data)) return data.map(cleaned);
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, cleaned(value)]));
}
