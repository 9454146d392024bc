import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { BoundedFiles } from '../../src/os/bounded-files.ts';
import { systemClock } from '../../src/time/clock.ts';
import { readBlock, type TargetConfig } from '../../src/config/target-config.ts';
import { endpointOf } from '../../src/diagnosis/probed-address.ts';
import type { Instance } from '../../src/diagnosis/port-holder.ts';
import { Diagnoser } from '../../src/diagnosis/diagnose.ts';
import { observationOf } from '../../src/target/observation.ts';
import type { Listener, OsReader, ProcessFacts } from '../../src/os/os-reader.ts';
import { SharedReader } from '../../src/os/shared-reader.ts';
import type { Sample } from '../../src/probe/probe.ts';
import type { Clock } from '../../src/time/clock.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { managed } from '../support/fake-pm2.ts';
import { until } from '../support/until.ts';

const FILES = new BoundedFiles(systemClock);

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

/** The same system, which lists its sockets too. */
function watched(reader: OsReader & { looks: number }): OsReader & { looks: number } {
  const listeners = reader.listeners.bind(reader);
  return Object.assign(reader, {
    sockets: async () => {
      const { looks } = reader;
      const found = (await listeners(3_000)) ?? [];
      reader.looks = looks;
      const socket = ({ address, pids }: Listener) => ({
        address,
        port: 3_000,
        id: String(pids),
        uid: 0,
      });
      return new Map([[3_000, found.map(socket)]]);
    },
  });
}

function at(address: string, pid: number, port = 3_000): Listener {
  return { address, port, pids: [pid] };
}

function inspector(
  reader: OsReader,
  instances: readonly Instance[] = [],
  clock: Clock = { now: () => (time += 1_000), wall: () => 0, sleep: async () => undefined },
  pm2Home = '/nowhere',
): Diagnoser {
  return new Diagnoser({
    reader,
    clock,
    pm2Home,
    ownPid: 1_000,
    pm2Pids: () => [100],
    instances: () => instances,
    isInspector: async () => false,
    files: FILES,
  });
}

describe('an answer', () => {
  test('of the app itself is an answer, and is not checked again in this incarnation', async () => {
    const reader = system([process(100), process(101, { ppid: 100 })], [at('127.0.0.1', 101)]);
    const looking = inspector(reader);
    assert.equal((await looking.diagnose(APP, configOf(), OK)).sample, OK);
    await looking.diagnose(APP, configOf(), OK);
    assert.equal(reader.looks, 1);
    await looking.diagnose({ ...APP, incarnation: 'another' }, configOf(), OK);
    assert.equal(reader.looks, 2);
  });

  test('of a stranger is no health: the stranger is named', async () => {
    const reader = system([process(100), OLD], [at('0.0.0.0', 7)]);
    const { sample, orphan } = await inspector(reader).diagnose(APP, configOf(), OK);
    assert.ok(sample.kind === 'fail' && sample.class === 'impostor');
    assert.match(sample.detail, /port 3000 is held by process 7 \(command 7\), which is not web/);
    assert.match(sample.detail, /; if it answers for the app on purpose, set portOwner: 'any'$/);
    assert.equal(orphan, null);
  });

  test('of any holder counts where that is set, and the holder is not checked', async () => {
    const reader = system([process(100), OLD], [at('0.0.0.0', 7)]);
    const looking = inspector(reader);
    const config = configOf({ portOwner: 'any' });
    for (const sample of [OK, REFUSED, OK]) {
      const inspected = await looking.diagnose(APP, config, sample);
      assert.deepEqual([inspected.sample, inspected.orphan], [sample, null]);
    }
    assert.equal(await looking.findOrphan(APP, config), null);
    assert.equal(reader.looks, 0);
  });

  test('that came while the app’s process was gone is not counted', async () => {
    const reader = system([process(7)], [at('127.0.0.1', 7)]);
    assert.equal((await inspector(reader).diagnose(APP, configOf(), OK)).sample.kind, 'unknown');
  });

  test('is taken as it is where the system does not show it', async () => {
    for (const reader of [
      system(null, null),
      system([process(100)], [{ address: '127.0.0.1', port: 3_000, pids: null }]),
    ]) {
      assert.equal((await inspector(reader).diagnose(APP, configOf(), OK)).sample, OK);
    }
  });

  test('to a command or a name is nobody’s port', async () => {
    const reader = system([process(100)], [at('127.0.0.1', 7)]);
    const config = configOf({ http: 'http://example.test/' });
    assert.equal((await inspector(reader).diagnose(APP, config, OK)).sample, OK);
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
    const { sample } = await inspector(reader).diagnose(APP, configOf(), OK);
    assert.ok(sample.kind === 'fail' && sample.class === 'impostor');
  });
});

