import { stripVTControlCharacters } from 'node:util';
import { singleLine } from '../../text/single-line.ts';

/** Of what an app writes only the end is kept. */
const MOST_CHARACTERS = 2_048;
/** At most this many of its lines are read. */
const MOST_LINES = 40;
/** A line that is shown is no longer. */
const MOST_LINE = 160;

const NAMES_ERROR = /\b(?:[A-Z]\w*)?(?:Error|Exception|ERROR|FATAL|panic)\b/;
const TRACE = /^(?:\s*at |\s*\^|\s*Node\.js v\d|\s*\})/;

/** The end of what an app has written, with one more piece of it. */
export function appendTail(tail: string, text: string): string {
  return (tail + text.slice(-MOST_CHARACTERS)).slice(-MOST_CHARACTERS);
}

/** The last line that names an error, else the last one that is no part of a stack; null where there is none. Linear in the text. */
export function lastErrorLine(tail: string): string | null {
  const lines = stripVTControlCharacters(tail)
    .split(/[\r\n]+/)
    .slice(-MOST_LINES)
    .map((line) => line.slice(0, MOST_LINE * 2))
    .filter((line) => line.trim() !== '' && !TRACE.test(line));
  const found = lines.findLast((line) => NAMES_ERROR.test(line)) ?? lines.at(-1);
  return found === undefined ? null : singleLine(found, MOST_LINE);
}
