const CONTEXT = 3;

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** A unified diff, a line each; empty where nothing changes. For files of a person's size. */
export function unifiedDiff(name: string, before: string, after: string): string[] {
  const lines = compared(split(before), split(after));
  const hunks = hunksOf(lines);
  if (hunks.length === 0) return [];
  const from = before === '' ? '/dev/null' : name;
  return [
    `--- ${from}`,
    `+++ ${name}`,
    ...hunks.flatMap(([start, end]) => [
      header(lines, start, end),
      ...lines.slice(start, end).map(({ sign, text }) => `${sign}${text}`),
    ]),
  ];
}

function split(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Both texts in one list, by their longest common part. */
function compared(before: readonly string[], after: readonly string[]): readonly Line[] {
  const lengths = commonLengths(before, after);
  const lines: Line[] = [];
  let [old, now] = [0, 0];
  while (old < before.length || now < after.length) {
    const [left, right] = [before[old], after[now]];
    if (left !== undefined && left === right) {
      lines.push({ sign: ' ', text: left });
      [old, now] = [old + 1, now + 1];
    } else if (
      right === undefined ||
      (left !== undefined && (lengths[old + 1]?.[now] ?? 0) >= (lengths[old]?.[now + 1] ?? 0))
    ) {
      lines.push({ sign: '-', text: left ?? '' });
      old += 1;
    } else {
      lines.push({ sign: '+', text: right });
      now += 1;
    }
  }
  return lines;
}

/** How many lines the rests from each pair of places have in common. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () =>
    Array.from({ length: after.length + 1 }, () => 0),
  );
  for (let old = before.length - 1; old >= 0; old -= 1) {
    for (let now = after.length - 1; now >= 0; now -= 1) {
      const [down, right] = [lengths[old + 1]?.[now] ?? 0, lengths[old]?.[now + 1] ?? 0];
      const row = lengths[old] ?? [];
      row[now] =
        before[old] === after[now] ? (lengths[old + 1]?.[now + 1] ?? 0) + 1 : Math.max(down, right);
    }
  }
  return lengths;
}

/** From where to where there are changes, with some lines around them. */
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

function header(lines: readonly Line[], start: number, end: number): string {
  const range = (without: '-' | '+'): string => {
    const count = (from: number, to: number): number =>
      lines.slice(from, to).filter(({ sign }) => sign !== without).length;
    const length = count(start, end);
    return `${count(0, start) + (length > 0 ? 1 : 0)},${length}`;
  };
  return `@@ -${range('+')} +${range('-')} @@`;
}
