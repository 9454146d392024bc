import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { BoundedFiles } from '../../../src/os/bounded-files.ts';
import { readBlock, type TargetConfig } from '../../../src/config/target-config.ts';
import { Diagnoser, type Diagnosis } from '../../../src/diagnosis/diagnose.ts';
import { Gate } from '../../../src/monitor/gate.ts';
import { RestartSlot } from '../../../src/monitor/restart-slot.ts';
import { SelfCheck } from '../../../src/monitor/self-check.ts';
import { Worker } from '../../../src/monitor/worker/worker.ts';
import { createOsReader } from '../../../src/os/create-reader.ts';
import { UNHEARD } from '../../../src/probe/heartbeat.ts';
import type { Sample } from '../../../src/probe/probe.ts';
import { observationOf, type Observation } from '../../../src/target/observation.ts';
import { isDraining } from '../../../src/verdict/drain.ts';
import { systemClock as clock } from '../../../src/time/clock.ts';
import { managed } from '../../support/fake-pm2.ts';
import { noAppFiles } from '../../support/no-app-files.ts';
import { until } from '../../support/until.ts';

/** Finds that the app needs too much memory, with every answer but the first. */
class Hungry extends Diagnoser {
  #isFirst = true;

  constructor() {
    super({
      reader: createOsReader('aix'),
      clock,
      pm2Home: '/nowhere',
      isInspector: async () => false,
      files: new BoundedFiles(clock),
      ownPid: process.pid,
      pm2Pids: () => [],
      instances: () => [],
    });
  }

  override takeGood(): null {
    return null;
  }

  override async diagnose(
    app: Observation,
    config: TargetConfig,
    sample: Sample,
  ): Promise<Diagnosis> {
    const plain = await super.diagnose(app, config, sample);
    if (this.#isFirst) {
      this.#isFirst = false;
      return plain;
    }
    const { at, durationMs } = sample;
    const detail = 'its processes use 2 GB';
    return {
      ...plain,
      sample: { kind: 'fail', class: 'memory', detail, at, durationMs },
    };
  }
}

describe('a worker whose restart drains', () => {
  let server: Server;
  let worker: Worker;
  let orders = 0;

  before(async () => {
    server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
  });

  after(() => {
    server.close();
  });

  afterEach(() => worker.stop());

  function configOf(more: object = {}): TargetConfig {
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const block = {
      tcp: `127.0.0.1:${address.port}`,
      period: '100ms',
      fastPeriod: '50ms',
      startupPeriod: '50ms',
      startupTimeout: '100ms',
      drain: '60s',
    };
    const read = readBlock({ ...block, ...more }, {});
    assert.ok(read.ok);
    return read.config;
  }

  /** A worker whose app drains for `drain`. */
  async function draining(drain = '60s'): Promise<RestartSlot> {
    orders = 0;
    const slot = new RestartSlot();
    const app = observationOf(managed({ startedAt: clock.wall() - 60_000 }), clock);
    worker = new Worker(app, configOf({ drain }), {
      clock,
      random: () => 0.5,
      selfCheck: new SelfCheck(clock),
      gate: new Gate(() => clock.now()),
      slot,
      dependencies: { holdFor: () => null, statusOf: () => [] },
      appPids: () => [],
      heldUntil: () => Number.NEGATIVE_INFINITY,
      heartbeatOf: () => UNHEARD,
      runAs: async () => ({ kind: 'unknown', reason: 'no test runs a command' }),
      needOf: () => 'unknown',
      createDiagnoser: () => new Hungry(),
      files: { mark: async () => null, text: async () => null },
      createAppFiles: noAppFiles,
      restore: () => null,
      execute: async () => {
        orders += 1;
        return { result: 'done', detail: '' };
      },
      emit: (event) => {
        if (event.type === 'bug') assert.fail(String(event.error));
      },
    });
    worker.start();
    await until('the drain', () => isDraining(worker.verdict.state), { everyMs: 5 });
    return slot;
  }

  function isUncharged(): void {
    assert.deepEqual(
      [worker.verdict.memory.budget, worker.view().restartsTotal, orders],
      [[], 0, 0],
    );
  }

  test('restarts it at the end of the drain, without another event', async () => {
    await draining('300ms');
    isUncharged();
    await until('the restart', () => orders === 1, { everyMs: 10 });
    assert.equal(worker.verdict.memory.budget.length, 1);
  });

  test('lets other apps be restarted meanwhile, and none of them drain', async () => {
    const slot = await draining();
    assert.equal(slot.freeAt(), Number.NEGATIVE_INFINITY);
    assert.ok(slot.drainFreeAt() > clock.now() + 30_000);
  });

  test('does not drain on where the operator pauses the app', async () => {
    await draining();
    worker.command('pause');
    assert.equal(worker.verdict.state.name, 'paused');
    isUncharged();
  });

  test('asks at once by new settings, which may allow no restart', async () => {
    await draining();
    worker.configure(configOf({ action: 'observe', period: '1h', fastPeriod: '1h' }));
    await until('the end', () => !isDraining(worker.verdict.state), { everyMs: 10 });
    assert.equal(worker.verdict.state.name, 'failing');
    isUncharged();
  });

  test('holds up no stop of the monitor, and leaves no restart behind', async () => {
    await draining('300ms');
    await worker.stop();
    isUncharged();
    await until('the end of the drain', () => clock.now() > worker.verdict.at + 600);
    isUncharged();
  });
});
