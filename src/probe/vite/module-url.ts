import { pathOf } from '../http/request.ts';

/** One module of the user's own source, at its address on the dev server. */
export interface ViteModule {
  readonly url: URL;
  /** The path below the base, without a query. */
  readonly name: string;
  /** The name of the module that imports it; absent for an entry. */
  readonly importer?: string;
}

/** Longer ones are not the user's own source: inline data, or made to be slow to parse. */
const MAX_SPECIFIER_CHARS = 1_024;

/**
 * The base that Vite itself uses, from the address of its client script in the page. It may differ from the
 * URL of the probe, because a server at `/` answers every path.
 */
export function servedBase(scripts: readonly string[], page: URL): string {
  const client = scripts.find((source) => source.endsWith('@vite/client'));
  if (client === undefined || !isReadable(client, page)) return page.pathname;
  const url = new URL(client, page);
  return url.origin === page.origin ? url.pathname.slice(0, -'@vite/client'.length) : page.pathname;
}

/**
 * The module of a specifier in a served module; undefined where it is not the user's own source: another
 * origin, outside the base, Vite's internals (`/@vite`, `/@id`, `/@fs`), a dependency.
 */
export function moduleOf(
  specifier: string,
  from: URL,
  base: string,
  importer?: string,
): ViteModule | undefined {
  const url = served(specifier, from, base);
  if (url === undefined || isOptimised(url)) return undefined;
  const path = url.pathname.slice(base.length);
  if (path.startsWith('@') || path.includes('node_modules/')) return undefined;
  url.hash = '';
  return { url, name: nameOf(path, url), ...(importer === undefined ? {} : { importer }) };
}

/** Where a specifier of a served module leads to an optimised dependency; undefined for anything else. */
export function dependencyOf(specifier: string, from: URL, base: string): URL | undefined {
  const url = served(specifier, from, base);
  return url !== undefined && isOptimised(url) ? url : undefined;
}

/** The address below the base that a specifier leads to. */
function served(specifier: string, from: URL, base: string): URL | undefined {
  // Vite rewrites every import to a path; a bare name belongs to an import map.
  if (!/^(?:\/|\.{1,2}\/|https?:)/.test(specifier) || !isReadable(specifier, from))
    return undefined;
  const url = new URL(specifier, from);
  return url.origin === from.origin && url.pathname.startsWith(base) ? url : undefined;
}

/** Vite adds the version `v=` to optimised dependencies, with any cache folder. */
function isOptimised({ searchParams }: URL): boolean {
  return searchParams.has('v');
}

/** The key of a module, without the time stamp of hot reload. */
export function keyOf({ url }: ViteModule): string {
  const plain = new URL(url);
  plain.searchParams.delete('t');
  return pathOf(plain);
}

function isReadable(specifier: string, from: URL): boolean {
  return specifier.length <= MAX_SPECIFIER_CHARS && URL.canParse(specifier, from.href);
}

function nameOf(path: string, url: URL): string {
  const index = url.searchParams.has('html-proxy') ? url.searchParams.get('index') : null;
  try {
    const name = decodeURIComponent(path);
    return index === null ? name : `${name} (inline script ${index})`;
  } catch {
    return path; // keep the name with a stray `%`
  }
}
