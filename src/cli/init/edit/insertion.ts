import type { Literal } from './literal.ts';
import type { Span } from './parse.ts';

/** A text that comes in at a place; nothing is ever taken out. */
export interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** Gives the text of a new member; an indent of null wants it on one line. */
export type Render = (indent: string | null) => string;

/** What is to be inserted so that a literal has one more member at its end, in its own style. */
export function appendMember(
  text: string,
  literal: Literal,
  comments: readonly Span[],
  render: Render,
): readonly Insertion[] {
  const { open, close, members, trailingComma } = literal;
  const last = members.at(-1);
  if (last === undefined) return [{ at: open.end, text: ` ${render(null)} ` }];
  const indent = indentOf(text, last.start);
  const lineEnd = endOfLine(text, trailingComma?.end ?? last.end, close.start, comments);
  if (indent === null || lineEnd === null) {
    return trailingComma === null
      ? [{ at: last.end, text: `, ${render(null)}` }]
      : [{ at: trailingComma.end, text: ` ${render(null)},` }];
  }
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const added = `${eol}${indent}${render(indent)}`;
  return trailingComma === null
    ? [
        { at: last.end, text: ',' },
        { at: lineEnd, text: added },
      ]
    : [{ at: lineEnd, text: `${added},` }];
}

/** The text with all that is to come in. */
export function applyInsertions(text: string, insertions: readonly Insertion[]): string {
  let done = '';
  let from = 0;
  for (const { at, text: added } of insertions.toSorted((a, b) => a.at - b.at)) {
    done += text.slice(from, at) + added;
    from = at;
  }
  return done + text.slice(from);
}

/** The white space before what begins a line; null for what does not. */
export function indentOf(text: string, start: number): string | null {
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return /^[ \t]*$/.test(line) ? line : null;
}

/** Where the line of `from` ends, comments behind it included; null where `until` is on that line. */
function endOfLine(
  text: string,
  from: number,
  until: number,
  comments: readonly Span[],
): number | null {
  let at = from;
  for (;;) {
    const newline = text.indexOf('\n', at);
    if (newline === -1 || newline >= until) return null;
    const around = comments.find(({ start, end }) => start < newline && newline < end);
    if (around === undefined) return text[newline - 1] === '\r' ? newline - 1 : newline;
    at = around.end;
  }
}
