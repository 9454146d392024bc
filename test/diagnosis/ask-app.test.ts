import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBlock } from '../../src/config/target-config.ts';
import { askApp } from '../../src/diagnosis/ask-app.ts';
import { observationOf } from '../../src/target/observation.ts';
import type { Listener, OsReader } from '../../src/os/os-reader.ts';
import type { Sample } from '../../src/probe/probe.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { managed } from '../support/fake-pm2.ts';
import { facts, tableOf } from '../os/support/facts.ts';

const APP = observationOf(managed({ pid: 100 }), new FakeClock());

/** Probes an app at localhost; a stranger answers for IPv4, and for IPv6 the given listener. */
async function ask(listeners: readonly Listener[], answered: 'ok' | 'fail' = 'ok') {
  const read = readBlock({ http: 'http://localhost:3000/' }, {});
  assert.ok(read.ok);
  const reader: OsReader = {
    listeners: async () => listeners,
    listenersOf: async () => [],
    connectedAt: async () => [],
    mainThread: async () => null,
    processes: async () => tableOf(facts({ pid: 100 }), facts({ pid: 7, startedAtMs: 1 })),
    markers: async () => null,
    births: async () => new Map<number, string>(),
  };
  const asked: (readonly string[] | undefined)[] = [];
  const nobody = { pm2Pids: () => [], instances: () => [] };
  const ports = { reader, clock: new FakeClock(), pm2Home: '/nowhere', ownPid: 1, ...nobody };
  const witnessed = await askApp(APP, read.config, ports, async (only) => {
    asked.push(only);
    const from = only?.[0] ?? '127.0.0.1';
    const base = { detail: 'said', at: 1, durationMs: 1, from };
    const sample: Sample =
      answered === 'ok' ? { kind: 'ok', ...base } : { kind: 'fail', class: 'status', ...base };
    return sample;
  });
  return { ...witnessed, asked };
}

const at = (address: string, pid: number): Listener => ({ address, port: 3_000, pids: [pid] });

test('probed once, the answer of a stranger is no answer of the app', async () => {
  for (const answered of ['ok', 'fail'] as const) {
    const { sample, asked } = await ask([at('127.0.0.1', 7)], answered);
    assert.ok(sample.kind === 'fail' && sample.class === 'impostor');
    assert.deepEqual(asked, [undefined]);
  }
});

test('and where the app has another address of its name it is probed there', async () => {
  const { sample, asked, note } = await ask([at('127.0.0.1', 7), at('::1', 100)]);
  assert.deepEqual([sample.kind, sample.from], ['ok', '::1']);
  assert.deepEqual(asked, [undefined, ['::1']]);
  assert.match(note ?? '', /^probed at ::1 only: elsewhere port 3000 is held by process 7/);
});

test('and it is said that nobody is seen to listen', async () => {
  const { sample, note } = await ask([]);
  assert.equal(sample.kind, 'ok');
  assert.match(
    note ?? '',
    /it is not known who answers: no process is seen to listen on port 3000/,
  );
});
