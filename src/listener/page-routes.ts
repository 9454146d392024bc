import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HistoryReader } from '../history/series/history.ts';
import { readAssets, type Asset } from '../page/assets.ts';
import { indexIncidents } from '../page/incidents.ts';
import { LivePages } from '../page/live-pages.ts';
import { SPANS, type PageFacts, type PageName } from '../page/page-facts.ts';
import { etagOf } from './etag.ts';
import type { ListenerFacts } from './facts.ts';
import {
  textAnswer,
  type Answer,
  type EventStream,
  type ListenerRequest,
  type ListenerRoutes,
} from './route.ts';

/** The status page, and what it needs to end with the listener. */
interface PageRoutes {
  readonly routes: ListenerRoutes;
  close(): Promise<void>;
}

/** `/`, `/app/<name>`, their files, and the events that keep them live. `onBug` takes over what a look threw. */
export function pageRoutes(facts: ListenerFacts, onBug: (error: unknown) => void): PageRoutes {
  const { version } = facts.status().monitor;
  const pages = new LivePages({ clock: facts.clock, version, facts: factsReader(facts), onBug });
  let assets: Promise<ReadonlyMap<string, Asset>> | null = null;
  const assetOf = async (name: string): Promise<Answer> => {
    assets ??= readAssets();
    const loading = assets;
    // Not kept: the next one asks the disk again.
    loading.catch(() => (assets = null));
    const asset = (await loading).get(name);
    if (asset === undefined) return textAnswer(404, 'There is no such file.');
    return { status: 200, type: asset.type, body: asset.body, etag: etagOf(asset.body) };
  };
  const page = (asked: ListenerRequest): Promise<Answer> => pageAnswer(pages, asked);
  const routes: ListenerRoutes = new Map<
    string,
    (asked: ListenerRequest) => Promise<Answer> | EventStream
  >([
    ['/', page],
    ['/app/', page],
    ['/app/*', page],
    ['/events', (asked) => eventsAnswer(pages, asked, onBug)],
    ['/assets/*', ({ name }) => assetOf(name)],
  ]);
  return { routes, close: () => pages.close() };
}

/** Texts shorter than this are not worth the work. */
const LEAST_GZIPPED = 4_096;

const gzipped = promisify(gzip);

async function pageAnswer(pages: LivePages, asked: ListenerRequest): Promise<Answer> {
  const { text, isFound } = await pages.page(pageOf(asked));
  const answer = { status: isFound ? 200 : 404, type: 'text/html; charset=utf-8' };
  const headers = { vary: 'accept-encoding' };
  if (text.length < LEAST_GZIPPED || !/\bgzip\b/.test(asked.acceptEncoding)) {
    return { ...answer, body: text, headers };
  }
  const body = await gzipped(text, { level: 4 });
  return { ...answer, body, headers: { ...headers, 'content-encoding': 'gzip' } };
}

function eventsAnswer(
  pages: LivePages,
  { query }: ListenerRequest,
  onBug: (error: unknown) => void,
): EventStream {
  const app = query.get('app');
  const page = app === null ? homeOf(query) : appOf(app, query);
  return {
    open: (client) => {
      pages.follow(client, page, query.get('rev') ?? '').catch((error: unknown) => {
        onBug(error);
        client.close();
      });
    },
  };
}

/** Which page a request is for. */
function pageOf({ path, name, query }: ListenerRequest): PageName {
  if (path === '/') return homeOf(query);
  return appOf(name === '' ? (query.get('name') ?? '') : name, query);
}

function homeOf(query: URLSearchParams): PageName {
  return { kind: 'home', span: SPANS.find((span) => span === query.get('span')) ?? '24h' };
}

function appOf(name: string, query: URLSearchParams): PageName {
  const instance = query.get('instance') ?? '0';
  return { kind: 'app', name, instance: /^\d{1,6}$/.test(instance) ? Number(instance) : 0 };
}

const NO_HISTORY: HistoryReader = { names: () => [], of: () => null };

/** Reads what pages show. The incidents are indexed only when the journal has changed. */
function factsReader(facts: ListenerFacts): () => Promise<PageFacts> {
  let known = indexIncidents([]);
  return async () => {
    const incidents = await facts.incidents();
    if (known.all !== incidents) known = indexIncidents(incidents);
    const history = facts.history ?? NO_HISTORY;
    return { at: facts.clock.wall(), status: facts.status(), history, incidents: known };
  };
}
