/** What is looked for in a body: a text it contains or an expression it matches. */
export type Matcher = string | RegExp;

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
