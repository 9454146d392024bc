import { compilerErrorIn } from '../closed-port/compiler-error.ts';

/** A line may be long, and the sentence is for one line of a terminal. */
const MOST_CHARACTERS = 160;

/** `/srv/app.ts:3:16: ERROR: Unexpected ";"`, in an error that esbuild throws. */
const THROWN = /^([^\s:]{1,300}\.\w{1,5}):(\d{1,7}):(\d{1,7}): ERROR: (.+)$/;

/** `[!] RollupError: src/a.js (2:11): Expression expected`, with the name of a plugin in parentheses or without. */
const ROLLUP =
  /^\[!\] (?:\([^)]{1,100}\) )?RollupError: ([^\s(]{1,300}) \((\d{1,7}):(\d{1,7})\): (.+)$/;

/** `✘ [ERROR] Unexpected ";"`, as esbuild prints it by itself, with the place on its own line below. */
const PRINTED = /^\S{1,3} \[ERROR\] (.+)$/;
const PLACE = /^([^\s:]{1,300}\.\w{1,5}):(\d{1,7}):(\d{1,7}):?$/;

/** A good build, or the beginning of the next: `ESM Build success in 12ms`, `created dist/a.js in 30ms`, `[watch] build started (change: …)`. */
const BUILT =
  /\bbuild success\b|^\[watch\] build started\b|^created \S.{0,300} in \d|\bcompiled successfully\b/i;

/** The place is at most this many lines below. */
const BELOW = 3;

/**
 * The first error of a build that TypeScript, esbuild or Rollup wrote into a log since it last wrote that it built
 * well, with the place that it names; null where there is none. `lines` are without blanks around, the oldest first.
 */
export function buildErrorIn(lines: readonly string[]): string | null {
  return compilerErrorIn(lines) ?? bundlerErrorIn(lines);
}

function bundlerErrorIn(log: readonly string[]): string | null {
  const lines = log.slice(log.findLastIndex((line) => BUILT.test(line)) + 1);
  for (const [at, line] of lines.entries()) {
    const [, file, row, column, reason] = THROWN.exec(line) ?? ROLLUP.exec(line) ?? [];
    if (file !== undefined) return `${file}:${row}:${column} ${cut(reason)}`;
    const [, said] = PRINTED.exec(line) ?? [];
    if (said === undefined) continue;
    const below = lines.slice(at + 1, at + 1 + BELOW).map((each) => PLACE.exec(each));
    const place = below.find((match) => match !== null);
    if (place) return `${place[1]}:${place[2]}:${place[3]} ${cut(said)}`;
  }
  return null;
}

function cut(text: string | undefined): string {
  return (text ?? '').slice(0, MOST_CHARACTERS);
}
