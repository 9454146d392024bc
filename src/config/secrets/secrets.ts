import { inspect } from 'node:util';
import { formsOf, decodePercents } from './secret-forms.ts';

/** A text that no output may hold, and what stands in its place: a variable's name, or `…`. */
export interface Secret {
  readonly value: string;
  readonly shown: string;
}

/** What stands for a secret without a name. */
export const HIDDEN = '…';

/** Shorter ones than this are replaced only where they stand alone, and not within a word. */
const LEAST_WITHIN_WORDS = 6;
/** Nothing is seen of a detail or a line of a log beyond this. */
const MOST_SEEN = 8_192;
/** So often a text may be encoded, one time over the other. */
const MOST_ENCODED = 3;
/** So much of a secret gives it away where a text was cut in the middle of it. */
const LEAST_CUT = 4;
/** The same where it does not tell that it was cut. */
const LEAST_UNTOLD = 8;
const WORD = /[A-Za-z0-9]/;

/** One form of a secret. */
interface Form {
  readonly text: string;
  readonly shown: string;
}

/**
 * The secrets of one app, and the one way to keep them out of a text. What others say, an app's
 * answer, a command's output, a log's last lines, may hold what we or PM2 told them.
 */
export class Secrets {
  /** Compared, when settings are; never written anywhere, see below. */
  readonly entries: readonly Secret[];
  #forms: readonly Form[] | undefined;

  constructor(entries: readonly Secret[]) {
    this.entries = entries;
  }

  /** The text without any of them. Takes time in proportion to the text and to what is kept. */
  mask(text: string): string {
    this.#forms ??= compile(this.entries);
    const most = MOST_SEEN + (this.#forms[0]?.text.length ?? 0);
    const seen = text.length > most ? `${text.slice(0, most)}…` : text;
    return hideForms(this.#decode(seen, this.#forms), this.#forms);
  }

  /** A text in which something is to be masked once its percent signs are decoded; others stay as they are. */
  #decode(text: string, forms: readonly Form[]): string {
    let plain = text;
    // What was encoded once may have been encoded again on its way.
    for (let times = 0; times < MOST_ENCODED && plain.includes('%'); times += 1) {
      plain = decodePercents(plain);
    }
    return plain !== text && hideForms(plain, forms) !== plain ? plain : text;
  }

  toJSON(): string {
    return this.#summary();
  }

  [inspect.custom](): string {
    return this.#summary();
  }

  #summary(): string {
    return `${this.entries.length} secrets, not shown`;
  }
}

/** What masks a text where there are secrets; undefined where there are none. */
export function maskOf(secrets: Secrets | undefined): ((text: string) => string) | undefined {
  return secrets && ((text) => secrets.mask(text));
}

/** A text without the secrets, if there are any. */
export function maskSecrets(text: string, secrets: Secrets | undefined): string {
  return secrets === undefined ? text : secrets.mask(text);
}

/**
 * The same for what was seen of an app: a stranger's command line, which we did not ask for, may hold
 * a variable of the app that started him.
 */
export function maskDetail<Told extends { readonly detail: string }>(
  told: Told,
  secrets: Secrets | undefined,
): Told {
  return { ...told, detail: maskSecrets(told.detail, secrets) };
}

/** Every form of every secret, the longest first; of the same one the first that has it. */
function compile(entries: readonly Secret[]): readonly Form[] {
  const forms = new Map<string, string>();
  for (const { value, shown } of entries) {
    for (const text of formsOf(value)) if (!forms.has(text)) forms.set(text, shown);
  }
  return [...forms]
    .map(([text, shown]) => ({ text, shown }))
    .toSorted((a, b) => b.text.length - a.text.length);
}

function hideForms(text: string, forms: readonly Form[]): string {
  let told = text;
  for (const form of forms) if (told.includes(form.text)) told = replaceForm(told, form);
  return hidePieces(told, forms);
}

function replaceForm(text: string, { text: secret, shown }: Form): string {
  if (secret.length >= LEAST_WITHIN_WORDS) return text.replaceAll(secret, () => shown);
  const parts = text.split(secret);
  return parts.reduce((before, after) => {
    const isWithin = WORD.test(before.at(-1) ?? '') || WORD.test(after.at(0) ?? '');
    return before + (isWithin ? secret : shown) + after;
  });
}

/** A text that was cut may begin with the end of a secret, or end with the beginning of one. */
function hidePieces(text: string, forms: readonly Form[]): string {
  const isTold = text.endsWith('…');
  let body = isTold ? text.slice(0, -1) : text;
  for (const { text: secret, shown } of forms) {
    // A URL begins as many do, and is told from them by what stands further on.
    if (secret.includes('://')) continue;
    const end = overlap(body, secret, isTold ? LEAST_CUT : LEAST_UNTOLD);
    if (end > 0) body = body.slice(0, -end) + shown;
    const begin = overlap(secret, body, LEAST_UNTOLD);
    if (begin > 0) body = shown + body.slice(begin);
  }
  return isTold && !body.endsWith('…') ? `${body}…` : body;
}

/** How many characters, at least `least`, the end of one text and the beginning of another share. */
function overlap(ending: string, beginning: string, least: number): number {
  const window = ending.slice(-beginning.length);
  const anchor = beginning.slice(0, least);
  if (anchor.length < least) return 0;
  for (let at = window.indexOf(anchor); at >= 0; at = window.indexOf(anchor, at + 1)) {
    if (beginning.startsWith(window.slice(at))) return window.length - at;
  }
  return 0;
}
