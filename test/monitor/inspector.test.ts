import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBlock, type TargetConfig } from '../../src/config/target-config.ts';
import { endpointOf } from '../../src/monitor/endpoint.ts';
import type { Instance } from '../../src/monitor/inspection.ts';
import { Inspector } from '../../src/monitor/inspector.ts';
import { observationOf } from '../../src/monitor/observation.ts';
import type { Listener, OsReader, ProcessFacts } from '../../src/os/os-reader.ts';
import { SharedReader } from '../../src/os/shared-reader.ts';
import type { Sample } from '../../src/probe/probe.ts';
import type { Clock } from '../../src/time/clock.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { managed } from '../support/fake-pm2.ts';
import { until } from '../support/until.ts';

const APP = observationOf(managed({ pid: 100 }), new FakeClock());
const OK: Sample = { kind: 'ok', detail: '200', at: 1, durationMs: 1 };
const TIMEOUT: Sample = {
  kind: 'fail',
  class: 'timeout',
  detail: 'no answer',
  at: 1,
  durationMs: 1,
};
const REFUSED: Sample = { kind: 'fail', class: 'refused', detail: 'refused', at: 1, durationMs: 1 };

function configOf(block: Record<string, unknown> = {}): TargetConfig {
  const read = readBlock({ http: 'http://127.0.0.1:3000/', ...block }, {});
  assert.ok(read.ok);
  return read.config;
}

function process(pid: number, fields: Partial<ProcessFacts> = {}): ProcessFacts {
  return {
    pid,
    ppid: 1,
    birth: `b${pid}`,
    uid: 0,
    startedAtMs: 1_000,
    cpuMs: 0,
    rssBytes: 1_000_000,
    state: 'sleeping',
    tracerPid: 0,
    command: `command ${pid}`,
    ...fields,
  };
}

/** A stranger who was there before the app. */
const OLD = process(7, { startedAtMs: 500 });

/** Of the clock that moves by itself. */
let time = 0;

/** A system with these processes and listeners. */
function system(
  processes: ProcessFacts[] | null,
  listeners: Listener[] | null = [],
): OsReader & { looks: number } {
  const reader = {
    looks: 0,
    listeners: async (port: number) => {
      reader.looks += 1;
      return listeners?.filter((each) => each.port === port) ?? null;
    },
    listenersOf: async (pids: readonly number[]) =>
      listeners?.filter((each) => each.pids?.some((pid) => pids.includes(pid))) ?? null,
    processes: async () => processes && new Map(processes.map((each) => [each.pid, each])),
    connectedAt: async () => [],
    mainThread: async () => null,
    markers: async () => null,
    births: async () => new Map<number, string>(),
  };
  return reader;
}

function at(address: string, pid: number, port = 3_000): Listener {
  return { address, port, pids: [pid] };
}

function inspector(
  reader: OsReader,
  instances: readonly Instance[] = [],
  clock: Clock = { now: () => (time += 1_000), wall: () => 0, sleep: async () => undefined },
): Inspector {
  return new Inspector({
    reader,
    clock,
    pm2Home: '/nowhere',
    ownPid: 1_000,
    pm2Pids: () => [100],
    instances: () => instances,
    isInspector: async () => false,
  });
}

