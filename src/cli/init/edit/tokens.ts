/** One piece of a JavaScript text that means something. */
export interface Token {
  readonly kind: 'word' | 'string' | 'template' | 'regex' | 'mark';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Where a comment stands. */
export type Span = Pick<Token, 'start' | 'end'>;

/** A text cut into its pieces. */
export interface Scan {
  readonly tokens: readonly Token[];
  readonly comments: readonly Span[];
  /** Behind the last piece: the end of the text, or the `}` of a `${` in a template. */
  readonly end: number;
}

const SPACE = /\s+/y;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const STRING = /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/y;
const WORD = /[\p{L}\p{N}_$]+/uy;
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const MARK = /=>|\.\.\.|\S/y;
/** After these words a `/` begins a regular expression; after any other it divides. */
const BEFORE_REGEX = /^(?:return|typeof|case|in|of|void|delete|throw|new|else|do)$/;

/** Cuts JavaScript (or JSON) into pieces; null where it breaks off in the middle of one. */
export function scan(text: string): Scan | null {
  const shebang = /^#![^\n]*/.exec(text)?.[0].length ?? 0;
  return scanFrom(text, shebang, false);
}

/** `isNested`: only to the `}` that ends a `${`. */
function scanFrom(text: string, from: number, isNested: boolean): Scan | null {
  const tokens: Token[] = [];
  const comments: Span[] = [];
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const space = match(SPACE, text, at);
    if (space !== null) {
      at = space;
      continue;
    }
    const comment = match(COMMENT, text, at);
    if (comment !== null) {
      comments.push({ start: at, end: comment });
      at = comment;
      continue;
    }
    const token = tokenAt(text, at, tokens.at(-1));
    if (token === null) return null;
    if (token.text === '{') depth += 1;
    if (token.text === '}') depth -= 1;
    if (isNested && depth < 0) return { tokens, comments, end: token.end };
    tokens.push(token);
    at = token.end;
  }
  return isNested ? null : { tokens, comments, end: at };
}

function tokenAt(text: string, at: number, before: Token | undefined): Token | null {
  const first = text[at];
  if (first === '`') return piece('template', text, at, templateEnd(text, at + 1));
  if (first === "'" || first === '"') return piece('string', text, at, match(STRING, text, at));
  const word = match(WORD, text, at);
  if (word !== null) return piece('word', text, at, word);
  if (first === '/' && canBeRegex(before)) {
    return piece('regex', text, at, match(REGEX, text, at));
  }
  return piece('mark', text, at, match(MARK, text, at));
}

function piece(kind: Token['kind'], text: string, start: number, end: number | null): Token | null {
  return end === null ? null : { kind, text: text.slice(start, end), start, end };
}

function canBeRegex(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'word') return BEFORE_REGEX.test(before.text);
  return before.kind === 'mark' && !/^[)\]}]$/.test(before.text);
}

function templateEnd(text: string, from: number): number | null {
  let at = from;
  while (at < text.length) {
    if (text[at] === '`') return at + 1;
    if (text.startsWith('${', at)) {
      const inner = scanFrom(text, at + 2, true);
      if (inner === null) return null;
      at = inner.end;
    } else {
      at += text[at] === '\\' ? 2 : 1;
    }
  }
  return null;
}

function match(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}
