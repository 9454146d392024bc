import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseJournalLine, type IncidentRecord } from '../../src/store/journal-line.ts';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { portOf, smallServer } from '../support/small-server.ts';
import { until } from '../support/until.ts';

const PERIOD = '100ms';
const BLOCK = { period: PERIOD, fastPeriod: PERIOD, startupPeriod: PERIOD, timeout: '300ms' };

/** Asks every 50 ms from outside, each time over a new connection, and adds up when nobody answered. */
class Prober {
  readonly #port: number;
  readonly #stopping = new AbortController();
  #downMs = 0;
  #downSince: number | null = null;
  #loop: Promise<void> | null = null;

  constructor(port: number) {
    this.#port = port;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<number> {
    this.#stopping.abort();
    await this.#loop;
    return this.#downMs;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const askedAt = performance.now();
      const isUp = await this.#ask();
      if (!isUp) this.#downSince ??= askedAt;
      if (isUp && this.#downSince !== null) {
        this.#downMs += performance.now() - this.#downSince;
        this.#downSince = null;
      }
      await sleep(Math.max(0, 50 - (performance.now() - askedAt)));
    }
  }

  #ask(): Promise<boolean> {
    return new Promise((resolve) => {
      const request = get({ port: this.#port, host: '127.0.0.1', agent: false, timeout: 50 });
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      request.on('timeout', () => request.destroy());
      request.on('error', () => resolve(false));
    });
  }
}

describe('what is remembered of outages', () => {
  let sandbox: Pm2Sandbox;
  let prober: Prober;

  before(async () => {
    sandbox = await Pm2Sandbox.create();
    const app = await smallServer(sandbox, 'web', BLOCK);
    prober = new Prober(portOf(app));
    await sandbox.start(app);
    await sandbox.startMonitor();
    await sandbox.reaches('web', 'healthy');
  });

  after(async () => {
    await prober.stop();
    await sandbox.destroy();
  });

  async function pid(): Promise<number> {
    return (await sandbox.app('web')).pid;
  }

  /** Waits for another process to answer well. */
  async function isMended(old: number): Promise<void> {
    await until('it is mended', async () => {
      const { state, pid: now } = await sandbox.target('web');
      return state === 'healthy' && now !== old;
    });
    await sleep(500);
  }

  /** The whole records of the incidents that are over. */
  function records(): IncidentRecord[] {
    const text = readFileSync(join(sandbox.home, 'pm2-liveness', 'incidents.jsonl'), 'utf8');
    const lines = text.split('\n').map(parseJournalLine);
    return lines.flatMap((line) => (line?.event === 'resolved' ? (line.record ?? []) : []));
  }

  test('the downtime over a series of outages is what an outside prober sees, within a second', async (t) => {
    const { downMs: before } = (await sandbox.target('web')).uptime['1h'];
    prober.start();
    await sleep(500);
    for (const signal of ['SIGKILL', 'SIGSTOP', 'SIGKILL', 'SIGSTOP', 'SIGSTOP'] as const) {
      const old = await pid();
      process.kill(old, signal);
      await isMended(old);
    }
    const seenMs = await prober.stop();
    const { uptime } = await sandbox.target('web');
    const { downMs, observedMs, availability, incidents, restarts } = uptime['1h'];
    const measuredMs = downMs - before;
    t.diagnostic(
      `${Math.round(measuredMs)} ms measured, ${Math.round(seenMs)} ms seen from outside`,
    );
    assert.ok(seenMs > 5_000, `${seenMs} ms of outages`);
    assert.ok(
      // Ten changes, each seen up to 50 ms late by the prober and half a probe late by us.
      Math.abs(measuredMs - seenMs) < 1_000,
      `${measuredMs} ms, but ${seenMs} ms from outside`,
    );
    assert.equal(availability, (observedMs - downMs) / observedMs);
    assert.deepEqual([incidents, restarts], [3, 3]);
    assert.deepEqual(uptime['7d'].incidents, 3);
  });

  test('the journal has each incident with what was done and for how long it was down', async () => {
    const all = await until('three are written', () => {
      const found = records();
      return found.length === 3 ? found : null;
    });
    let sumMs = 0;
    for (const record of all) {
      assert.equal(record.class, 'timeout');
      assert.equal(record.end, 'recovered');
      assert.deepEqual(
        record.actions.map(({ method, result }) => [method, result]),
        [['restart', 'done']],
      );
      sumMs += record.downtimeMs ?? 0;
    }
    const { meanTimeToRecoverMs, downMs } = (await sandbox.target('web')).uptime['1h'];
    assert.ok(Math.abs((meanTimeToRecoverMs ?? 0) - sumMs / 3) < 2);
    assert.ok(sumMs < downMs);
  });

  test('after kill -9 of the monitor it is the same, except the time that nobody watched', async () => {
    const before = (await sandbox.target('web')).uptime['1h'];
    const { pid: monitor } = await sandbox.app('pm2-liveness');
    process.kill(monitor, 'SIGKILL');
    await until('another monitor watches', async () => {
      const status = await sandbox.status();
      return status !== null && status.monitor.pid !== monitor && status.targets.length === 1;
    });
    const { state } = await sandbox.reaches('web', 'healthy');
    assert.equal(state, 'healthy');
    const { downMs, observedMs, incidents, restarts } = (await sandbox.target('web')).uptime['1h'];
    assert.deepEqual([incidents, restarts], [before.incidents, before.restarts]);
    assert.ok(Math.abs(downMs - before.downMs) < 500, `${downMs} ms after ${before.downMs} ms`);
    assert.ok(observedMs > before.downMs);
  });

  test('an incident that outlives its monitor is one incident', async () => {
    const old = await pid();
    process.kill(old, 'SIGSTOP');
    await until('it is seen', async () => (await sandbox.target('web')).incident !== null, {
      everyMs: 10,
    });
    process.kill((await sandbox.app('pm2-liveness')).pid, 'SIGKILL');
    await isMended(old);
    const record = await until('it is written', () => records().at(3));
    assert.equal(record.end, 'recovered');
    assert.ok(records().length === 4);
  });
});
