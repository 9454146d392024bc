import type { StatusRange } from '../../probe/probe.ts';
import { badValue } from '../bad-value.ts';

const MOST_RANGES = 50;

/** The ranges of `204`, `'200-299'`, or a list of these. Throws ERR_CONFIG. */
export function parseStatusRanges(input: unknown): readonly StatusRange[] {
  if (!Array.isArray(input)) return [parseRange(input)];
  if (input.length === 0) throw badValue(input, "write a status, like 200 or '200-299'");
  if (input.length > MOST_RANGES) throw badValue(input, `write at most ${MOST_RANGES} of them`);
  return input.map(parseRange);
}

function parseRange(input: unknown): StatusRange {
  if (typeof input === 'number' && isStatus(input)) return [input, input];
  if (typeof input !== 'string') throw badValue(input, "write a status, like 200 or '200-299'");
  const [, first, last] = /^(\d{3})-(\d{3})$/.exec(input) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (isStatus(from) && isStatus(to)) {
    if (from <= to) return [from, to];
    const want = 'write the lower one first';
    throw badValue(input, want, `${want}: '${to}-${from}'`);
  }
  const want = "write a status from 100 to 599, or a range like '200-299'";
  if (/^[1-5]\d\d$/.test(input)) throw badValue(input, want, `write ${input}, without quotes`);
  const [, hundred] = /^([1-5])xx$/i.exec(input) ?? [];
  if (hundred !== undefined) throw badValue(input, want, `write '${hundred}00-${hundred}99'`);
  throw badValue(input, want);
}

function isStatus(code: number): boolean {
  return Number.isInteger(code) && code >= 100 && code <= 599;
}
