import stringWidth from 'string-width';
import { sanitizeData } from '../../text/sanitize.ts';
import type { CliIo } from '../framework/command.ts';
import { wrapText } from '../framework/table.ts';
import type { Finding } from './finding.ts';

const STATE = 4;
const CHECK = 11;
const MARGIN = STATE + 2 + CHECK + 2;

/**
 * One line for a good finding; for others the finding, and below it what to do, where a command is
 * not cut, so that it can be copied.
 */
export function findingLines(
  findings: readonly Finding[],
  { style, columns }: Pick<CliIo, 'style' | 'columns'>,
): string[] {
  const paint = { ok: style.good, note: style.warn, bad: style.bad } as const;
  return sanitizeData(findings).flatMap(({ check, state, what, fix }) => {
    const [first = '', ...rest] = wrapText(what, columns - MARGIN);
    return [
      `${paint[state](state.padEnd(STATE))}  ${style.bold(check.padEnd(CHECK))}  ${first}`,
      ...rest.map((line) => ' '.repeat(MARGIN) + line),
      ...(fix === null ? [] : fixLines(fix, columns - MARGIN - 2)).map(
        (line, at) => `${' '.repeat(MARGIN)}${at === 0 ? '→' : ' '} ${line}`,
      ),
    ];
  });
}

/** A step with a command in it, or with the path of a file. */
const COMMAND = /(?:^|[\s:(])(?:[A-Z0-9_]+=|~?\/|(?:npx|npm|pm2|pm2-liveness|sudo|chmod|kill) )/;

/**
 * One line for each step where all of them do not fit into one. A command stays whole, so that it can be copied;
 * words alone are broken between two of them.
 */
function fixLines(fix: string, room: number): readonly string[] {
  if (stringWidth(fix) <= room) return [fix];
  return fix
    .split(/(?<=;) |(?<=,) (?=then )/)
    .flatMap((step) => (COMMAND.test(step) ? [step] : wrapText(step, room)));
}
