import stringWidth from 'string-width';
import { sanitizeData } from '../../text/sanitize.ts';

/** A cell: its text, and how it is painted when its width is known. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

const GAP = 2;

/** The least width of a column: of the last one, and of any other. */
const [LEAST_LAST, LEAST] = [20, 6];

/**
 * The lines of a table with aligned columns, for characters of any width (CJK and emoji take two columns).
 * What does not fit into `columns` is cut: first from the last column, then from the widest. `Infinity` for a
 * pipe: nothing is cut for a file or a script.
 */
export function tableLines(given: readonly (readonly Cell[])[], columns: number): string[] {
  const rows = sanitizeData(given);
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = fitWidths(
    Array.from({ length: count }, (_, at) =>
      Math.max(...rows.map((row) => stringWidth(row[at]?.text ?? ''))),
    ),
    columns - GAP * (count - 1),
  );
  return rows.map((row) =>
    row
      .map(({ text: whole, paint = (plain) => plain }, at) => {
        const width = widths[at] ?? 0;
        const text = cut(whole, width);
        if (at === count - 1) return paint(text);
        return paint(text) + ' '.repeat(width - stringWidth(text) + GAP);
      })
      .join('')
      .trimEnd(),
  );
}

function fitWidths(wanted: readonly number[], room: number): readonly number[] {
  const widths = [...wanted];
  const excess = (): number => widths.reduce((sum, width) => sum + width, 0) - room;
  const last = widths.at(-1) ?? 0;
  if (excess() > 0)
    widths[widths.length - 1] = Math.max(Math.min(last, LEAST_LAST), last - excess());
  while (excess() > 0) {
    const widest = Math.max(...widths);
    if (widest <= LEAST) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}

/**
 * Words with their meanings, aligned and wrapped, never cut; below the word where too little room is left
 * beside it.
 */
export function definitionLines(
  pairs: readonly (readonly [word: string, meaning: string])[],
  columns: number,
): string[] {
  const margin = Math.max(0, ...pairs.map(([word]) => stringWidth(word))) + GAP;
  const isBeside = columns - margin >= LEAST_LAST;
  return pairs.flatMap(([word, meaning]) => {
    const indent = ' '.repeat(isBeside ? margin : BELOW);
    const lines = wrapText(meaning, columns - indent.length).map((line) => indent + line);
    if (!isBeside) return [word, ...lines];
    const [first = '', ...rest] = lines;
    return [word.padEnd(margin) + first.slice(margin), ...rest];
  });
}

const BELOW = 8;

/** At most this many columns of a text; an ellipsis where it was longer. */
export function cut(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += stringWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** A text as lines of at most this many columns, broken between words. */
export function wrapText(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && stringWidth(longer) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
