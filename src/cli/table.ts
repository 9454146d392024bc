import stringWidth from 'string-width';
import { harmlessIn } from '../report/harmless.ts';

/** A cell: its text, and how it is painted once its width is known. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

const GAP = 2;

/**
 * Lines of a table whose columns stand under each other, however wide their characters are (CJK and
 * emoji take two columns). What does not fit into `columns` is cut from the last column, at least
 * `LEAST` of which are kept.
 */
export function tableLines(given: readonly (readonly Cell[])[], columns: number): string[] {
  const rows = harmlessIn(given);
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, at) =>
    Math.max(...rows.map((row) => stringWidth(row[at]?.text ?? ''))),
  );
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP, 0);
  const room = Math.max(LEAST, columns - before);
  return rows.map((row) =>
    row
      .map(({ text, paint = (plain) => plain }, at) => {
        if (at === count - 1) return paint(cut(text, room));
        return paint(text) + ' '.repeat((widths[at] ?? 0) - stringWidth(text) + GAP);
      })
      .join('')
      .trimEnd(),
  );
}

const LEAST = 20;

/** At most so many columns of a text; an ellipsis tells that there was more. */
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

/** A text as lines of at most so many columns, broken between words; the first one may be shorter. */
export function wrapped(text: string, columns: number): string[] {
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
