import type * as z from 'zod';
import { show } from './bad-value.ts';
import type { Interpolated, Piece } from './interpolate.ts';
import { pathOf, type Problem } from './problem.ts';
import { blockSchema } from './schema/schema.ts';
import { paramsOf } from './section.ts';

/** The message for a value that is wrong only because of a variable, where there is no better one. */
const NO_USE = 'the values of its variables are not valid here; correct them in the ecosystem file';

/**
 * The problems of a block, as sentences that show values from the block itself, but never the value of a
 * variable: instead they show the written text with the variable's name.
 */
export function refusals(
  issues: readonly z.core.$ZodIssue[],
  block: Interpolated,
  root: string,
): Problem[] {
  let asWritten: ReadonlyMap<string, string> | undefined;
  const writtenAt = (path: string): string | undefined => {
    asWritten ??= messagesOf(block.written, root);
    return asWritten.get(path);
  };
  return issues.map((issue) => {
    const path = pathOf(root, issue.path);
    const { want, isValueFree } = paramsOf(issue);
    const isOwn = ![...block.pieces.keys()].some((each) => isAtOrWithin(each, path));
    if (isOwn || isValueFree === true) return { path, message: issue.message };
    const pieces = block.pieces.get(path);
    const got = pieces === undefined ? 'a value from variables' : show(templateOf(pieces));
    // A message about the written text has no value of a variable, because the text has none.
    const message = want === undefined ? writtenAt(path) : `got ${got}; ${want}`;
    return { path, message: message ?? `got ${got}; ${NO_USE}` };
  });
}

/** The written text, with the names of its variables. */
function templateOf(pieces: readonly Piece[]): string {
  return pieces.map(({ text, name }) => (name === undefined ? text : `\${${name}}`)).join('');
}

function messagesOf(block: unknown, root: string): ReadonlyMap<string, string> {
  const issues = blockSchema.safeParse(block).error?.issues ?? [];
  return new Map(issues.map(({ path, message }) => [pathOf(root, path), message]));
}

function isAtOrWithin(inner: string, path: string): boolean {
  return inner === path || inner.startsWith(`${path}[`) || inner.startsWith(`${path}.`);
}