describe('an answer', () => {
  test('of the app itself is an answer, and is not looked into again in this life', async () => {
    const reader = system([process(100), process(101, { ppid: 100 })], [at('127.0.0.1', 101)]);
    const looking = inspector(reader);
    assert.equal((await looking.inspect(APP, configOf(), OK)).sample, OK);
    await looking.inspect(APP, configOf(), OK);
    assert.equal(reader.looks, 1);
    await looking.inspect({ ...APP, incarnation: 'another' }, configOf(), OK);
    assert.equal(reader.looks, 2);
  });

  test('of a stranger is no health: he is named', async () => {
    const reader = system([process(100), OLD], [at('0.0.0.0', 7)]);
    const { sample, orphan } = await inspector(reader).inspect(APP, configOf(), OK);
    assert.ok(sample.kind === 'fail' && sample.class === 'impostor');
    assert.match(sample.detail, /port 3000 is held by process 7 \(command 7\), which is not web/);
    assert.match(sample.detail, /; if it is to answer for the app, set portOwner: 'any'$/);
    assert.equal(orphan, null);
  });

  test('of whoever is meant to stand before the app counts, and nobody looks who it is', async () => {
    const reader = system([process(100), OLD], [at('0.0.0.0', 7)]);
    const looking = inspector(reader);
    const config = configOf({ portOwner: 'any' });
    for (const sample of [OK, REFUSED, OK]) {
      const inspected = await looking.inspect(APP, config, sample);
      assert.deepEqual([inspected.sample, inspected.orphan], [sample, null]);
    }
    assert.equal(await looking.findOrphan(APP, config), null);
    assert.equal(reader.looks, 0);
  });

  test('that came while the app’s process was gone is not counted', async () => {
    const reader = system([process(7)], [at('127.0.0.1', 7)]);
    assert.equal((await inspector(reader).inspect(APP, configOf(), OK)).sample.kind, 'unknown');
  });

  test('is taken as it is where the system cannot tell', async () => {
    for (const reader of [
      system(null, null),
      system([process(100)], [{ address: '127.0.0.1', port: 3_000, pids: null }]),
    ]) {
      assert.equal((await inspector(reader).inspect(APP, configOf(), OK)).sample, OK);
    }
  });

  test('to a command or a name is nobody’s port', async () => {
    const reader = system([process(100)], [at('127.0.0.1', 7)]);
    const config = configOf({ http: 'http://example.test/' });
    assert.equal((await inspector(reader).inspect(APP, config, OK)).sample, OK);
    assert.equal(reader.looks, 0);
    assert.equal(endpointOf({ type: 'exec', file: 'true', args: [], env: {} }), null);
    assert.deepEqual(endpointOf({ type: 'websocket', url: 'wss://127.0.0.1/live', headers: {} }), {
      port: 443,
      addresses: ['127.0.0.1'],
    });
    assert.equal(endpointOf({ type: 'tcp', host: 'example.test', port: 1 }), null);
    assert.deepEqual(endpointOf({ type: 'tcp', host: 'localhost', port: 1 }), {
      port: 1,
      addresses: ['127.0.0.1', '::1'],
    });
  });

  test('of an app in cluster mode comes over the daemon’s socket only there', async () => {
    const reader = system(
      [process(100, { ppid: 50 }), process(50, { startedAtMs: 500 })],
      [at('127.0.0.1', 50)],
    );
    const { sample } = await inspector(reader).inspect(APP, configOf(), OK);
    assert.ok(sample.kind === 'fail' && sample.class === 'impostor');
  });
});

describe('an answer that a review feared for', () => {
  test('at localhost is the app’s, whoever has the other address', async () => {
    const reader = system([process(100), process(7)], [at('127.0.0.1', 100), at('::1', 7)]);
    const config = configOf({ http: 'http://localhost:3000/' });
    assert.equal((await inspector(reader).inspect(APP, config, OK)).sample, OK);
  });

  test('of another instance of the app at the same port is the app’s', async () => {
    const reader = system([process(100), process(200, { startedAtMs: 500 })], [at('0.0.0.0', 200)]);
    const beside = [{ pmId: 1, pid: 200, cwd: '/app' }];
    assert.equal((await inspector(reader, beside).inspect(APP, configOf(), OK)).sample, OK);
    const elsewhere = [{ pmId: 1, pid: 200, cwd: '/other' }];
    const { sample } = await inspector(reader, elsewhere).inspect(APP, configOf(), OK);
    assert.equal(sample.kind, 'fail');
  });

  test('in cluster mode comes from the parent of the worker, known or not', async () => {
    const reader = system([process(100, { ppid: 50 }), process(50)], [at('127.0.0.1', 50)]);
    const worker = { ...APP, isCluster: true };
    assert.equal((await inspector(reader).inspect(worker, configOf(), OK)).sample, OK);
  });

  test('by way of a proxy that holds ports for others is taken as it is', async () => {
    for (const proxy of [
      process(7, { command: '/usr/bin/docker-proxy -proto tcp' }),
      process(7, { command: 'rootlessport' }),
    ]) {
      const reader = system([process(100), proxy], [at('0.0.0.0', 7)]);
      assert.equal((await inspector(reader).inspect(APP, configOf(), OK)).sample, OK);
    }
  });

  test('of a younger process whose environment nobody can read is no stranger’s for sure', async () => {
    const reader = system([process(100), process(7, { startedAtMs: 2_000 })], [at('127.0.0.1', 7)]);
    assert.equal((await inspector(reader).inspect(APP, configOf(), OK)).sample, OK);
  });
});

