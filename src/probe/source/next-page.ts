import { stringAfter } from './json-field.ts';
import type { SourceError } from './source-error.ts';

/** What stands before the JSON in which `next dev` hands an error to its overlay. */
const DATA = '<script id="__NEXT_DATA__" type="application/json">';

/** What its two compilers call an error of the source: Turbopack the first one, webpack all of them. */
const COMPILE_ERRORS: ReadonlySet<string> = new Set([
  'ModuleBuildError',
  'ModuleNotFoundError',
  'ModuleParseError',
]);

/** `./app/page.jsx:2:12`, the first line of what Turbopack says; webpack says no column where it has none. */
const PLACE = /^\.\/[^\n:]{1,500}(?::\d{1,7}(?::\d{1,7})?)?$/;

/**
 * The compile error in the error page of `next dev`, or undefined if the page is anything else. Read in
 * Next 16.4: `"err":{"name":"ModuleBuildError","source":"server","message":"./app/page.jsx:2:12\n…"}`. A
 * built app never has it: there the name and the message are the same for every error (its `render.js`).
 */
export function readNextPage(body: string): SourceError | undefined {
  const begin = body.indexOf(DATA);
  const end = begin === -1 ? -1 : body.indexOf('</script>', begin);
  if (end === -1) return undefined;
  const json = body.slice(begin + DATA.length, end);
  const at = json.indexOf('"err":{');
  if (at === -1) return undefined;
  const error = json.slice(at);
  const name = stringAfter(error, '"name":');
  const message = stringAfter(error, '"message":');
  if (name === undefined || message === undefined || !COMPILE_ERRORS.has(name)) return undefined;
  const [place = '', ...rest] = message.split('\n', 20).map((line) => line.trim());
  if (!PLACE.test(place)) return undefined;
  const reason = rest.find((line) => line !== '') ?? 'does not compile';
  return { place: place.slice(2), reason: reason.replace(/^Error: /, '') };
}