describe('an answer that a review feared for', () => {
  test('at localhost is the app’s, with any holder of the other address', async () => {
    const reader = system([process(100), process(7)], [at('127.0.0.1', 100), at('::1', 7)]);
    const config = configOf({ http: 'http://localhost:3000/' });
    assert.equal((await inspector(reader).diagnose(APP, config, OK)).sample, OK);
  });

  test('of another instance of the app at the same port is the app’s', async () => {
    const reader = system([process(100), process(200, { startedAtMs: 500 })], [at('0.0.0.0', 200)]);
    const beside = [{ pmId: 1, pid: 200, cwd: '/app' }];
    assert.equal((await inspector(reader, beside).diagnose(APP, configOf(), OK)).sample, OK);
    const elsewhere = [{ pmId: 1, pid: 200, cwd: '/other' }];
    const { sample } = await inspector(reader, elsewhere).diagnose(APP, configOf(), OK);
    assert.equal(sample.kind, 'fail');
  });

  test('in cluster mode comes from the parent of the worker, known or not', async () => {
    const reader = system([process(100, { ppid: 50 }), process(50)], [at('127.0.0.1', 50)]);
    const worker = { ...APP, isCluster: true };
    assert.equal((await inspector(reader).diagnose(worker, configOf(), OK)).sample, OK);
  });

  test('through a proxy that holds ports for others is taken as it is, and reported', async () => {
    const run = async (uid: number, owners: readonly number[] | null): Promise<Sample> => {
      const proxy = process(7, { uid, startedAtMs: 500, command: 'docker-proxy -proto tcp' });
      const reader = system([process(100, { uid: 1_000 }), proxy], [at('0.0.0.0', 7)]);
      const program = async () => ({ path: '/usr/bin/docker-proxy', owners });
      const looking = inspector({ ...reader, program });
      const { sample } = await looking.diagnose(APP, configOf(), OK);
      if (sample.kind === 'ok') assert.match(looking.portNote ?? '', /holds ports for others/);
      return sample;
    };
    assert.equal(await run(0, [0]), OK);
    assert.equal(await run(1_000, [0, 1_000]), OK, 'rootless');
    for (const [uid, owners] of [
      [0, null],
      [0, [0, 1_000]],
      [33, [0]],
      [1_000, [33]],
    ] as const) {
      assert.equal((await run(uid, owners)).kind, 'fail', `${uid} ${String(owners)}`);
    }
  });

  test('by way of what merely calls itself such a proxy is a stranger’s', async () => {
    const named = process(7, { startedAtMs: 500, command: '/usr/bin/docker-proxy -proto tcp' });
    const reader = {
      ...system([process(100), named], [at('0.0.0.0', 7)]),
      program: async () => null,
    };
    assert.equal((await inspector(reader).diagnose(APP, configOf(), OK)).sample.kind, 'fail');
  });

  test('of a younger process whose environment nobody can read is no stranger’s for sure', async () => {
    const reader = system([process(100), process(7, { startedAtMs: 2_000 })], [at('127.0.0.1', 7)]);
    assert.equal((await inspector(reader).diagnose(APP, configOf(), OK)).sample, OK);
  });
});

