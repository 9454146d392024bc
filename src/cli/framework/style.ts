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
