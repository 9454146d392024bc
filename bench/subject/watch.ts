import { setTimeout as sleep } from 'node:timers/promises';
import { LeaderSession } from '../../dist/leader-session.js';
import { createOsReader } from '../../dist/os/create-reader.js';
import { Pm2Connection } from '../../dist/pm2/client.js';
import { createIo } from '../../dist/pm2/io.js';
import { Metrics } from '../../dist/report/metrics.js';
import { statusDocument } from '../../dist/report/status.js';
import type { LeaderSessionDeps } from '../../dist/leader-session-deps.js';
import type { Clock } from '../../dist/time/clock.js';
import { FakePm2, managed } from '../../test/support/fake-pm2.ts';
import type { Subject } from './measure.ts';

/** What is counted while a subject runs. */
export interface Tally {
  probes: number;
  /** Of PM2's own list. */
  polls: number;
  /** By pm_id. */
  dueAt: Record<string, number>;
}

/**
 * Runs the shipped monitor over a list of apps. Resolves when all have answered, with the function that stops
 * it.
 */
export async function watch(
  subject: Subject,
  clock: Clock,
  tally: Tally,
): Promise<() => Promise<void>> {
  const pm2Home = process.env['PM2_HOME'] ?? '';
  let session: LeaderSession | null = null;
  const views = (): ReturnType<LeaderSession['views']> => session?.views() ?? [];
  session = await LeaderSession.start({
    clock,
    pm2:
      subject.pm2Home === undefined
        ? made(subject, pm2Home)
        : await connected(subject.pm2Home, tally),
    random: () => Math.random(),
    overrides: {},
    ownPmId: null,
    reader: createOsReader(process.platform, { clock }),
    pm2Home,
    ownPid: process.pid,
    lock: { check: async () => true },
    isPsMissing: async () => false,
    log: {
      line: (_level, _message, fields = {}) => {
        if (fields['event'] === 'withheld') tally.dueAt[String(fields['pmId'])] ??= Date.now();
      },
    },
    ...(subject.httpPort === undefined ? {} : listening(subject.httpPort, clock)),
    metrics: counting(new Metrics(createIo(), clock, views), tally),
  });
  await answered(session, subject.asked.length);
  return async () => session.stop();
}

/** A listener whose scrapes show all targets. */
function listening(port: number, clock: Clock): Pick<LeaderSessionDeps, 'listener'> {
  const version = '0.0.0';
  const facts = { version, pid: process.pid, beganAt: clock.now(), problems: [], leading: null };
  return {
    listener: {
      address: { host: '127.0.0.1', port },
      token: null,
      version,
      status: () => statusDocument(facts, [], [], clock),
      host: () => ({ daemonBytes: null, listMs: null, freeBytes: null, isSavedListStale: false }),
    },
  };
}

/** A made-up PM2: all its apps have the process that serves the ports. */
function made({ asked, serverPid, periodMs, isObserved = false }: Subject, cwd: string): FakePm2 {
  const pm2 = new FakePm2();
  const startedAt = Date.now() - 3_600_000;
  // A short start, because each begins a sample later than the one before.
  const pace = { period: `${periodMs}ms`, startupPeriod: '100ms' };
  const action = isObserved ? 'observe' : 'restart';
  pm2.processes = asked.map((probe, pmId) =>
    managed({
      pmId,
      name: `app-${pmId}`,
      pid: serverPid,
      startedAt,
      cwd,
      // One process for all of them, which no real app has, so the owner of a port is not checked.
      block: { ...pace, action, portOwner: 'any', ...probe },
    }),
  );
  return pm2;
}

async function connected(pm2Home: string, tally: Tally): Promise<Pm2Connection> {
  const pm2 = new Pm2Connection(pm2Home);
  const list = pm2.list.bind(pm2);
  pm2.list = () => {
    tally.polls += 1;
    return list();
  };
  await pm2.connect();
  return pm2;
}

/** The shipped metrics, which count every good answer. */
function counting(metrics: Metrics, tally: Tally): Metrics {
  const measure = metrics.measure.bind(metrics);
  metrics.measure = (durationMs) => {
    tally.probes += 1;
    measure(durationMs);
  };
  return metrics;
}

/** Resolves when every target has answered once; later than this the core is full, and it is measured so. */
async function answered(session: LeaderSession, wanted: number): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    if (session.views().filter(({ last }) => last?.kind === 'ok').length === wanted) return;
    await sleep(100);
  }
  if (session.views().length < wanted)
    throw new Error('not every target was taken in within a minute');
}
