import type { Token } from './tokens.ts';

/** An object or array as it is written out. */
export interface Literal {
  readonly open: Token;
  readonly close: Token;
  readonly members: readonly Member[];
  /** The comma behind the last member. */
  readonly trailingComma: Token | null;
}

/** One property or element. */
export interface Member {
  /** The name of a property; null for an element, a spread, a method and a computed name. */
  readonly key: string | null;
  readonly start: number;
  readonly end: number;
  /** The tokens of its value. */
  readonly value: readonly Token[];
}

/** The literal that all of these tokens are; null for anything else. */
export function literalOf(tokens: readonly Token[]): Literal | null {
  const [open] = tokens;
  const close = tokens.at(-1);
  if (open === undefined || close === undefined) return null;
  if (`${open.text}${close.text}` !== '{}' && `${open.text}${close.text}` !== '[]') return null;
  const parts = partsOf(tokens.slice(1, -1));
  if (parts === null) return null;
  const { groups, commas } = parts;
  const isTrailing = groups.length > 0 && commas.length === groups.length;
  const members = groups.map((group) => memberOf(group, open.text === '{'));
  return {
    open,
    close,
    members,
    trailingComma: isTrailing ? (commas.at(-1) ?? null) : null,
  };
}

/** The tokens from an opening bracket to its own closing one; null where that is missing. */
export function bracketed(tokens: readonly Token[], from: number): readonly Token[] | null {
  let depth = 0;
  for (let at = from; at < tokens.length; at += 1) {
    depth += depthOf(tokens[at]);
    if (depth === 0) return tokens.slice(from, at + 1);
  }
  return null;
}

/** What stands between the commas; null where a bracket or an element is missing. */
function partsOf(
  tokens: readonly Token[],
): { groups: readonly (readonly Token[])[]; commas: readonly Token[] } | null {
  const groups: Token[][] = [];
  const commas: Token[] = [];
  let depth = 0;
  for (const token of tokens) {
    depth += depthOf(token);
    if (depth < 0) return null;
    if (depth === 0 && token.kind === 'mark' && token.text === ',') {
      commas.push(token);
      if (groups.length < commas.length) return null;
    } else if (groups.length === commas.length) {
      groups.push([token]);
    } else {
      groups.at(-1)?.push(token);
    }
  }
  return depth === 0 ? { groups, commas } : null;
}

function depthOf(token: Token | undefined): number {
  if (token?.kind !== 'mark') return 0;
  if (/^[{[(]$/.test(token.text)) return 1;
  return /^[)\]}]$/.test(token.text) ? -1 : 0;
}

function memberOf(tokens: readonly Token[], isProperty: boolean): Member {
  const [first, second] = tokens;
  const start = first?.start ?? 0;
  const end = tokens.at(-1)?.end ?? 0;
  if (!isProperty || first === undefined) return { key: null, start, end, value: tokens };
  const isNamed = first.kind === 'word' || first.kind === 'string';
  if (!isNamed || (second !== undefined && second.text !== ':')) {
    return { key: null, start, end, value: [] };
  }
  const key = first.kind === 'string' ? first.text.slice(1, -1) : first.text;
  // `{ name }` has its value elsewhere.
  return { key, start, end, value: tokens.slice(2) };
}
