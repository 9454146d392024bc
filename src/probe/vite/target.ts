import { headersFor, originOf } from '../http/request.ts';
import type { HttpOrigin } from '../http/request.ts';
import type { ViteOptions } from '../probe.ts';

/** A dev server for many requests. */
export interface ViteTarget {
  readonly url: URL;
  readonly options: ViteOptions;
  readonly origin: HttpOrigin;
  /** The headers of a request, with `own` added. */
  readonly headersWith: (own: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
}

/**
 * Prepares a dev server for many requests. Each has `Host: localhost`, which Vite allows with any
 * `server.allowedHosts` (Vite's host check, since 6.0.9; it ignores the port).
 */
export function viteTargetOf(options: ViteOptions): ViteTarget {
  const url = new URL(options.url);
  return {
    url,
    options,
    origin: originOf(url, options),
    headersWith: (own) => headersFor(url, { host: 'localhost', ...own }),
  };
}
