import { escapeUnprintable } from '../text/sanitize.ts';
import { show } from './bad-value.ts';

/** One thing wrong in a configuration: where it is, and what was got and wanted there. */
export interface Problem {
  /** In the notation of a person: `env_liveness.http.status`. */
  readonly path: string;
  readonly message: string;
}

const MOST_PROBLEMS = 20;
const LONGEST_KEY = 40;
const LONGEST_MESSAGE = 300;
const PLAIN_KEY = /^[A-Za-z_$][A-Za-z0-9_$]{0,39}$/;

/** The path of `keys` below `base`: `env_liveness.http.headers['x-a']`, `env_liveness.exec[1]`. */
export function pathOf(base: string, keys: readonly PropertyKey[]): string {
  return base + keys.map(step).join('');
}

function step(key: PropertyKey): string {
  if (typeof key === 'number') return `[${key}]`;
  const name = String(key);
  return PLAIN_KEY.test(name) ? `.${name}` : `[${show(escapeUnprintable(name, LONGEST_KEY))}]`;
}

/** At most 20 problems, each of a bounded length; the last one says how many were left out. */
export function capProblems(problems: readonly Problem[], root: string): readonly Problem[] {
  const kept = problems
    .slice(0, MOST_PROBLEMS)
    .map(({ path, message }) => ({ path, message: escapeUnprintable(message, LONGEST_MESSAGE) }));
  const left = problems.length - kept.length;
  return left === 0 ? kept : [...kept, { path: root, message: `and ${left} more` }];
}

/**
 * All problems of one app (or of the monitor's own settings), one line each under a headline; `file` is where its
 * block is, where that is not PM2's entry.
 */
export function formatProblems(
  appName: string,
  problems: readonly Problem[],
  file?: string,
): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const lines = problems.map(({ path, message }) => `\n  ${path}: ${message}`);
  const where = file === undefined ? '' : ` in ${file}`;
  return `${escapeUnprintable(appName, LONGEST_KEY)}: ${count} in its settings${where}${lines.join('')}`;
}
