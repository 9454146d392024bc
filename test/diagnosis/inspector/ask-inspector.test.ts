import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { lookAtHang } from '../../../src/diagnosis/hang/hang-watch.ts';
import { hangLines } from '../../../src/diagnosis/hang/sentence.ts';
import { askInspector } from '../../../src/diagnosis/inspector/ask-inspector.ts';
import { LinuxReader } from '../../../src/os/linux/reader.ts';
import { isNodeInspector } from '../../../src/os/node-inspector.ts';
import type { ProcessIdentity } from '../../../src/os/os-reader.ts';
import { systemClock as clock } from '../../../src/time/clock.ts';
import { HANGING_APP } from '../../support/agent-app.ts';
import { InspectorClient } from '../../support/inspector-client.ts';
import { until } from '../../support/until.ts';

const reader = new LinuxReader(clock);
const children: ChildProcess[] = [];
const servers: Server[] = [];

/** A Node app without the agent, which listens. */
async function start(way: string, ...nodeArgs: string[]): Promise<{ pid: number; url: string }> {
  // 0: the system chooses where its inspector listens.
  const args = ['--inspect-port=127.0.0.1:0', ...nodeArgs, HANGING_APP, way];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  let text = '';
  child.stdout.on('data', (piece: Buffer) => (text += piece.toString('utf8')));
  const [, port] = await until('it listens', () => /listens on (\d+)/.exec(text));
  return { pid: child.pid ?? 0, url: `http://127.0.0.1:${port}` };
}

async function identity(pid: number): Promise<ProcessIdentity> {
  const found = (await reader.processes([pid]))?.get(pid);
  assert.ok(found);
  return found;
}

/** The ports of a process on which an inspector answers. */
async function inspectorsOf(pid: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (const { port } of (await reader.listenersOf([pid])) ?? [])
    if (await isNodeInspector('127.0.0.1', port)) found.push(port);
  return found;
}

after(async () => {
  for (const server of servers) server.close();
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

describe(
  "Node's inspector in an app without the agent",
  { skip: process.platform !== 'linux' },
  () => {
    test('says where a blocked main thread is, where the block allows to open it', async () => {
      const { pid, url } = await start('busy loop');
      void fetch(`${url}/hang`).catch(() => undefined);
      const inspect = (process: ProcessIdentity) =>
        askInspector({ process, cwd: '/', mayOpen: true }, { reader, clock });
      const ask = async () => null;
      const said = await until('the place of the hang', async () => {
        const facts = await lookAtHang(pid, { reader, clock, pm2Home: '/none', ask, inspect });
        const [sentence = ''] = facts === null ? [] : hangLines(facts);
        return sentence.startsWith('hung in busyLoop') && sentence;
      });
      assert.match(said, /^hung in busyLoop \(.*app\.mjs:12\), called by handleRequest/);
      assert.equal((await inspectorsOf(pid)).length, 1);
    });

    test('is closed again where the event loop turns', async () => {
      const { pid } = await start('none');
      const app = { process: await identity(pid), cwd: '/', mayOpen: true };
      const answer = await until('an answer', () => askInspector(app, { reader, clock }));
      assert.equal(answer.isBlocked, false);
      assert.ok(answer.active?.resources.some(({ name }) => name === 'TCPServerWrap'));
      await until('it is closed', async () => (await inspectorsOf(pid)).length === 0);
    });

    test('is neither opened without a word in the block, nor in a process that is another one', async () => {
      const { pid } = await start('none');
      const process = await identity(pid);
      assert.equal(
        await askInspector({ process, cwd: '/', mayOpen: false }, { reader, clock }),
        null,
      );
      const other = { ...process, birth: '1' };
      const asked = { process: other, cwd: '/', mayOpen: true };
      assert.equal(await askInspector(asked, { reader, clock }), null);
      assert.deepEqual(await inspectorsOf(pid), []);
    });

    test('is never opened in a process that would die of the signal', async () => {
      const child = spawn('sleep', ['60'], { stdio: 'ignore' });
      children.push(child);
      const process = await identity(child.pid ?? 0);
      assert.equal(
        await askInspector({ process, cwd: '/', mayOpen: true }, { reader, clock }),
        null,
      );
      assert.deepEqual([child.exitCode, child.signalCode], [null, null]);
    });

    test('is asked without a word where it is open, and stays so; never beside a debugger', async () => {
      const { pid, url } = await start('regex', '--inspect');
      const app = { process: await identity(pid), cwd: '/', mayOpen: false };
      const port = await until('its inspector', async () => (await inspectorsOf(pid))[0]);
      const client = await InspectorClient.attach(port);
      assert.equal(await askInspector(app, { reader, clock }), null);
      client.detach();
      void fetch(`${url}/hang`).catch(() => undefined);
      const answer = await until('the hang', async () => {
        const found = await askInspector(app, { reader, clock });
        return found?.isBlocked === true && found;
      });
      assert.equal(answer.stack?.[0]?.name, 'matchNames');
      await until('it is still open', async () => (await inspectorsOf(pid)).includes(port));
    });

    test('is dropped where it says nothing sensible', async () => {
      const hostile = createServer((request, response) => {
        const said = { '/json/version': { Browser: 'node.js/v20' }, '/json/list': [{ id: 'abc' }] };
        response.end(JSON.stringify(said[request.url as keyof typeof said] ?? {}));
      });
      servers.push(hostile);
      hostile.on('upgrade', (_request, socket) => {
        socket.write('HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
        // A frame of text of 127 TB.
        socket.write(Buffer.from([0x81, 127, 0, 0, 0x7f, 0, 0, 0, 0, 0]));
      });
      await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve));
      const own = await identity(process.pid);
      const { port } = hostile.address() as AddressInfo;
      const listening = [{ address: '127.0.0.1', port, pids: [process.pid] }];
      const fake = { ...own, listenersOf: async () => listening, connectedAt: async () => [] };
      const deps = { reader: { ...fake, births: async () => null }, clock };
      assert.equal(await askInspector({ process: own, cwd: '/', mayOpen: true }, deps), null);
    });
  },
);
