import { headersFor, originOf } from '../http/request.ts';
import type { HttpOrigin } from '../http/request.ts';
import type { AddressOptions, TlsOptions } from '../probe.ts';

/** What says where a dev server is: the options of a `vite` probe, or of an `http` probe of a page of Vite's. */
interface ServerOptions extends AddressOptions {
  readonly url: string;
  readonly tls?: TlsOptions;
  /** See `ViteOptions`. */
  readonly hmr?: boolean;
}

/** A dev server for many requests. */
export interface ViteTarget {
  readonly url: URL;
  readonly options: ServerOptions;
  readonly origin: HttpOrigin;
  /** The headers of a request, with `own` added. */
  readonly headersWith: (own: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
}

/**
 * Prepares a dev server for many requests. Each has `Host: localhost`, which Vite allows with any
 * `server.allowedHosts` (Vite's host check, since 6.0.9; it ignores the port).
 */
export function viteTargetOf(options: ServerOptions): ViteTarget {
  const url = new URL(options.url);
  return {
    url,
    options,
    origin: originOf(url, options),
    headersWith: (own) => headersFor(url, { host: 'localhost', ...own }),
  };
}
