import { LivenessError } from '../errors.ts';
import { isRecord } from './bad-value.ts';
import { splitCommand } from './schema/command.ts';
import { pathOf, type Problem } from './problem.ts';

/** What PM2 knows of an app: its variables are the strings and numbers at the top level. */
export type AppEnv = Readonly<Record<string, unknown>>;

/** A part of a text: what its author wrote, or what a variable of this name holds. */
export interface Piece {
  readonly text: string;
  readonly name?: string;
}

/** A block with its variables in their places. */
export interface Interpolated {
  readonly value: unknown;
  /** The block as it was before, but for a command in its words. */
  readonly written: unknown;
  readonly problems: readonly Problem[];
  /** The texts that hold a variable's value, each in its pieces, by path. */
  readonly pieces: ReadonlyMap<string, readonly Piece[]>;
}

const DEEPEST = 8;
const LONGEST_TEXT = 256 * 1024;
/** An escape, a reference, or the beginning of a broken reference. */
const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g;

/**
 * A copy of `block` with every `${NAME}` in its strings replaced from `appEnv`; `$${` stands for
 * a plain `${`. A command in one text becomes its words before that, so that a value is never more
 * than (a part of) one word. Keys set to undefined are left out, as they are when PM2 sends a block
 * as JSON. A name that is not set is a problem, and its text stays as it was.
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
  /** Its author wrote the command as one text, which has no first and second word to be told of. */
  const isInText = (path: string): boolean => isText && path.startsWith(`${command}[`);

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

/** The block with a command that is a text with variables as its words; a wrong one stays. */
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

/** The pieces of a text, or the first thing wrong with its references. */
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