describe('who answered', () => {
  const LOCALHOST = configOf({ http: 'http://localhost:3000/' });
  const from = (address: string, atMs = 1): Sample => ({ ...OK, from: address, at: atMs });

  test('at an address that the app does not have is ignored: the app is probed at its own', async () => {
    for (const [own, other] of [
      ['::1', '127.0.0.1'],
      ['127.0.0.1', '::1'],
    ] as const) {
      const reader = system([process(100), OLD], [at(own, 100), at(other, 7)]);
      const looking = inspector(reader);
      const stranger = await looking.diagnose(APP, LOCALHOST, from(other));
      assert.deepEqual([stranger.isElsewhere, stranger.sample.kind], [true, 'unknown']);
      assert.deepEqual(looking.only, [own]);
      const hung: Sample = { ...TIMEOUT };
      assert.equal((await looking.diagnose(APP, LOCALHOST, hung)).sample, hung);
      const { sample, isElsewhere } = await looking.diagnose(APP, LOCALHOST, from(own));
      assert.deepEqual([sample.kind, isElsewhere], ['ok', false]);
      assert.match(looking.portNote ?? '', /port 3000 is held by process 7 .*, which is not web/);
      assert.deepEqual(looking.only, [own]);
    }
  });

  test('badly instead of the app restarts nothing: the app is probed at its own address', async () => {
    const reader = system([process(100), OLD], [at('::1', 100), at('127.0.0.1', 7)]);
    const said: Sample = { ...TIMEOUT, class: 'status', from: '127.0.0.1' };
    const { isElsewhere, sample } = await inspector(reader).diagnose(APP, LOCALHOST, said);
    assert.deepEqual([isElsewhere, sample.kind], [true, 'unknown']);
  });

  test('of unknown origin counts for less than the app at its own address', async () => {
    const young = process(7, { startedAtMs: 2_000 });
    const reader = system([process(100), young], [at('::1', 100), at('127.0.0.1', 7)]);
    const looking = inspector(reader);
    const { isElsewhere } = await looking.diagnose(APP, LOCALHOST, from('127.0.0.1'));
    assert.deepEqual([isElsewhere, looking.only], [true, ['::1']]);
  });

  test('while the app itself is about to listen where it was before', async () => {
    const listeners = [at('::1', 100), at('127.0.0.1', 7)];
    const looking = inspector(system([process(100), process(200), OLD], listeners));
    await looking.diagnose(APP, LOCALHOST, from('::1'));
    listeners.shift();
    const next = { ...APP, pid: 200, incarnation: 'next' };
    // It is still asked at ::1 alone, where nobody listens yet: that is a start, and no impostor.
    assert.deepEqual(looking.only, ['::1']);
    assert.equal((await looking.diagnose(next, LOCALHOST, REFUSED)).sample, REFUSED);
    listeners.push(at('::1', 200));
    assert.equal((await looking.diagnose(next, LOCALHOST, from('::1'))).sample.kind, 'ok');
  });

  test('under any name of this machine', async () => {
    for (const url of ['LOCALHOST', 'localhost.', 'x.localhost', '127.1', '[::ffff:127.0.0.1]']) {
      const reader = system([process(100), OLD], [at('127.0.0.1', 7)]);
      const config = configOf({ http: `http://${url}:3000/` });
      const { sample } = await inspector(reader).diagnose(APP, config, OK);
      assert.ok(sample.kind === 'fail' && sample.class === 'impostor', url);
    }
    for (const host of ['0x7f000001', hostname(), 'LocalHost', '127.0.0.9']) {
      const reader = system([process(100), OLD], [at('0.0.0.0', 7)]);
      const read = readBlock({ tcp: `${host}:3000` }, {});
      assert.ok(read.ok, host);
      const { config } = read;
      const { sample } = await inspector(reader).diagnose(APP, config, OK);
      assert.ok(sample.kind === 'fail' && sample.class === 'impostor', host);
    }
  });

  test('is not known of another machine, and that is said', async () => {
    const looking = inspector(system([process(100), OLD], [at('0.0.0.0', 7)]));
    const config = configOf({ http: 'http://198.51.100.7:3000/' });
    assert.equal((await looking.diagnose(APP, config, from('198.51.100.7'))).sample.kind, 'ok');
    assert.match(looking.portNote ?? '', /198\.51\.100\.7 is not an address of this machine/);
  });

  test('is checked again where it was not known, and no stranger is the app in between', async () => {
    const young = process(7, { startedAtMs: 2_000 });
    const reader = watched(system([process(100), young], [at('127.0.0.1', 7)]));
    let isBusy = true;
    const markers = { pm2Home: null, name: null, pmId: null, cwd: null, uniqueId: null };
    reader.markers = async () => (isBusy ? null : markers);
    const looking = inspector(reader);
    const ask = async (atMs: number): Promise<Sample> =>
      (await looking.diagnose(APP, configOf(), { ...OK, from: '127.0.0.1', at: atMs })).sample;
    // The kernel does not hand out the environment in time.
    assert.equal((await ask(0)).kind, 'ok');
    const { looks } = reader;
    assert.equal((await ask(9_000)).kind, 'ok');
    assert.equal(reader.looks, looks);
    isBusy = false;
    assert.equal((await ask(11_000)).kind, 'fail');
    isBusy = true;
    assert.equal((await ask(12_000)).kind, 'fail', 'he is still there');
    assert.equal((await ask(90_000)).kind, 'fail');
  });

  test('is an old process of the app, also when its environment can no longer be read', async (t) => {
    const pm2Home = await mkdtemp(join(tmpdir(), 'old-'));
    t.after(() => rm(pm2Home, { recursive: true }));
    await writeFile(join(pm2Home, 'pm2.pid'), '50');
    const reader = watched(system([process(100), OLD], [at('127.0.0.1', 7)]));
    let isBusy = false;
    const markers = { pm2Home, name: 'web', pmId: '0', cwd: APP.cwd, uniqueId: null };
    reader.markers = async () => (isBusy ? null : markers);
    const looking = inspector(reader, [], undefined, pm2Home);
    const ask = (atMs: number) =>
      looking.diagnose(APP, configOf(), { ...OK, from: '127.0.0.1', at: atMs });
    assert.ok((await ask(0)).orphan);
    isBusy = true;
    const { orphan } = await ask(2_000);
    assert.deepEqual(
      orphan?.lives.map(({ pid }) => pid),
      [7],
    );
    // Another process there is no longer the one that was proven.
    reader.listeners = async () => [at('127.0.0.1', 8)];
    reader.processes = async () =>
      new Map([process(100), process(8, { startedAtMs: 500 })].map((each) => [each.pid, each]));
    watched(reader);
    const { sample } = await ask(4_000);
    assert.ok(sample.kind === 'fail' && sample.class === 'impostor');
  });

  test('is checked less and less often where it can never be known', async () => {
    const hidden = { address: '127.0.0.1', port: 3_000, pids: null };
    const reader = watched(system([process(100)], [hidden]));
    const looking = inspector(reader);
    let looks = 0;
    for (let atMs = 0; atMs < 3_600_000; atMs += 5_000) {
      const before = reader.looks;
      const { sample } = await looking.diagnose(APP, configOf(), { ...OK, at: atMs });
      assert.equal(sample.kind, 'ok');
      if (reader.looks > before) looks += 1;
    }
    assert.ok(looks > 5 && looks < 25, `${looks}`);
  });

  test('is seen again when the sockets at the port change, and costs nothing until then', async () => {
    const listeners = [at('127.0.0.1', 100)];
    const reader = watched(system([process(100), OLD], listeners));
    const looking = inspector(reader);
    const ask = async (atMs: number): Promise<Sample> =>
      (await looking.diagnose(APP, configOf(), { ...OK, at: atMs })).sample;
    assert.equal((await ask(0)).kind, 'ok');
    const { looks } = reader;
    for (let atMs = 1_000; atMs < 60_000; atMs += 1_000) await ask(atMs);
    assert.equal(reader.looks, looks);
    // Its own new socket is its own.
    listeners[0] = at('0.0.0.0', 100);
    assert.equal((await ask(70_000)).kind, 'ok');
    assert.ok(reader.looks > looks);
    for (const [joined, what] of [
      [[at('0.0.0.0', 100), at('0.0.0.0', 7)], 'one that shares it (SO_REUSEPORT)'],
      [[at('0.0.0.0', 100), at('127.0.0.1', 7)], 'one at a more specific address'],
      [[at('0.0.0.0', 7)], 'one in its place'],
    ] as const) {
      listeners.splice(0, listeners.length, at('0.0.0.0', 100));
      assert.equal((await ask(100_000)).kind, 'ok');
      listeners.splice(0, listeners.length, ...joined);
      const sample = await ask(130_000);
      assert.ok(sample.kind === 'fail' && sample.class === 'impostor', what);
    }
  });

  test('also to a bad answer, before there are enough of them for a restart', async () => {
    const listeners = [at('127.0.0.1', 100)];
    const looking = inspector(watched(system([process(100), OLD], listeners)));
    await looking.diagnose(APP, configOf(), { ...OK, at: 0 });
    const bad = (atMs: number): Sample => ({ ...TIMEOUT, class: 'status', at: atMs });
    assert.equal((await looking.diagnose(APP, configOf(), bad(500))).sample.kind, 'fail');
    listeners[0] = at('127.0.0.1', 7);
    const { sample } = await looking.diagnose(APP, configOf(), bad(1_700));
    assert.ok(sample.kind === 'fail' && sample.class === 'impostor');
  });

  test('is no secret where the socket is another user’s', async () => {
    const hidden: Listener = { address: '127.0.0.1', port: 3_000, pids: null };
    const own = process(100, { uid: 1_000 });
    const kindOf = async (closed: readonly number[] | null, uid: number): Promise<string> => {
      const reader: OsReader = {
        ...system([own], [hidden]),
        sockets: async () => new Map([[3_000, [{ ...hidden, id: '1', uid }]]]),
        closed: async () => closed,
      };
      const { sample } = await inspector(reader).diagnose(APP, configOf(), OK);
      return sample.kind === 'fail' ? `${sample.class}: ${sample.detail}` : sample.kind;
    };
    assert.match(await kindOf([], 33), /impostor: .*held by a process of user 33 .* user 1000/);
    assert.match(await kindOf([], 0), /impostor: .*held by a process of root/);
    assert.match(await kindOf([], 1_000), /impostor/, 'each process of the app shows its sockets');
    assert.match(await kindOf([100], 33), /impostor/, 'one that shows none has none of user 33');
    assert.equal(await kindOf([100], 1_000), 'ok', 'it may be the app’s own');
    assert.equal(await kindOf(null, 33), 'ok', 'nothing is known');
  });

  test('that nobody sees is checked again: the app may be giving back its socket as it exits', async () => {
    const hidden: Listener = { address: '127.0.0.1', port: 3_000, pids: [] };
    // A shared look, a new one, and two after a wait.
    const lists: Listener[][] = [[hidden], [hidden], [hidden], []];
    const slept: number[] = [];
    const reader: OsReader = {
      ...system([process(100)]),
      listeners: async () => lists.shift() ?? [],
      sockets: async () => new Map([[3_000, [{ ...hidden, id: '1', uid: 0 }]]]),
      closed: async () => [],
    };
    const clock: Clock = {
      now: () => (time += 1_000),
      wall: () => 0,
      sleep: async (ms) => void slept.push(ms),
    };
    const looking = inspector(reader, [], clock);
    assert.equal((await looking.diagnose(APP, configOf(), TIMEOUT)).sample, TIMEOUT);
    assert.deepEqual(slept, [100, 400]);

    lists.push(...Array.from({ length: 9 }, () => [hidden]));
    const { sample } = await looking.diagnose(APP, configOf(), TIMEOUT);
    assert.ok(sample.kind === 'fail' && sample.class === 'impostor', 'it is still there');
    assert.equal(slept.length, 4);
    await looking.diagnose(APP, configOf(), TIMEOUT);
    assert.equal(slept.length, 4, 'what was seen of these sockets is not waited for again');
  });

  test('is a wildcard of IPv6 that was seen to refuse IPv4 twice', async () => {
    const reader = watched(system([process(100)], [at('::', 100)]));
    const looking = inspector(reader);
    const first = await looking.diagnose(APP, configOf(), REFUSED);
    assert.equal(first.sample, REFUSED, 'it may just have begun to listen');
    const { sample } = await looking.diagnose(APP, configOf(), REFUSED);
    assert.ok(sample.kind === 'fail' && sample.class === 'misconfig');
    assert.match(sample.detail, /web listens on :: port 3000, not on 127\.0\.0\.1/);
  });
});

