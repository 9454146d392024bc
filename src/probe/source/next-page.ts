import { stringAfter } from './json-field.ts';
import type { SourceError } from './source-error.ts';

/** The mark before the JSON in which `next dev` passes an error to its overlay. */
const DATA = '<script id="__NEXT_DATA__" type="application/json">';

/** Next's own name for a build that is none: a built app has the id of its build there. */
const DEVELOPMENT = '"buildId":"development"';

/** `./app/page.jsx:2:36`, the first line of what its compiler says; it may have no position. */
const PLACE = /^\.\/[^\n:]{1,500}(?::\d{1,7}(?::\d{1,7})?)?$/;

/**
 * The compile error in the error page of `next dev`; undefined for any other page. Seen in Next 16.4 with
 * Turbopack: `"err":{"name":"Error","source":"server","message":"./app/page.jsx:2:36\nError: Expression
 * expected\n…"}`. An error that the app throws has its own message there, without a file before it.
 */
export function readNextPage(body: string): SourceError | undefined {
  const begin = body.indexOf(DATA);
  const end = begin === -1 ? -1 : body.indexOf('</script>', begin);
  if (end === -1) return undefined;
  const json = body.slice(begin + DATA.length, end);
  const at = json.indexOf('"err":{');
  if (at === -1 || !json.includes(DEVELOPMENT)) return undefined;
  const message = stringAfter(json.slice(at), '"message":') ?? '';
  const [place = '', ...rest] = message.split('\n', 20).map((line) => line.trim());
  const reason = rest.find((line) => line !== '');
  if (!PLACE.test(place) || reason === undefined) return undefined;
  return { place: place.slice(2), reason: reason.replace(/^Error: /, '') };
}
