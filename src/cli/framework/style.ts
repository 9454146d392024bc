import { styleText } from 'node:util';

/** Ways to highlight a word; without colours each returns the text as it is. */
export interface Style {
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

/** The environment's settings for colours. */
interface ColourSettings {
  /** NO_COLOR is set and not empty (no-color.org). */
  readonly noColor: boolean;
  /** FORCE_COLOR is set, and neither empty nor 0. */
  readonly forceColor: boolean;
}

/** The style for a terminal; without colours for a pipe, or where they are turned off. */
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
