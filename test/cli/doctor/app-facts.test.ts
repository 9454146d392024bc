import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { appFacts } from '../../../src/cli/doctor/app-facts.ts';
import type { AppFacts } from '../../../src/cli/doctor/facts.ts';
import { createOsReader } from '../../../src/os/create-reader.ts';
import type { OsReader, ProcessFacts } from '../../../src/os/os-reader.ts';
import { listed } from './facts.ts';

/** A system on which the app (1001) has a child, and a stranger runs. */
const TABLE = new Map(
  [
    [1_001, 1],
    [1_101, 1_001],
    [77, 1],
  ].map(([pid = 0, ppid = 0]) => [pid, processFacts(pid, ppid)]),
);

function processFacts(pid: number, ppid: number): ProcessFacts {
  const known = { uid: 0, startedAtMs: pid, cpuMs: 0, rssBytes: 0, state: 'sleeping' } as const;
  return { pid, ppid, birth: String(pid), tracerPid: 0, command: `program ${pid}`, ...known };
}

function readerWith(listeners: Awaited<ReturnType<OsReader['listeners']>>): OsReader {
  return {
    ...createOsReader('aix'),
    listeners: async (port) => listeners?.filter((each) => each.port === port) ?? null,
    listenersOf: async (pids) =>
      listeners?.filter((each) => each.pids?.some((pid) => pids.includes(pid))) ?? null,
    processes: async () => TABLE,
  };
}

describe('what the doctor sees of an app', () => {
  let dir: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pl-doc-'));
    const scripts = { dev: 'vite --host', start: 'node server.js' };
    await writeFile(join(dir, 'package.json'), JSON.stringify({ scripts }));
  });

  after(() => rm(dir, { recursive: true }));

  function look(
    env: Readonly<Record<string, unknown>>,
    reader: OsReader = readerWith(null),
  ): Promise<AppFacts> {
    const process = listed('web', 1, { pm_cwd: dir, ...env });
    return appFacts(process, [process], { reader, daemonPid: 5 });
  }

  for (const [path, args, wrapper, isVite] of [
    ['/usr/bin/npm', ['run', 'dev'], { program: 'npm', command: 'vite --host' }, true],
    ['/usr/bin/npm', 'start', { program: 'npm', command: 'node server.js' }, false],
    ['/usr/lib/npm/bin/npm-cli.js', [], { program: 'npm', command: 'node server.js' }, false],
    ['C:\\node\\pnpm.cmd', ['dev'], { program: 'pnpm', command: 'vite --host' }, true],
    ['/usr/bin/yarn', ['--silent', 'dev'], { program: 'yarn', command: 'vite --host' }, true],
    ['/usr/bin/npx', ['vite', '--host'], { program: 'npx', command: 'vite' }, true],
    ['/usr/bin/bun', ['run', 'dev'], { program: 'bun', command: 'vite --host' }, true],
    ['/usr/bin/bun', ['server.ts'], null, false],
    ['/srv/node_modules/vite/bin/vite.js', ['--port', '1'], null, true],
    ['/srv/invite.js', ['--vite-like'], null, false],
    ['/srv/npm.test.js', [], null, false],
  ] as const) {
    test(`${path} ${String(args)}`, async () => {
      const facts = await look({ pm_exec_path: path, args });
      assert.deepEqual([facts.wrapper, facts.isVite], [wrapper, isVite]);
    });
  }

  test('whether its configuration keeps Vite to its port', async () => {
    const vite = { pm_exec_path: '/srv/node_modules/vite/bin/vite.js' };
    const config = join(dir, 'vite.config.ts');
    for (const [text, isStrict] of [
      ['export default { server: { port: 1, strictPort: true } };', true],
      ['export default { server: {\n  // strictPort: true\n } };', false],
      ['export default { server: { strictPort: false } };', false],
    ] as const) {
      await writeFile(config, text);
      assert.equal((await look(vite)).isStrictByConfig, isStrict, text);
    }
    await rm(config);
    assert.equal((await look(vite)).isStrictByConfig, false);
  });

  test('who holds the port on which it is asked', async () => {
    const asked = { env_liveness: { tcp: '127.0.0.1:80' } };
    const at = (address: string, port: number, pid: number) => ({ address, port, pids: [pid] });
    const own = await look(asked, readerWith([at('127.0.0.1', 80, 1_101)]));
    assert.deepEqual(own.port?.owner, { kind: 'app', pid: 1_101, address: '127.0.0.1' });
    const stranger = await look(asked, readerWith([at('0.0.0.0', 80, 77)]));
    assert.equal(stranger.port?.owner.kind, 'stranger');
    const drifted = await look(asked, readerWith([at('127.0.0.1', 81, 1_101)]));
    assert.deepEqual(drifted.port?.owner, { kind: 'none', appAt: [] });
    assert.deepEqual(drifted.port?.otherPorts, [81]);
    const family = await look(asked, readerWith([at('::1', 80, 1_001)]));
    assert.deepEqual(family.port?.owner, { kind: 'none', appAt: ['::1'] });
    const cluster = { ...asked, exec_mode: 'cluster_mode' };
    const shared = await look(cluster, readerWith([at('127.0.0.1', 80, 5)]));
    assert.equal(shared.port?.owner.kind, 'app');
    assert.equal((await look(asked)).port?.owner.kind, 'unknown');
  });

  test('nothing of the port of an app that is asked elsewhere, or whose block is refused', async () => {
    for (const block of [{ tcp: '203.0.113.7:80' }, { exec: 'true' }, { tcp: 80 }, undefined]) {
      const { port, config } = await look({ env_liveness: block });
      if (config?.probe.type === 'tcp') assert.equal(port?.owner.kind, 'unknown');
      else assert.equal(port, null);
    }
  });
});