describe('no answer', () => {
  test('of an app that listens on the other address family says so', async () => {
    const reader = system([process(100)], [at('::1', 100)]);
    const { sample } = await inspector(reader).inspect(APP, configOf(), REFUSED);
    assert.ok(sample.kind === 'fail' && sample.class === 'misconfig');
    assert.match(sample.detail, /web listens on ::1 port 3000, not on 127.0.0.1/);
  });

  test('of an app that drifted to the next port says so, and stays what a restart can mend', async () => {
    const reader = system([process(100)], [at('127.0.0.1', 100, 3_001)]);
    const { sample } = await inspector(reader).inspect(APP, configOf(), REFUSED);
    assert.ok(sample.kind === 'fail' && sample.class === 'refused');
    assert.match(sample.detail, /^refused; web listens on port 3001, not on 3000/);
    const inspected = system([process(100)], [at('127.0.0.1', 100, 9_229)]);
    assert.equal((await inspector(inspected).inspect(APP, configOf(), REFUSED)).sample, REFUSED);
  });

  test('of an app that once answered where it is asked is no misconfiguration', async () => {
    const listeners = [at('127.0.0.1', 100)];
    const looking = inspector(system([process(100)], listeners));
    await looking.inspect(APP, configOf(), OK);
    listeners[0] = at('::1', 100);
    const { sample } = await looking.inspect(APP, configOf(), REFUSED);
    assert.ok(sample.kind === 'fail' && sample.class === 'refused');
  });

  const cases: [string, Partial<ProcessFacts>, Partial<ProcessFacts>, string][] = [
    ['of one that burned a core meanwhile', { cpuMs: 0 }, { cpuMs: 9_000 }, 'busy'],
    ['of one that did nothing', { cpuMs: 500 }, { cpuMs: 510 }, 'idle'],
    [
      'of one that is stopped, whatever it did before',
      { cpuMs: 0 },
      { cpuMs: 900, state: 'stopped' },
      'idle',
    ],
    [
      'of one that is starved on an overloaded machine',
      { cpuMs: 0, state: 'running' },
      { cpuMs: 300, state: 'running' },
      'busy',
    ],
    ['of one whose CPU time nobody knows', { cpuMs: null }, { cpuMs: null }, 'unknown'],
  ];
  for (const [what, earlier, later, load] of cases) {
    test(`${what}: ${load}`, async () => {
      const looks = [process(100, earlier), process(100, later)];
      const reader = system([process(100)], [at('127.0.0.1', 100)]);
      let look = 0;
      // The second look is that at the port.
      reader.processes = async () => new Map([[100, looks[look++ < 2 ? 0 : 1] ?? process(100)]]);
      const looking = inspector(reader);
      const first = await looking.inspect(APP, configOf(), TIMEOUT);
      assert.equal(first.load, 'unknown', 'one look is no measure');
      const seen = await looking.inspect(APP, configOf(), TIMEOUT);
      assert.equal(seen.load, load);
      assert.equal(seen.debugger, null);
    });
  }

  test('where the first is already the verdict, two looks are taken at once', async () => {
    const reader = system([process(100)], [at('127.0.0.1', 100)]);
    let cpuMs = 0;
    reader.processes = async () => new Map([[100, process(100, { cpuMs: (cpuMs += 9_000) })]]);
    const config = configOf({ failureThreshold: 1 });
    assert.equal((await inspector(reader).inspect(APP, config, TIMEOUT)).load, 'busy');
  });

  test('of one that somebody traces is a debugger’s doing', async () => {
    const reader = system(
      [process(100, { tracerPid: 4_242, state: 'traced' })],
      [at('127.0.0.1', 100)],
    );
    const { debugger: by } = await inspector(reader).inspect(APP, configOf(), TIMEOUT);
    assert.equal(by, 'a debugger is attached (process 4242)');
    assert.equal(await inspector(reader).debuggerOf(APP, configOf()), by);
  });
});

