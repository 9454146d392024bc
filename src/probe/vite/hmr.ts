import { LightAbortController } from '../../time/light-abort.ts';
import { askHttp } from '../http/ask.ts';
import { originOf, type HttpOrigin } from '../http/request.ts';
import type { Outcome, ProbeContext } from '../probe.ts';
import type { ViteTarget } from './target.ts';
import { askWebSocket } from '../websocket/websocket.ts';

/** Vite's client is 60 KB before its imports are rewritten. */
const MAX_CLIENT_BYTES = 512 * 1024;

/** How long a WebSocket may take to open. Vite gives no answer to a WebSocket that it does not know. */
const OPEN_MS = 5_000;

/** The longest WebSocket address that is read from the client script. */
const MAX_URL_CHARS = 2_048;

/** What Vite writes into its client script, in Vite 4 to 8. */
const PROTOCOL = /\bsocketProtocol = (?:"(wss?)"|null)/;
const PORT = /\bhmrPort = (?:(\d{1,5})|null)/;
const HOST =
  /\bsocketHost = `\$\{(?:"([^"]*)"|null) \|\| importMetaUrl\.hostname\}:\$\{hmrPort \|\| importMetaUrl\.port\}\$\{"([^"]*)"\}`/;
const DIRECT_HOST = /\bdirectSocketHost = "([^"]*)"/;

/**
 * Opens the WebSocket of hot reload as a browser does, with the subprotocol of the ping of Vite's own client.
 * Undefined: it opens, or nothing is known. No restart fixes a failure here, because the server itself works.
 */
export async function checkHotReload(
  target: ViteTarget,
  base: string,
  context: ProbeContext,
): Promise<Outcome | undefined> {
  let failed: Outcome | undefined;
  for (const socket of await hotReloadSockets(target, base, context)) {
    // A browser tries the second one where the first fails.
    const outcome = await openWithin(socket, context);
    if (outcome.kind !== 'fail' || context.signal.aborted) return undefined;
    failed ??= { ...outcome, class: 'misconfig', detail: explain(socket.url, outcome.detail) };
  }
  return failed;
}

/** Where the WebSocket of hot reload may be opened, and with which headers. */
interface HotReloadSocket {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly origin: HttpOrigin;
}

/** Where a browser would open it, in its order. */
export async function hotReloadSockets(
  target: ViteTarget,
  base: string,
  context: ProbeContext,
): Promise<readonly HotReloadSocket[]> {
  const { url: own, options, headersWith } = target;
  const page = new URL(own);
  page.pathname = base;
  return hotReloadUrls(await readClient(target, base, context), page).map((url) => ({
    url,
    headers: url.host === own.host ? headersWith({}) : {},
    // Another host has addresses of its own.
    origin: originOf(url, url.hostname === own.hostname ? options : tlsOf(options)),
  }));
}

/** The WebSocket addresses of a page from `page`, by the client script. */
export function hotReloadUrls(client: string, page: URL): readonly URL[] {
  const scheme = PROTOCOL.exec(client)?.[1] ?? (page.protocol === 'https:' ? 'wss' : 'ws');
  const port = PORT.exec(client)?.[1];
  const [, host = page.hostname, path = page.pathname] = HOST.exec(client) ?? [];
  const direct = port === undefined ? DIRECT_HOST.exec(client)?.[1] : undefined;
  const places = [`${host}:${port ?? page.port}${path}`, ...(direct === undefined ? [] : [direct])];
  const urls = places.map((place) => `${scheme}://${place}`).filter(isAddress);
  return [...new Set(urls)].map((url) => new URL(url));
}

/** True for a usable address. Vite never writes a login into it. */
function isAddress(url: string): boolean {
  return url.length <= MAX_URL_CHARS && !url.includes('@') && URL.canParse(url);
}

/** The client script; empty where it cannot be read, and then the base is used. */
async function readClient(
  { origin, headersWith }: ViteTarget,
  base: string,
  context: ProbeContext,
): Promise<string> {
  const path = `${base}@vite/client`;
  const headers = headersWith({ accept: '*/*', 'sec-fetch-dest': 'script' });
  const request = { method: 'GET', path, headers, maxBodyBytes: MAX_CLIENT_BYTES };
  const reply = await askHttp(origin, { ...request, useBody: () => 'keep' }, context);
  return reply.kind === 'answer' ? reply.answer.body.toString('utf8') : '';
}

async function openWithin(
  { url, headers, origin }: HotReloadSocket,
  context: ProbeContext,
): Promise<Outcome> {
  const signal = new LightAbortController();
  const end = (): void => signal.abort();
  const timer = setTimeout(end, OPEN_MS);
  context.signal.addEventListener('abort', end, { once: true });
  if (context.signal.aborted) end();
  const timeoutMs = Math.min(OPEN_MS, context.timeoutMs);
  const spec = { url, headers, protocol: 'vite-ping', send: undefined, expect: undefined };
  try {
    return await askWebSocket(origin, spec, { ...context, signal, timeoutMs });
  } finally {
    clearTimeout(timer);
    context.signal.removeEventListener('abort', end);
  }
}

/** The TLS settings, without `addresses`: another host has its own. */
function tlsOf({ tls }: ViteTarget['options']): Pick<ViteTarget['options'], 'tls'> {
  return tls === undefined ? {} : { tls };
}

function explain(url: URL, detail: string): string {
  return `hot reload does not reach the browser: ${url.host}: ${detail}: see \`server.hmr\``;
}
