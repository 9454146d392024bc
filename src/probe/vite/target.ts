import { headersFor, originOf } from '../http/request.ts';
import type { HttpOrigin } from '../http/request.ts';
import type { ViteOptions } from '../probe.ts';

/** A dev server as it is asked again and again. */
export interface ViteTarget {
  readonly url: URL;
  readonly options: ViteOptions;
  readonly origin: HttpOrigin;
  /** The headers of a request, with its own ones added. */
  readonly headersWith: (own: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
}

/**
 * Prepares a dev server for many requests. Every one says `Host: localhost`, which Vite allows
 * whatever `server.allowedHosts` holds (Vite's host check, since 6.0.9); it drops a port itself.
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
