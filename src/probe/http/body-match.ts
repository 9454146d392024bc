/** What is looked for in a body: a text it contains or an expression it matches. */
export type Matcher = string | RegExp;

/** The longest expression that is judged where it stands. */
const QUICK_CHARS = 100;

/** What an expression can repeat or nest with, whatever stands before it. */
const COSTLY = /[*+?{(]/;

/**
 * Whether a matcher takes linear time on any text by the way it is built: a text, or a short
 * expression without groups and quantifiers, of which each place of the text sees each part once.
 * Anything else can be slow, also without nesting: `/\s*ready/` is quadratic on white space.
 */
export function isQuick(matcher: Matcher): boolean {
  if (typeof matcher === 'string') return true;
  const { source } = matcher;
  return source.length <= QUICK_CHARS && !COSTLY.test(source.replaceAll(/\\[^]/g, ''));
}

/** Whether `text` contains or matches; an expression always starts at the beginning, `/g` or not. */
export function isFoundIn(text: string, matcher: Matcher): boolean {
  if (typeof matcher === 'string') return text.includes(matcher);
  matcher.lastIndex = 0;
  const isFound = matcher.test(text);
  matcher.lastIndex = 0;
  return isFound;
}

/** The matcher as a person wrote it. */
export function formatMatcher(matcher: Matcher): string {
  return typeof matcher === 'string' ? JSON.stringify(matcher) : String(matcher);
}
