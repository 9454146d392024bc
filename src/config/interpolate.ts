import { LivenessError } from '../errors.ts';
import { isRecord } from './bad-value.ts';
import { splitCommand } from './schema/command.ts';
import { pathOf, type Problem } from './problem.ts';

/** An app's PM2 env: its variables are the strings and numbers at the top level. */
export type AppEnv = Readonly<Record<string, unknown>>;

/** A part of a text: the author's own, or the value of the variable `name`. */
export interface Piece {
  readonly text: string;
  readonly name?: string;
}

/** A block with its variables replaced. */
export interface Interpolated {
  readonly value: unknown;
  /** The block before that, with a command split into words. */
  readonly written: unknown;
  readonly problems: readonly Problem[];
  /** The texts with a variable's value, in pieces, by path. */
  readonly pieces: ReadonlyMap<string, readonly Piece[]>;
}

const DEEPEST = 8;
const LONGEST_TEXT = 256 * 1024;
/** An escape, a reference, or the beginning of a broken reference. */
const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g;

/**
 * A copy of `block` with every `${NAME}` in its strings replaced from `appEnv`; `$${` becomes a plain `${`. A
 * command in one text is split into words before that, so that a value is never more than (a part of) one
 * word. Undefined keys are left out, as when PM2 sends a block as JSON. An unset name is a problem, and its
 * text stays unchanged.
 */
export function interpolate(block: unknown, appEnv: AppEnv, root: string): Interpolated {
  const problems: Problem[] = [];
  const pieces = new Map<string, readonly Piece[]>();
  const written = withWords(block);
  const isText = isRecord(block) && !Array.isArray(block['exec']);
  const command = pathOf(
    root,
    isRecord(block) && isRecord(block['exec']) ? ['exec', 'command'] : ['exec'],
  );
  /** True where the command was written as one text: a message then cannot name its second word. */
  const isInText = (path: string): boolean => isText && path.startsWith(`${command}[`);

  // Nothing valid is nested this deep; the schema rejects the rest.
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
    const expanded = expand(text, appEnv);
    if (typeof expanded === 'string') {
      problems.push({ path: isInText(path) ? command : path, message: expanded });
      return text;
    }
    if (expanded.some(({ name }) => name !== undefined)) pieces.set(path, expanded);
    return textOf(expanded);
  };

  return { value: walk(written, root, 0), written, problems, pieces };
}

/** The block with a command text split into words where it has variables; a bad one stays. */
function withWords(block: unknown): unknown {
  if (!isRecord(block)) return block;
  const { exec } = block;
  if (typeof exec === 'string') return { ...block, exec: wordsOf(exec) };
  if (!isRecord(exec) || typeof exec['command'] !== 'string') return block;
  return { ...block, exec: { ...exec, command: wordsOf(exec['command']) } };
}

function wordsOf(command: string): string | readonly string[] {
  if (!command.includes('${')) return command;
  try {
    return splitCommand(command);
  } catch (error) {
    if (error instanceof LivenessError) return command;
    throw error;
  }
}

/** The pieces of a text, or a message about its first bad reference. */
function expand(text: string, appEnv: AppEnv): readonly Piece[] | string {
  const pieces: Piece[] = [];
  let [from, length] = [0, text.length];
  for (const match of text.matchAll(REFERENCE)) {
    const [reference, name] = match;
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    from = match.index + reference.length;
    if (reference === '$${') {
      pieces.push({ text: '${' });
      continue;
    }
    if (name === undefined) return "'${' without a name; write '${PORT}', or '$${' for '${'";
    const value = variable(appEnv, name);
    if (value === undefined) return unset(name);
    length += value.length;
    if (length > LONGEST_TEXT) return 'longer than 256 KiB with its variables replaced';
    pieces.push({ text: value, name });
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

function textOf(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join('');
}

function variable(appEnv: AppEnv, name: string): string | undefined {
  const value = Object.hasOwn(appEnv, name) ? appEnv[name] : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function unset(name: string): string {
  const shown = name.length > 40 ? `${name.slice(0, 40)}…` : name;
  return `\${${shown}} is not set for this app; set env: { ${shown}: … } in its ecosystem file`;
}
