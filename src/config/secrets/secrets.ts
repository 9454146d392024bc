import { inspect } from 'node:util';
import { formsOf, decodePercents } from './secret-forms.ts';

/** A text that no output may have, and its replacement: a variable's name, or `…`. */
export interface Secret {
  readonly value: string;
  readonly shown: string;
}

/** The replacement of a secret without a name. */
export const HIDDEN = '…';

/** Shorter secrets than this are replaced only as whole words. */
const LEAST_WITHIN_WORDS = 6;
/** No more than this is shown of a detail or a line of a log. */
const MOST_SEEN = 8_192;
/** How many times a text may be percent-encoded. */
const MOST_ENCODED = 3;
/** The shortest part of a secret that is hidden at the end of a text that was cut. */
const LEAST_CUT = 4;
/** The same where the text does not show that it was cut. */
const LEAST_UNTOLD = 8;
const WORD = /[A-Za-z0-9]/;

/** One form of a secret. */
interface Form {
  readonly text: string;
  readonly shown: string;
}

/**
 * The secrets of one app, and the way to hide them in a text. An app's answer, a command's output or the last
 * lines of a log may have values that we or PM2 passed to them.
 */
export class Secrets {
  /** Only for the comparison of settings; never written anywhere, see below. */
  readonly entries: readonly Secret[];
  #forms: readonly Form[] | undefined;

  constructor(entries: readonly Secret[]) {
    this.entries = entries;
  }

  /** The text without any of them. Takes time in proportion to the text and the number of secrets. */
  mask(text: string): string {
    this.#forms ??= compile(this.entries);
    const most = MOST_SEEN + (this.#forms[0]?.text.length ?? 0);
    const seen = text.length > most ? `${text.slice(0, most)}…` : text;
    return hideForms(this.#decode(seen, this.#forms), this.#forms);
  }

  /** Decodes the percent signs of a text where this shows a secret; other texts stay unchanged. */
  #decode(text: string, forms: readonly Form[]): string {
    let plain = text;
    // An encoded text may have been encoded again.
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

/** The function that hides secrets in a text; undefined where there are none. */
export function maskOf(secrets: Secrets | undefined): ((text: string) => string) | undefined {
  return secrets && ((text) => secrets.mask(text));
}

/** A text without the secrets, if there are any. */
export function maskSecrets(text: string, secrets: Secrets | undefined): string {
  return secrets === undefined ? text : secrets.mask(text);
}

/**
 * The same for a detail about an app: a stranger's command line may have a variable of the app that started
 * that process.
 */
export function maskDetail<Told extends { readonly detail: string }>(
  told: Told,
  secrets: Secrets | undefined,
): Told {
  return { ...told, detail: maskSecrets(told.detail, secrets) };
}

/** Every form of every secret, longest first, each once. */
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

/**
 * Hides parts of secrets: a cut text may begin with the end of a secret, or end with the beginning of one.
 */
function hidePieces(text: string, forms: readonly Form[]): string {
  const isTold = text.endsWith('…');
  let body = isTold ? text.slice(0, -1) : text;
  for (const { text: secret, shown } of forms) {
    // The beginning of a URL is the same in many URLs, and no secret.
    if (secret.includes('://')) continue;
    const end = overlap(body, secret, isTold ? LEAST_CUT : LEAST_UNTOLD);
    if (end > 0) body = body.slice(0, -end) + shown;
    const begin = overlap(secret, body, LEAST_UNTOLD);
    if (begin > 0) body = shown + body.slice(begin);
  }
  return isTold && !body.endsWith('…') ? `${body}…` : body;
}

/** How many characters the end of one text and the beginning of another have in common; 0 below `least`. */
function overlap(ending: string, beginning: string, least: number): number {
  const window = ending.slice(-beginning.length);
  const anchor = beginning.slice(0, least);
  if (anchor.length < least) return 0;
  for (let at = window.indexOf(anchor); at >= 0; at = window.indexOf(anchor, at + 1)) {
    if (beginning.startsWith(window.slice(at))) return window.length - at;
  }
  return 0;
}
