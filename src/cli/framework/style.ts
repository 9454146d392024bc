import { styleText } from 'node:util';

/** Ways to set a word off; each gives the text as it is where colours are not wanted. */
export interface Style {
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

/** What decides about colours, as far as it is the environment's. */
export interface ColourSettings {
  /** NO_COLOR is set and not empty (no-color.org). */
  readonly noColor: boolean;
  /** FORCE_COLOR is set, and neither empty nor 0. */
  readonly forceColor: boolean;
}

/** Colours for a terminal; none for a pipe, and none where they are not wanted. */
export function styleFor(
  isTerminal: boolean,
  { noColor, forceColor }: ColourSettings,
  isSwitchedOff: boolean,
): Style {
  const isColoured = !isSwitchedOff && !noColor && (isTerminal || forceColor);
  const paint =
    (format: Parameters<typeof styleText>[0]) =>
    (text: string): string =>
      isColoured ? styleText(format, text, { validateStream: false }) : text;
  return {
    good: paint('green'),
    warn: paint('yellow'),
    bad: paint('red'),
    dim: paint('dim'),
    bold: paint('bold'),
  };
}

/** What a terminal obeys, colours and line ends excepted, and what turns the direction of text. */
const OBEYED = new RegExp(
  String.raw`\x1B(?!\[[\d;]*m)|(?![\t\n\x1B])\p{Cc}|[\u202A-\u202E\u2066-\u2069]`,
  'gu',
);

/**
 * A line in which a terminal obeys colours alone: the last sieve before it, for what comes from others
 * has gone through `harmless` by then.
 */
export function onlyColours(text: string): string {
  return text.replace(OBEYED, ' ');
}
