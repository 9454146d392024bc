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
    return appFacts(process, { reader, pm2Home: '/nowhere', daemonPid: 5, processes: [process] });
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

  for (const [path, args, isDevServer] of [
    ['/usr/bin/npm', ['run', 'dev'], true],
    ['/usr/bin/npm', 'start', false],
    ['/srv/node_modules/.bin/vite', [], true],
    ['/srv/node_modules/vite/bin/vite.js', ['preview'], false],
    ['/srv/node_modules/next/dist/bin/next', ['dev', '-p', '3000'], true],
    ['/srv/node_modules/next/dist/bin/next', 'start', false],
    ['/srv/node_modules/astro/astro.js', 'dev', true],
    ['/srv/server.js', [], false],
  ] as const) {
    test(`whether it is a dev server: ${path} ${String(args)}`, async () => {
      assert.equal((await look({ pm_exec_path: path, args })).isDevServer, isDevServer);
      const block = { vite: 'http://127.0.0.1:5173/' };
      const probed = await look({ pm_exec_path: path, args, env_liveness: block });
      assert.equal(probed.isDevServer, true);
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

  test('who holds its probed port', async () => {
    const asked = { env_liveness: { tcp: '127.0.0.1:80' } };
    const at = (address: string, port: number, pid: number) => ({ address, port, pids: [pid] });
    const own = await look(asked, readerWith([at('127.0.0.1', 80, 1_101)]));
    assert.deepEqual(own.port, {
      port: 80,
      addresses: ['127.0.0.1'],
      holder: { kind: 'accepted' },
      isHeld: true,
      others: [],
      ownAddresses: ['127.0.0.1'],
      otherPorts: [],
    });
    const stranger = await look(asked, readerWith([at('0.0.0.0', 80, 77)]));
    assert.equal(stranger.port?.holder.kind, 'stranger');
    assert.deepEqual(stranger.port?.others, [77]);
    const drifted = await look(asked, readerWith([at('127.0.0.1', 81, 1_101)]));
    assert.equal(drifted.port?.holder.kind, 'drifted');
    const far = await look(asked, readerWith([at('127.0.0.1', 8080, 1_101)]));
    assert.deepEqual([far.port?.isHeld, far.port?.otherPorts], [false, [8080]]);
    const family = await look(asked, readerWith([at('::1', 80, 1_001)]));
    assert.equal(family.port?.holder.kind, 'elsewhere');
    assert.deepEqual(family.port?.ownAddresses, ['::1']);
    const cluster = { ...asked, exec_mode: 'cluster_mode' };
    const shared = await look(cluster, readerWith([at('127.0.0.1', 80, 5)]));
    assert.equal(shared.port?.holder.kind, 'accepted');
    assert.equal((await look(asked)).port?.isHeld, null);
  });

  test('nothing about the port of an app that is probed by a command, whose block is bad, or where any holder is allowed', async () => {
    const anybody = { tcp: '127.0.0.1:80', portOwner: 'any' };
    for (const block of [anybody, { exec: 'true' }, { tcp: 80 }, undefined]) {
      assert.equal((await look({ env_liveness: block })).port, null);
    }
  });
});
