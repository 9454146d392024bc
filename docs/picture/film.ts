import type { Screen } from './screen.ts';

/** What was seen from a time on, in milliseconds since the film began. */
export interface Frame {
  readonly atMs: number;
  readonly screen: Screen;
}

/** A film: its frames, each other than the one before, and how long it takes in all. */
export interface Film {
  readonly frames: readonly Frame[];
  readonly lengthMs: number;
}

/** A line of the screen, and when it stands there. */
export interface Part {
  readonly row: number;
  readonly line: string;
  /** From, and until, in milliseconds. */
  readonly times: readonly (readonly [fromMs: number, untilMs: number])[];
}

/** The parts of a film in the order in which they are first seen; what stays or comes again is one. */
export function partsOf({ frames, lengthMs }: Film): readonly Part[] {
  const parts = new Map<string, { row: number; line: string; times: [number, number][] }>();
  for (const [at, { atMs, screen }] of frames.entries()) {
    const untilMs = frames[at + 1]?.atMs ?? lengthMs;
    for (const [row, line] of screen.entries()) {
      if (line === '') continue;
      const key = `${row} ${line}`;
      const part = parts.get(key) ?? { row, line, times: [] };
      parts.set(key, part);
      const last = part.times.at(-1);
      if (last?.[1] === atMs) last[1] = untilMs;
      else part.times.push([atMs, untilMs]);
    }
  }
  return [...parts.values()];
}
