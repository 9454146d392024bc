import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createOsReader } from '../../src/os/create-reader.ts';
import { endTree } from '../../src/os/signal/end-tree.ts';
import { findOrphan } from '../../src/diagnosis/find-orphan.ts';
import type { OrphanEvidence } from '../../src/os/orphan.ts';
import { ownerAt } from '../../src/os/owner.ts';
import { systemClock } from '../../src/time/clock.ts';
import { until } from '../support/until.ts';
import { Children, IDLE, listenOn } from './support/children.ts';

const isLinux = process.platform === 'linux';
const children = new Children();
after(() => children.endAll());

/** What `npm run dev` makes, started as PM2 would: a wrapper → sh → the server. */
const WRAPPER = `
  const { spawn } = require('child_process');
  const sh = spawn('sh', ['-c', '"$NODE" -e "$SERVER"; true'], { stdio: ['ignore', 'pipe', 'inherit'] });
  sh.stdout.once('data', (data) => console.log(JSON.stringify([...JSON.parse(data), sh.pid])));`;

const env = {
  PATH: process.env['PATH'],
  NODE: process.execPath,
  SERVER: listenOn('127.0.0.1'),
  PM2_HOME: '/home/ann/.pm2',
  name: 'web',
  pm_id: '0',
  pm_cwd: '/srv/web',
};

/** Two incarnations of one app: the wrapper of the first was killed, its server still holds the port. */
async function leftOver() {
  const reader = createOsReader();
  const first = await children.node(WRAPPER, { env });
  const [port = 0, sh = 0] = first.said;
  const [listener] = (await reader.listeners(port)) ?? [];
  const server = listener?.pids?.[0] ?? assert.fail('nobody listens');
  children.adopt(sh);
  children.adopt(server);
  first.child.kill('SIGKILL');
  await until('the wrapper is gone', async () => (await reader.births([first.pid]))?.size === 0);
  const { pid } = await children.node(IDLE, { env });
  const listeners = await reader.listeners(port);
  const table = (await reader.processes([server])) ?? assert.fail('no table');
  const app = {
    name: 'web',
    pmId: 0,
    pm2Home: '/home/ann/.pm2',
    cwd: '/srv/web',
    uid: table.get(pid)?.uid ?? null,
    pid,
    startedAtMs: 0,
    siblings: [],
  };
  const bystanders = { pm2Pids: [pid], daemonPid: process.pid, ownPid: process.pid };
  const ground: OrphanEvidence = { table, app, bystanders };
  const owner = ownerAt({ listeners, table, rootPids: [pid], localAddresses: [] }, '127.0.0.1');
  return { reader, port, sh, server, ground, owner };
}

test(
  'a left-over is a stranger, proven an orphan, and ended with its tree',
  { skip: !isLinux },
  async () => {
    const { reader, port, sh, server, ground, owner } = await leftOver();
    assert.equal(owner.kind === 'stranger' && owner.pid, server);
    const found = await findOrphan(reader, server, ground);
    const tree = found.kind === 'orphan' ? found.tree : assert.fail(found.missing);
    assert.deepEqual(
      tree.map(({ pid }) => pid),
      [sh, server],
    );
    const result = await endTree(tree, { clock: systemClock, reader }, { graceMs: 5_000 });
    assert.deepEqual(result, { ended: [sh, server], left: [] });
    assert.deepEqual(await reader.listeners(port), []);
    assert.notEqual((await reader.births([ground.app.pid]))?.size, 0);
  },
);

test("another app's orphan is foreign", { skip: !isLinux }, async () => {
  const { reader, server, ground } = await leftOver();
  const other = { ...ground, app: { ...ground.app, name: 'api' } };
  assert.deepEqual(await findOrphan(reader, server, other), {
    kind: 'foreign',
    missing: 'PM2 did not start it as api',
  });
});
