import type { ListenAddress } from '../config/listen-address.ts';
import type { SecretText } from '../config/secrets/secret-text.ts';
import type { Log } from '../report/log.ts';
import type { DiskQueue } from '../time/disk-queue.ts';
import type { ListenerFacts } from './facts.ts';
import { hideInStatus } from './hide-in-status.ts';
import { IncidentReader } from './incident-reader.ts';
import { keptFor } from './kept-for.ts';
import { ListenerSession } from './listener-session.ts';
import type { Format } from './metrics/exposition.ts';
import { openRoutes } from './routes.ts';

/** What it takes to let others look. */
export interface OpenListenerDeps extends Omit<ListenerFacts, 'incidents'> {
  readonly address: ListenAddress;
  readonly token: SecretText | null;
  readonly log: Log;
  /** PM2_HOME/pm2-liveness. */
  readonly dir: string;
  readonly disk: DiskQueue;
}

/** A document that is younger is used again: a hundred apps take milliseconds to describe. */
const FRESH_MS = 200;

/** Nobody scrapes more often than once a second, and a hundred apps take ten milliseconds to write. */
const SCRAPE_MS = 900;

/** Makes the listener with all its routes, and starts it. */
export function openListener(deps: OpenListenerDeps): ListenerSession {
  const { address, token, log, clock } = deps;
  const keptMetrics = (format: Format): (() => string) =>
    keptFor(SCRAPE_MS, clock, () => deps.metrics(format));
  const incidents = new IncidentReader(deps);
  const status = keptFor(FRESH_MS, clock, () => hideInStatus(deps.status()));
  const texts = { text: keptMetrics('text'), openmetrics: keptMetrics('openmetrics') };
  const metrics = (format: Format): string => texts[format]();
  const facts = { ...deps, status, metrics, incidents: () => incidents.read() };
  const onBug = (error: unknown): void => session.noteBug(error);
  const opened = openRoutes(facts, onBug);
  const session: ListenerSession = new ListenerSession({ address, token, log, clock, ...opened });
  session.start();
  return session;
}
