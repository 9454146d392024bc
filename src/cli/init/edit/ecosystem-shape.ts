import { bracketed, literalOf, type Literal } from './literal.ts';
import { scan, type Span, type Token } from './tokens.ts';

/** Where the apps of an ecosystem file are written. */
export interface EcosystemShape {
  /** The list, or the one app that stands in its place. */
  readonly apps: Literal;
  /** True for one app without a list around it. */
  readonly isSingle: boolean;
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
  const written = appsIn(root);
  if (typeof written === 'string') return written;
  const apps = literalOf(written);
  if (apps === null || !isWhole(written)) return 'its apps are built by code';
  if (apps.open.text === '{') {
    return { apps, isSingle: true, entries: [apps], comments, quote: quoteOf(tokens) };
  }
  const entries = apps.members.map(({ value }) =>
    value[0]?.text === '{' && isWhole(value) ? literalOf(value) : null,
  );
  const known = entries.filter((entry) => entry !== null);
  if (known.length < entries.length) return 'some of its apps are built by code';
  return { apps, isSingle: false, entries: known, comments, quote: quoteOf(tokens) };
}

/** The tokens of the apps, as PM2 looks for them: under `apps` or `pm2`, else the file itself. */
function appsIn(root: readonly Token[]): readonly Token[] | string {
  const members = literalOf(root)?.members ?? [];
  if (root[0]?.text === '[') return root;
  for (const name of ['apps', 'pm2']) {
    const [member, second] = members.filter(({ key }) => key === name);
    if (second !== undefined) return `it has no \`${name}: [ … ]\` of its own`;
    if (member !== undefined) return member.value;
  }
  const isApp = members.some(({ key }) => key !== null && PROGRAM.has(key));
  return isApp ? root : 'it has no `apps: [ … ]` of its own';
}

/** What makes an object an app. */
const PROGRAM: ReadonlySet<string> = new Set(['script', 'cmd', 'command']);

/** The object or list behind the one `module.exports =`. */
function rootOf(tokens: readonly Token[]): readonly Token[] | null {
  const starts = tokens.flatMap((_, at) => {
    const words = tokens.slice(at, at + 4).map(({ text }) => text);
    return words.join('') === 'module.exports=' ? [at + 4] : [];
  });
  const [from, other] = starts;
  if (from === undefined || other !== undefined || !/^[{[]$/.test(tokens[from]?.text ?? ''))
    return null;
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