describe('no answer', () => {
  test('of an app that listens on the other address family says so', async () => {
    const reader = system([process(100)], [at('::1', 100)]);
    const { sample } = await inspector(reader).diagnose(APP, configOf(), REFUSED);
    assert.ok(sample.kind === 'fail' && sample.class === 'misconfig');
    assert.match(sample.detail, /web listens on ::1 port 3000, not on 127.0.0.1/);
  });

  test('of an app that drifted to the next port says so, and stays what a restart can fix', async () => {
    const reader = system([process(100)], [at('127.0.0.1', 100, 3_001)]);
    const { sample } = await inspector(reader).diagnose(APP, configOf(), REFUSED);
    assert.ok(sample.kind === 'fail' && sample.class === 'refused');
    assert.match(sample.detail, /^refused; web listens on port 3001, not on 3000/);
    const inspected = system([process(100)], [at('127.0.0.1', 100, 9_229)]);
    assert.equal((await inspector(inspected).diagnose(APP, configOf(), REFUSED)).sample, REFUSED);
  });

  test('of an app that once answered where it is probed is no misconfiguration', async () => {
    const listeners = [at('127.0.0.1', 100)];
    const looking = inspector(system([process(100)], listeners));
    await looking.diagnose(APP, configOf(), OK);
    listeners[0] = at('::1', 100);
    const { sample } = await looking.diagnose(APP, configOf(), REFUSED);
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
      const first = await looking.diagnose(APP, configOf(), TIMEOUT);
      assert.equal(first.load, 'unknown', 'one look is no measure');
      const seen = await looking.diagnose(APP, configOf(), TIMEOUT);
      assert.equal(seen.load, load);
      assert.equal(seen.debugger, null);
    });
  }

  test('of an app whose server, a child, is stopped while another child works: idle', async () => {
    let cpuMs = 0;
    const reader = system([process(100)], [at('127.0.0.1', 101)]);
    reader.processes = async () =>
      new Map(
        [
          process(100),
          process(101, { ppid: 100, state: 'stopped' }),
          process(102, { ppid: 100, state: 'running', cpuMs: (cpuMs += 9_000) }),
        ].map((each) => [each.pid, each]),
      );
    const looking = inspector(reader);
    await looking.diagnose(APP, configOf(), TIMEOUT);
    assert.equal((await looking.diagnose(APP, configOf(), TIMEOUT)).load, 'idle');
  });

  test('where the first is already the verdict, two looks are taken at once', async () => {
    const reader = system([process(100)], [at('127.0.0.1', 100)]);
    let cpuMs = 0;
    reader.processes = async () => new Map([[100, process(100, { cpuMs: (cpuMs += 9_000) })]]);
    const config = configOf({ failureThreshold: 1 });
    assert.equal((await inspector(reader).diagnose(APP, config, TIMEOUT)).load, 'busy');
  });

  test('of one that somebody traces is a debugger’s doing', async () => {
    const reader = system(
      [process(100, { tracerPid: 4_242, state: 'traced' })],
      [at('127.0.0.1', 100)],
    );
    const { debugger: by } = await inspector(reader).diagnose(APP, configOf(), TIMEOUT);
    assert.equal(by, 'a debugger is attached (process 4242)');
    assert.equal(await inspector(reader).findDebugger(APP, configOf()), by);
  });
});

