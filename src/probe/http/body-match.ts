/** What a body is searched for: a text or an expression. */
export type Matcher = string | RegExp;

/** The longest expression that is judged in the main thread. */
const QUICK_CHARS = 100;

/** The characters with which an expression repeats or nests. */
const COSTLY = /[*+?{(]/;

/**
 * True where a matcher takes linear time on any text: a text, or a short expression without groups and
 * quantifiers. Anything else can be slow, also without nesting: `/\s*ready/` takes quadratic time on white
 * space.
 */
export function isQuick(matcher: Matcher): boolean {
  if (typeof matcher === 'string') return true;
  const { source } = matcher;
  return source.length <= QUICK_CHARS && !COSTLY.test(source.replaceAll(/\\[^]/g, ''));
}

/** True where `text` contains or matches it. An expression always starts at the beginning, also with `/g`. */
export function isFoundIn(text: string, matcher: Matcher): boolean {
  if (typeof matcher === 'string') return text.includes(matcher);
  matcher.lastIndex = 0;
  const isFound = matcher.test(text);
  matcher.lastIndex = 0;
  return isFound;
}

/** The matcher as it was written in the settings. */
export function formatMatcher(matcher: Matcher): string {
  return typeof matcher === 'string' ? JSON.stringify(matcher) : String(matcher);
}
