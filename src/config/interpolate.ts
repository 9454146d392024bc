import { isRecord } from './bad-value.ts';
import { pathOf, type Problem } from './problem.ts';

/** What PM2 knows of an app: its variables are the strings and numbers at the top level. */
export type AppEnv = Readonly<Record<string, unknown>>;

const DEEPEST = 8;
const LONGEST_TEXT = 256 * 1024;
/** An escape, a reference, or the beginning of a broken reference. */
const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g;

/**
 * A copy of `block` with every `${NAME}` in its strings replaced from `appEnv`; `$${` stands for
 * a plain `${`. Keys set to undefined are left out, as they are when PM2 sends a block as JSON.
 * A name that is not set is a problem, and its text stays as it was.
 */
export function interpolate(
  block: unknown,
  appEnv: AppEnv,
  root: string,
): { readonly value: unknown; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];

  // Nothing valid is nested this deep; the schema rejects what is left unreplaced.
  const walk = (value: unknown, path: string, depth: number): unknown => {
    if (typeof value === 'string') return replace(value, path);
    if (depth > DEEPEST) return value;
    if (Array.isArray(value)) {
      return value.map((item, index) => walk(item, pathOf(path, [index]), depth + 1));
    }
    if (!isRecord(value) || value instanceof RegExp) return value;
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return Object.fromEntries(
      entries.map(([key, item]) => [key, walk(item, pathOf(path, [key]), depth + 1)]),
    );
  };

  const replace = (text: string, path: string): string => {
    const { value, problem } = expand(text, appEnv);
    if (problem === undefined) return value;
    problems.push({ path, message: problem });
    return text;
  };

  return { value: walk(block, root, 0), problems };
}

/** The text with its references replaced, or the first thing wrong with them. */
function expand(text: string, appEnv: AppEnv): { value: string; problem?: string } {
  let problem: string | undefined;
  let length = text.length;
  const value = text.replace(REFERENCE, (reference, name: string | undefined) => {
    if (reference === '$${') return '${';
    const found = name === undefined ? undefined : variable(appEnv, name);
    length += found?.length ?? 0;
    if (name === undefined) problem ??= "'${' without a name; write '${PORT}', or '$${' for '${'";
    else if (found === undefined) problem ??= unset(name);
    else if (length > LONGEST_TEXT) problem ??= 'longer than 256 KiB with its variables replaced';
    return problem === undefined ? (found ?? '') : '';
  });
  return problem === undefined ? { value } : { value, problem };
}

function variable(appEnv: AppEnv, name: string): string | undefined {
  const value = Object.hasOwn(appEnv, name) ? appEnv[name] : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function unset(name: string): string {
  const shown = name.length > 40 ? `${name.slice(0, 40)}…` : name;
  return `\${${shown}} is not set for this app; set env: { ${shown}: … } in its ecosystem file`;
}