describe('memory', () => {
  test('of the whole tree counts, and only where a limit is set', async () => {
    const tree = [process(100, { rssBytes: 60e6 }), process(101, { ppid: 100, rssBytes: 60e6 })];
    const reader = system(tree, [at('127.0.0.1', 101)]);
    const looking = inspector(reader);
    await looking.diagnose(APP, configOf(), OK);
    assert.equal((await looking.diagnose(APP, configOf(), OK)).sample, OK);
    const small = configOf({ maxTreeMemory: '100M' });
    assert.equal((await looking.diagnose(APP, small, OK)).sample, OK, 'a peak is no leak');
    const { sample } = await until(
      'half a minute is over',
      async () => {
        const seen = await looking.diagnose(APP, small, OK);
        return seen.sample.kind === 'fail' ? seen : null;
      },
      { everyMs: 1 },
    );
    assert.ok(sample.kind === 'fail' && sample.class === 'memory');
    assert.equal(sample.detail, 'its processes use 114 MB, more than maxTreeMemory 100 MB');
    // A debugger that holds it meanwhile is still looked for.
    tree[0] = process(100, { rssBytes: 60e6, tracerPid: 4_242, state: 'traced' });
    const held = await looking.diagnose(APP, small, TIMEOUT);
    assert.equal(held.debugger, 'a debugger is attached (process 4242)');
    tree[0] = process(100, { rssBytes: 60e6 });
    const silent = await looking.diagnose(APP, small, TIMEOUT);
    assert.ok(silent.sample.kind === 'fail' && silent.sample.class === 'memory');
    assert.equal((await looking.diagnose(APP, configOf({ maxTreeMemory: '200M' }), OK)).sample, OK);
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
      Promise.all(watched.map(({ app, looking }) => looking.diagnose(app, config, OK)));
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
      await inspector(reader, [], clock).diagnose(APP, configOf(), TIMEOUT);
    }
    assert.equal(looks, 1);
  });

  test('of the last incarnation says nothing of the next', async () => {
    const clock = new FakeClock();
    let rssBytes = 900e6;
    const reader = system([]);
    reader.processes = async () => new Map([[100, process(100, { rssBytes })]]);
    const config = configOf({ maxTreeMemory: '100M', portOwner: 'any' });
    const looking = inspector(reader, [], clock);
    const next = observationOf(managed({ pid: 100, startedAt: 5 }), new FakeClock());
    const fails = async (app: typeof APP): Promise<boolean> =>
      (await looking.diagnose(app, config, OK)).sample.kind === 'fail';
    await fails(APP);
    await fails(APP);
    await clock.pass(31_000);
    assert.equal(await fails(APP), true);
    rssBytes = 10e6;
    assert.equal(await fails(next), false);
    assert.equal(await fails(next), false);
  });
});