describe('memory', () => {
  test('of the whole tree counts, and only where a limit is set', async () => {
    const tree = [process(100, { rssBytes: 60e6 }), process(101, { ppid: 100, rssBytes: 60e6 })];
    const reader = system(tree, [at('127.0.0.1', 101)]);
    const looking = inspector(reader);
    await looking.inspect(APP, configOf(), OK);
    assert.equal((await looking.inspect(APP, configOf(), OK)).sample, OK);
    const small = configOf({ maxTreeMemory: '100M' });
    assert.equal((await looking.inspect(APP, small, OK)).sample, OK, 'a peak is no leak');
    const { sample } = await until(
      'half a minute is over',
      async () => {
        const seen = await looking.inspect(APP, small, OK);
        return seen.sample.kind === 'fail' ? seen : null;
      },
      { everyMs: 1 },
    );
    assert.ok(sample.kind === 'fail' && sample.class === 'memory');
    assert.equal(sample.detail, 'its processes use 114 MB, more than maxTreeMemory 100 MB');
    assert.equal((await looking.inspect(APP, configOf({ maxTreeMemory: '200M' }), OK)).sample, OK);
  });

  test('of two hundred apps is one look, and the next comes five seconds later', async () => {
    const apps = Array.from({ length: 200 }, (_, index) => index + 1);
    const clock = new FakeClock();
    let looks = 0;
    const plain = system([]);
    plain.processes = async () => {
      looks += 1;
      return new Map(apps.map((pid) => [pid, process(pid)]));
    };
    const reader = new SharedReader(plain, clock);
    const config = configOf({ maxTreeMemory: '100M', portOwner: 'any' });
    const watched = apps.map((pid) => ({
      app: observationOf(managed({ pmId: pid, pid }), new FakeClock()),
      looking: inspector(reader, [], clock),
    }));
    const round = (): Promise<unknown> =>
      Promise.all(watched.map(({ app, looking }) => looking.inspect(app, config, OK)));
    await round();
    for (let second = 0; second < 4; second += 1) {
      await round();
      await clock.pass(1_000);
    }
    assert.equal(looks, 1);
    await clock.pass(1_000);
    await round();
    assert.equal(looks, 2);
  });

  test('of two hundred apps that are silent is one look as well', async () => {
    const clock = new FakeClock();
    let looks = 0;
    const plain = system([], []);
    plain.processes = async () => {
      looks += 1;
      return new Map([[100, process(100)]]);
    };
    const reader = new SharedReader(plain, clock);
    for (let app = 0; app < 200; app += 1) {
      await inspector(reader, [], clock).inspect(APP, configOf(), TIMEOUT);
    }
    assert.equal(looks, 1);
  });

  test('of the last life says nothing of the next', async () => {
    const clock = new FakeClock();
    let rssBytes = 900e6;
    const reader = system([]);
    reader.processes = async () => new Map([[100, process(100, { rssBytes })]]);
    const config = configOf({ maxTreeMemory: '100M', portOwner: 'any' });
    const looking = inspector(reader, [], clock);
    const next = observationOf(managed({ pid: 100, startedAt: 5 }), new FakeClock());
    const fails = async (app: typeof APP): Promise<boolean> =>
      (await looking.inspect(app, config, OK)).sample.kind === 'fail';
    await fails(APP);
    await fails(APP);
    await clock.pass(31_000);
    assert.equal(await fails(APP), true);
    rssBytes = 10e6;
    assert.equal(await fails(next), false);
    assert.equal(await fails(next), false);
  });
});
