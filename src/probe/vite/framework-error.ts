import { singleLine } from '../../text/single-line.ts';
import { moduleScriptsOf } from './html.ts';

/**
 * The name of a source error in the page of a framework on top of Vite, which loads Vite's client to show the
 * error; undefined for any other page. Seen in Astro 5, whose page has only a title and that script; the
 * title is `undefined` where the error has no name.
 */
export function readFrameworkError(body: string): string | undefined {
  // SvelteKit shows its client too, in a page with its own text for any error.
  if (body.includes('<body')) return undefined;
  if (!moduleScriptsOf(body).some((source) => source.endsWith('/@vite/client'))) return undefined;
  const title = singleLine(titleOf(body), 80);
  return title === '' || title === 'undefined' ? 'an error' : title;
}

/** The title of a page; empty where it has none. */
function titleOf(body: string): string {
  const begin = body.indexOf('<title>');
  const end = body.indexOf('<', begin + 1);
  return begin === -1 || !body.startsWith('</title>', end) ? '' : body.slice(begin + 7, end);
}
