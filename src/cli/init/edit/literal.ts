import type { AnyNode, Property, SpreadElement } from 'acorn';
import { skipSpace, type Span } from './parse.ts';

/** An object or array literal. */
export interface Literal {
  readonly open: Span;
  readonly close: Span;
  readonly members: readonly Member[];
  /** The comma after the last member; null where there is none. */
  readonly trailingComma: Span | null;
}

/** One property or element. */
export interface Member extends Span {
  /** The name of a property; null for an element, a spread, a method and a computed name. */
  readonly key: string | null;
  /** Null for a spread or a method. */
  readonly value: AnyNode | null;
}

/** The literal that a node is; null for anything else, and for a list with a hole in it. */
export function literalOf(
  node: AnyNode | null,
  text: string,
  commentEnds: ReadonlyMap<number, number>,
): Literal | null {
  const members = node === null ? null : membersOf(node);
  if (node === null || members === null) return null;
  const close = { start: node.end - 1, end: node.end };
  const last = members.at(-1);
  const comma = last && skipSpace(text, last.end, commentEnds);
  return {
    open: { start: node.start, end: node.start + 1 },
    close,
    members,
    trailingComma:
      comma === undefined || comma >= close.start ? null : { start: comma, end: comma + 1 },
  };
}

function membersOf(node: AnyNode): readonly Member[] | null {
  if (node.type === 'ObjectExpression') return node.properties.map(memberOf);
  if (node.type !== 'ArrayExpression') return null;
  const elements = node.elements.flatMap((each): Member[] =>
    each === null ? [] : [{ key: null, start: each.start, end: each.end, value: each }],
  );
  return elements.length === node.elements.length ? elements : null;
}

function memberOf(property: Property | SpreadElement): Member {
  const { start, end } = property;
  if (property.type === 'SpreadElement') return { key: null, start, end, value: null };
  const { key, value, computed, method, kind } = property;
  if (computed || method || kind !== 'init') return { key: null, start, end, value: null };
  if (key.type === 'Identifier') return { key: key.name, start, end, value };
  return { key: key.type === 'Literal' ? String(key.value) : null, start, end, value };
}
