const CONTEXT = 3;

/**
 * How many lines are searched for the place where both texts are equal again: more than init adds at one
 * place.
 */
const FARTHEST = 64;

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** The lines of a unified diff; empty where nothing changes. */
export function unifiedDiff(name: string, before: string, after: string): string[] {
  const lines = compareLines(split(before), split(after));
  const hunks = hunksOf(lines);
  if (hunks.length === 0) return [];
  const headers = headersOf(lines, hunks);
  const from = before === '' ? '/dev/null' : name;
  return [
    `--- ${from}`,
    `+++ ${name}`,
    ...hunks.flatMap(([start, end], at) => [
      headers[at] ?? '',
      ...lines.slice(start, end).map(({ sign, text }) => `${sign}${text}`),
    ]),
  ];
}

function split(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/**
 * Both texts in one list. After a difference, the nearest place is taken where they are equal again: `init`
 * only adds some lines, and time and memory stay bounded for any file.
 */
function compareLines(before: readonly string[], after: readonly string[]): readonly Line[] {
  const lines: Line[] = [];
  const take = (sign: Line['sign'], from: readonly string[], at: number, count: number): void => {
    for (const text of from.slice(at, at + count)) lines.push({ sign, text });
  };
  let [old, now] = [0, 0];
  while (old < before.length && now < after.length) {
    if (before[old] === after[now]) {
      take(' ', before, old, 1);
      [old, now] = [old + 1, now + 1];
      continue;
    }
    const [gone, come] = detourOf(before, old, after, now);
    take('-', before, old, gone);
    take('+', after, now, come);
    [old, now] = [old + gone, now + come];
  }
  take('-', before, old, before.length);
  take('+', after, now, after.length);
  return lines;
}

/** After how many lines of each text they are equal again; one of each where that is too far. */
function detourOf(
  before: readonly string[],
  old: number,
  after: readonly string[],
  now: number,
): readonly [gone: number, come: number] {
  for (let length = 1; length <= FARTHEST; length += 1) {
    for (let gone = 0; gone <= length; gone += 1) {
      const come = length - gone;
      const [left, right] = [before[old + gone], after[now + come]];
      if (left !== undefined && left === right) return [gone, come];
    }
  }
  return [1, 1];
}

/** The ranges of changes, with some lines around them. */
function hunksOf(lines: readonly Line[]): readonly (readonly [number, number])[] {
  const hunks: [number, number][] = [];
  for (const [at, { sign }] of lines.entries()) {
    if (sign === ' ') continue;
    const [start, end] = [Math.max(0, at - CONTEXT), Math.min(lines.length, at + CONTEXT + 1)];
    const last = hunks.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = end;
    else hunks.push([start, end]);
  }
  return hunks;
}

/** `@@ -4,6 +4,14 @@` for each of these parts. */
function headersOf(
  lines: readonly Line[],
  hunks: readonly (readonly [number, number])[],
): readonly string[] {
  let [from, old, now] = [0, 0, 0];
  const pass = (until: number): void => {
    for (const { sign } of lines.slice(from, until)) {
      if (sign !== '+') old += 1;
      if (sign !== '-') now += 1;
    }
    from = until;
  };
  return hunks.map(([start, end]) => {
    pass(start);
    const [oldBefore, nowBefore] = [old, now];
    pass(end);
    return `@@ -${rangeOf(oldBefore, old)} +${rangeOf(nowBefore, now)} @@`;
  });
}

function rangeOf(before: number, until: number): string {
  const length = until - before;
  return `${before + (length > 0 ? 1 : 0)},${length}`;
}
