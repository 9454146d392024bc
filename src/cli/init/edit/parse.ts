import { parse, parseExpressionAt, type AnyNode, type Comment, type Options } from 'acorn';
import { messageOf } from '../../../errors.ts';

/** A longer ecosystem file is not parsed. */
const MOST_CHARS = 1024 * 1024;

/** The start and end of a part of the text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An ecosystem file as a tree. */
export interface Parsed {
  /** A program; for JSON its one expression. */
  readonly root: AnyNode;
  readonly comments: readonly Span[];
  /** The end of each comment, by its start. */
  readonly commentEnds: ReadonlyMap<number, number>;
}

/** The syntax tree of an ecosystem file, which is not run; a text says why there is none. Never throws. */
export function parseFile(text: string, isJson: boolean): Parsed | string {
  if (text.length > MOST_CHARS) return `it is longer than ${MOST_CHARS / 1024 / 1024} MiB`;
  const read = parseAs(text, isJson, 'script');
  // An ES module is no script, and few scripts are ES modules.
  return isJson || typeof read !== 'string' || !/\bexport\b/.test(text)
    ? read
    : parseAs(text, isJson, 'module');
}

function parseAs(text: string, isJson: boolean, sourceType: 'script' | 'module'): Parsed | string {
  const comments: Comment[] = [];
  const options: Options = {
    ecmaVersion: 'latest',
    sourceType,
    allowReturnOutsideFunction: true,
    preserveParens: true,
    onComment: comments,
  };
  try {
    // PM2 evaluates JSON as an expression, so comments are allowed.
    const root = isJson ? parseExpressionAt(text, 0, options) : parse(text, options);
    const commentEnds = new Map(comments.map(({ start, end }) => [start, end]));
    const isWhole = !isJson || skipSpace(text, root.end, commentEnds) === text.length;
    return isWhole ? { root, comments, commentEnds } : 'there is more in it than one value';
  } catch (error) {
    // acorn recurses at each bracket: older versions throw a RangeError, this one reports it itself.
    const isTooDeep = error instanceof RangeError || /stack space/.test(messageOf(error));
    if (isTooDeep) return 'its brackets are nested too deeply';
    return `it cannot be read as a script: ${messageOf(error)}`;
  }
}

/** Every node of a tree, in any order. Without recursion, because a tree may be deeper than the stack. */
export function nodesOf(root: AnyNode): readonly AnyNode[] {
  const found: AnyNode[] = [];
  const left: unknown[] = [root];
  while (left.length > 0) {
    const value = left.pop();
    if (Array.isArray(value)) for (const each of value) left.push(each);
    else if (isNode(value)) {
      found.push(value);
      for (const each of Object.values(value)) left.push(each);
    }
  }
  return found;
}

/** The first place from `from` on that is neither white space nor in a comment. */
export function skipSpace(
  text: string,
  from: number,
  commentEnds: ReadonlyMap<number, number>,
): number {
  let at = from;
  for (;;) {
    const end = commentEnds.get(at);
    if (end !== undefined) at = end;
    else if (/\s/.test(text[at] ?? '')) at += 1;
    else return at;
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
