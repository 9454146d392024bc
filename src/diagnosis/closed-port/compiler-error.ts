/** `Found 1 error. Watching for file changes.`: TypeScript's last line after each of its builds. */
const BUILT = /\bFound (\d{1,6}) errors?\. Watching for file changes\./;

/** `src/main.ts:10:17 - error TS1109: Expression expected.`, or `src/main.ts(10,17): error …` without colours. */
const ERROR =
  /^([^\s:(]{1,300}\.[cm]?[jt]sx?)(?::(\d{1,7}):(\d{1,7}) -|\((\d{1,7}),(\d{1,7})\):) error TS\d{1,6}: (.{1,160})/;

/** `Starting compilation in watch mode...`, `File change detected. Starting incremental compilation...`. */
const BEGUN = /\bStarting (?:incremental )?compilation\b/;

/**
 * The first error of TypeScript's last build, with the place that it names, from the lines of a log, the oldest
 * first; null where that build was good, another one has begun since, or there was none.
 */
export function compilerErrorIn(lines: readonly string[]): string | null {
  const end = lines.findLastIndex((line) => BUILT.test(line));
  if (end === -1 || BUILT.exec(lines[end] ?? '')?.[1] === '0') return null;
  if (lines.slice(end).some((line) => BEGUN.test(line))) return null;
  const begin = lines.slice(0, end).findLastIndex((line) => BUILT.test(line)) + 1;
  for (const line of lines.slice(begin, end)) {
    const [, file, row, column, plainRow, plainColumn, reason] = ERROR.exec(line) ?? [];
    if (file === undefined) continue;
    return `${file}:${row ?? plainRow}:${column ?? plainColumn} ${reason}`;
  }
  return null;
}
