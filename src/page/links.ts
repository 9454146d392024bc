import { createHash } from 'node:crypto';
import type { PageName } from './page-facts.ts';

/** Which app a page or a fragment is about. */
interface AppName {
  readonly name: string;
  readonly instance: number;
}

/** The path of an app's page. A name that a browser would take for a way up (`..`) goes into the query. */
export function appHref({ name, instance }: AppName): string {
  const word = wordOf(name);
  const path = /^\.{0,2}$/.test(name) ? `/app/?name=${word}` : `/app/${word}`;
  if (instance === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}instance=${instance}`;
}

/** The address of the events that keep a page live. */
export function eventsHref(page: PageName): string {
  if (page.kind === 'home') return `/events?span=${page.span}`;
  return `/events?app=${wordOf(page.name)}&instance=${page.instance}`;
}

function wordOf(name: string): string {
  // Half a character has no form in a URL.
  return encodeURIComponent(name.replace(/\p{Cs}/gu, '\uFFFD'));
}

/** The ids of the rows. Apps of one name, in different namespaces, have different ones. */
export function rowIdsOf<Target extends AppName & { readonly pmId: number }>(
  targets: readonly Target[],
): ReadonlyMap<Target, string> {
  const ids = new Map<Target, string>();
  const taken = new Set<string>();
  for (const target of targets.toSorted((one, other) => one.pmId - other.pmId)) {
    const id = rowId(target);
    ids.set(target, taken.has(id) ? `${id}-${target.pmId}` : id);
    taken.add(id);
  }
  return ids;
}

/** The id of an app's row: of letters and digits alone, for any name. */
export function rowId({ name, instance }: AppName): string {
  return `a${createHash('sha256').update(`${instance} ${name}`).digest('hex').slice(0, 12)}`;
}
