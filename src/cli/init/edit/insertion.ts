import type { Literal } from './literal.ts';
import type { Span } from './parse.ts';

/** A text to insert at a place. Nothing is ever removed. */
export interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** Makes the text of a new member; with an indent of null on one line. */
type Render = (indent: string | null) => string;

/** The insertions that give a literal one more member at its end, in the file's style. */
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

/** The text with all insertions. */
export function applyInsertions(text: string, insertions: readonly Insertion[]): string {
  let done = '';
  let from = 0;
  for (const { at, text: added } of insertions.toSorted((a, b) => a.at - b.at)) {
    done += text.slice(from, at) + added;
    from = at;
  }
  return done + text.slice(from);
}

/** The white space before the first thing on a line; null where something is before it. */
export function indentOf(text: string, start: number): string | null {
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return /^[ \t]*$/.test(line) ? line : null;
}

/** The end of the line of `from`, after its comments; null where `until` is on that line. */
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
