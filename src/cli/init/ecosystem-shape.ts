import { bracketed, literalOf, type Literal } from './literal.ts';
import { scan, type Span, type Token } from './tokens.ts';

/** Where the apps of an ecosystem file are written. */
export interface EcosystemShape {
  readonly apps: Literal;
  /** Each app as it is written out, in their order. */
  readonly entries: readonly Literal[];
  readonly comments: readonly Span[];
  /** The quotation mark that the file uses most. */
  readonly quote: "'" | '"';
}

/** The shape of a file whose apps are all written out, or why it is not that of one. */
export function shapeOf(text: string, isJson: boolean): EcosystemShape | string {
  const scanned = scan(text);
  if (scanned === null) return 'a string, a comment or a regular expression in it has no end';
  const { tokens, comments } = scanned;
  const root = isJson ? tokens : rootOf(tokens);
  if (root === null) return 'it is not written as `module.exports = { apps: [ … ] }`';
  const found = literalOf(root)?.members.filter(({ key }) => key === 'apps') ?? [];
  const [member, second] = found;
  if (member === undefined || second !== undefined) return 'it has no `apps: [ … ]` of its own';
  const apps = member.value[0]?.text === '[' ? literalOf(member.value) : null;
  if (apps === null || !isWhole(member.value)) return 'its apps are built by code';
  const entries = apps.members.map(({ value }) =>
    value[0]?.text === '{' && isWhole(value) ? literalOf(value) : null,
  );
  const written = entries.filter((entry) => entry !== null);
  if (written.length < entries.length) return 'some of its apps are built by code';
  return { apps, entries: written, comments, quote: quoteOf(tokens) };
}

/** The object behind the one `module.exports =`. */
function rootOf(tokens: readonly Token[]): readonly Token[] | null {
  const starts = tokens.flatMap((_, at) => {
    const words = tokens.slice(at, at + 4).map(({ text }) => text);
    return words.join('') === 'module.exports=' ? [at + 4] : [];
  });
  const [from, other] = starts;
  if (from === undefined || other !== undefined || tokens[from]?.text !== '{') return null;
  return bracketed(tokens, from);
}

/** True where the first bracket ends with the last token: not so for `[…].concat(…)`. */
function isWhole(tokens: readonly Token[]): boolean {
  return bracketed(tokens, 0)?.length === tokens.length;
}

function quoteOf(tokens: readonly Token[]): "'" | '"' {
  const strings = tokens.filter(({ kind }) => kind === 'string');
  const double = strings.filter(({ text }) => text.startsWith('"')).length;
  return double > strings.length / 2 ? '"' : "'";
}
