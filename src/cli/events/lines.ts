import stringWidth from 'string-width';
import { durationText } from '../../text/duration-text.ts';
import { gistOf } from '../../text/gist.ts';
import { sanitizeData } from '../../text/sanitize.ts';
import { timeText, type Page } from '../status/lines.ts';
import { wrapText } from '../framework/table.ts';
import type { EventLine } from './restarts.ts';
import { instanceLabel } from '../../text/instance-label.ts';

/** One event, or several of the same kind in a row. */
interface EventGroup {
  readonly line: EventLine;
  readonly count: number;
  /** The time from the first to the last of them. */
  readonly overMs: number;
}

/** Joins repeated lines: same app, same event, same words except for numbers. */
export function foldRepeats(lines: readonly EventLine[]): readonly EventGroup[] {
  const groups: { first: EventLine; line: EventLine; count: number }[] = [];
  const newest = new Map<string, { first: EventLine; line: EventLine; count: number }>();
  for (const line of lines) {
    const app = `${line.instance} ${line.app}`;
    const group = newest.get(app);
    if (group !== undefined && isRepeat(group.line, line)) {
      group.line = line;
      group.count += 1;
      continue;
    }
    const next = { first: line, line, count: 1 };
    newest.set(app, next);
    groups.push(next);
  }
  return groups.map(({ first, line, count }) => ({
    line: first,
    count,
    overMs: Date.parse(line.at) - Date.parse(first.at),
  }));
}

function isRepeat(one: EventLine, other: EventLine): boolean {
  return one.event === other.event && gistOf(one.text) === gistOf(other.text);
}

/** Lines like `2026-11-23 22:14:03 web opened timeout: no answer … (x3 over 20s)`, wrapped to `columns`. */
export function eventLines(
  { line, count, overMs }: EventGroup,
  { style, columns }: Pick<Page, 'style' | 'columns'>,
): string[] {
  const { at, app, instance, event, text } = sanitizeData(line);
  const name = instanceLabel(app, instance);
  const times = count === 1 ? '' : ` (x${count} over ${durationText(overMs)})`;
  const paint = event === 'opened' ? style.bad : event === 'resolved' ? style.good : style.dim;
  const head = [timeText(at), name, event.padEnd(8), ''].join('  ');
  const margin = stringWidth(head);
  const [first = '', ...rest] = wrapText(`${text}${times}`, Math.max(LEAST, columns - margin));
  return [
    `${style.dim(timeText(at))}  ${style.bold(name)}  ${paint(event.padEnd(8))}  ${first}`,
    ...rest.map((each) => ' '.repeat(margin) + each),
  ];
}

/** The text keeps at least this many columns, also beside a long name. */
const LEAST = 20;
