import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { LeaderSession } from '../src/leader-session.ts';
import type { ManagedProcess } from '../src/pm2/process.ts';
import { createOsReader } from '../src/os/create-reader.ts';
import { Metrics } from '../src/report/metrics.ts';
import { parseDocument } from '../src/store/document.ts';
import { updateWatched, withWatched } from '../src/store/watched-file.ts';
import { systemClock as clock } from '../src/time/clock.ts';
import { FakePm2, managed } from './support/fake-pm2.ts';
import { until } from './support/until.ts';

const reader = createOsReader(process.platform, { clock });

describe('a leader session', () => {
  let root: string;
  let count = 0;
  let running: LeaderSession | null = null;

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'pl-term-'));
  });

  afterEach(async () => {
    await running?.abandon();
    running = null;
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  /** Nothing listens on port 1, so that it is soon to be restarted. */
  function down(): ManagedProcess {
    const fast = { period: '100ms', fastPeriod: '50ms', startupPeriod: '50ms' };
    return managed({
      name: 'web',
      startedAt: clock.wall() - 60_000,
      block: { tcp: '127.0.0.1:1', ...fast, startupTimeout: '100ms', failureThreshold: 2 },
    });
  }

  async function begin(
    pm2: FakePm2,
    { home = join(root, String((count += 1))), check = async () => true } = {},
  ): Promise<{ session: LeaderSession; home: string; lines: string[] }> {
    const lines: string[] = [];
    const log = { line: (_: string, message: string) => void lines.push(message) };
    const io = { metric: () => undefined, action: () => undefined };
    const metrics = new Metrics(io, clock, () => running?.views() ?? []);
    running = await LeaderSession.start({
      clock,
      pm2,
      random: () => 0.5,
      overrides: {},
      ownPmId: 99,
      reader,
      pm2Home: home,
      ownPid: process.pid,
      lock: { check },
      isPsMissing: async () => false,
      log,
      metrics,
    });
    return { session: running, home, lines };
  }

  function restartsOnDisk(home: string): number {
    const document = parseDocument(readFileSync(join(home, 'pm2-liveness', 'state.json'), 'utf8'));
    assert.ok(typeof document !== 'string', JSON.stringify(document));
    return document.apps['0:web']?.restarts.length ?? 0;
  }

  test('has a restart on disk before PM2 gets the call', async () => {
    const pm2 = new FakePm2();
    pm2.processes = [down()];
    let seen = 0;
    let home = '';
    pm2.during = () => {
      seen = restartsOnDisk(home);
    };
    ({ home } = await begin(pm2));
    await until('it is restarted', () => pm2.calls.includes('restart 0'));
    assert.equal(seen, 1);
  });

  test('continues where the last one ended', async () => {
    const pm2 = new FakePm2();
    pm2.processes = [down()];
    const { session, home } = await begin(pm2);
    await until('it is restarted', () => pm2.calls.includes('restart 0'));
    await until('it is done', () => session.views()[0]?.restartsTotal === 1);
    await session.stop();
    const next = await begin(pm2, { home });
    await until('it is known', () => next.session.views()[0]);
    assert.equal(next.session.views()[0]?.verdict.memory.budget.length, 1);
    assert.deepEqual(next.session.history(), { isKept: true, why: null });
    const worker = await until('it has a worker', () => next.session.workersOf('web')[0]);
    await next.session.command(worker, 'reset');
    assert.equal(restartsOnDisk(home), 0);
  });

  test('watches by watched.json what has no block, and drops it when it is taken out', async () => {
    const pm2 = new FakePm2();
    const { block, ...bare } = down();
    pm2.processes = [
      { ...bare, block: undefined },
      managed({ pmId: 1, name: 'api', block: undefined }),
    ];
    const { session, home } = await begin(pm2);
    const dir = join(home, 'pm2-liveness');
    await until('it is known', () => session.facts().unwatched.length === 2);
    await updateWatched(dir, (document) => withWatched(document, 'web', block));
    await until('it is restarted', () => pm2.calls.includes('restart 0'));
    assert.equal(session.views()[0]?.config.blockFrom, 'watched.json');
    assert.deepEqual(session.facts().unwatched, ['api']);
    await session.stop();
    const next = await begin(pm2, { home });
    await until('the next one watches it too', () => next.session.views()[0]);
    await updateWatched(dir, (document) => withWatched(document, 'web', undefined));
    await until('nobody watches it', () => next.session.views().length === 0);
    assert.deepEqual(next.session.facts().unwatched, ['api', 'web']);
    const lines = next.lines.join('\n');
    assert.match(lines, /web: no longer watched: no block is in force for it/);
    assert.match(lines, /web: incident over \(unwatched\)/);
    assert.doesNotMatch(lines, /deleted/);
  });

  test('says once that a block of watched.json is bad, and where it is', async () => {
    const pm2 = new FakePm2();
    pm2.processes = [managed({ block: undefined })];
    const home = join(root, 'bad-block');
    const bad = { http: 'x', tcp: 5 };
    await updateWatched(join(home, 'pm2-liveness'), (document) =>
      withWatched(document, 'web', bad),
    );
    const { session, lines } = await begin(pm2, { home });
    await until('it is said', () => session.misconfigured().length === 1);
    assert.match(lines.join('\n'), /^web: 3 problems in its settings in watched\.json\n/);
  });

  test('restarts nothing when the lock is lost, and charges nothing', async () => {
    const pm2 = new FakePm2();
    pm2.processes = [down()];
    const { session, lines } = await begin(pm2, { check: async () => false });
    await until('it is told', () =>
      lines.some((line) => line.includes('the lock on this PM2_HOME')),
    );
    assert.deepEqual(pm2.calls, []);
    await until('it is taken back', () => session.views()[0]?.verdict.memory.budget.length === 0);
  });

  test('has a pause on disk when it is answered, also one that is only made longer', async () => {
    const pm2 = new FakePm2();
    pm2.processes = [down()];
    const { session, home } = await begin(pm2);
    const worker = await until('it is known', () => session.workersOf('web')[0]);
    const pauseOnDisk = (): number => {
      const document = parseDocument(
        readFileSync(join(home, 'pm2-liveness', 'state.json'), 'utf8'),
      );
      return typeof document === 'string' ? 0 : (document.apps['0:web']?.pause?.until ?? 0);
    };
    await session.command(worker, 'pause', 60_000);
    const first = pauseOnDisk();
    assert.ok(first > clock.wall());
    await session.command(worker, 'pause', 120_000);
    assert.ok(pauseOnDisk() > first + 30_000);
    await session.command(worker, 'resume');
    assert.equal(pauseOnDisk(), 0);
  });
});
