import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { LinuxReader } from '../../../src/os/linux/reader.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { until } from '../../support/until.ts';

interface Made {
  readonly state?: string;
  readonly program?: string;
  readonly tracer?: number;
  readonly socket?: number;
  readonly listening?: string;
}

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue\n';

/** A line of /proc/net/tcp: who listens at this port (hexadecimal), and how many wait. */
function line(port: string, waiting: string, inode: number, address = '0100007F'): string {
  return `   0: ${address}:${port} 00000000:0000 0A 00000000:${waiting} 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`;
}

/** A /proc with process 100, which listens at port 80 (hexadecimal 0050). */
async function proc(context: TestContext, made: Made = {}): Promise<LinuxReader> {
  const { state = 'R', program = '/usr/bin/node', tracer = 0, socket = 55 } = made;
  const { listening = line('0050', '00000003', 55) + line('0051', '00000009', 56) } = made;
  const root = await mkdtemp(join(tmpdir(), 'pl-proc-'));
  context.after(() => rm(root, { recursive: true }));
  await Promise.all(
    ['100/task/100', '100/fd', 'net'].map((path) => mkdir(join(root, path), { recursive: true })),
  );
  const stat = `100 (node) ${state} 1 100 100 0 -1 0 0 0 0 0 40 2 0 0 20 0 7 0 777 0\n`;
  await writeFile(join(root, '100/task/100/stat'), stat);
  const status = `Name:\tnode\nTracerPid:\t${tracer}\nUid:\t0\t0\t0\t0\nvoluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t1\n`;
  await writeFile(join(root, '100/status'), status);
  await symlink(program, join(root, '100/exe'));
  await symlink(`socket:[${socket}]`, join(root, '100/fd/18'));
  await writeFile(join(root, 'net/tcp'), HEAD + listening);
  return new LinuxReader(systemClock, root);
}

describe('the first thread of a Node process that runs', () => {
  test('with its sleeps, its CPU time and who waits at its own port', async (context) => {
    const expected = { birth: '777', sleeps: 12, cpuMs: 420, waiting: 3 };
    assert.deepEqual(await (await proc(context)).busyThread(100, 80), expected);
  });

  const others: [string, Made][] = [
    ['that sleeps', { state: 'S' }],
    ['that is stopped', { state: 'T' }],
    ['of another program, which may handle signals in any thread', { program: '/usr/bin/python3' }],
    ['that a debugger traces', { tracer: 4 }],
    ['whose port another process has', { socket: 77 }],
    ['that listens at another port', { listening: line('0051', '00000003', 55) }],
    ['where the system shows no listeners', { listening: '' }],
    ['where a line has another shape', { listening: line('0050', '3', 55) }],
  ];
  for (const [what, made] of others) {
    test(`not one ${what}`, async (context) => {
      assert.equal(await (await proc(context, made)).busyThread(100, 80), null);
    });
  }

  test('not where there is no such process', async (context) => {
    assert.equal(await (await proc(context)).busyThread(4, 80), null);
  });

  test('on the real system: connections wait while a loop is busy, and are accepted by one that turns', async (context) => {
    const program = `
      const server = require('net').createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', (data) => { const end = Date.now() + Number(data); while (Date.now() < end); });
      });
      server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
    context.after(() => child.kill('SIGKILL'));
    const [text] = await new Promise<[Buffer]>((resolve) =>
      child.stdout.once('data', (data: Buffer) => resolve([data])),
    );
    const [pid, port] = [child.pid ?? 0, Number(text)];
    const call = (word: string): void => {
      const socket = connect(port, '127.0.0.1', () => socket.write(word));
      socket.on('error', () => undefined);
      context.after(() => socket.destroy());
    };
    const reader = new LinuxReader(systemClock);
    call('60000');
    // At first it sleeps now and then, while its code is compiled.
    const first = await until('it is busy without a sleep', async () => {
      const look = await reader.busyThread(pid, port);
      await systemClock.sleep(300);
      const next = await reader.busyThread(pid, port);
      return look !== null && look.sleeps === next?.sleeps ? next : null;
    });
    call('0');
    call('0');
    const later = await until('two more wait', async () => {
      const look = await reader.busyThread(pid, port);
      return look !== null && look.waiting === first.waiting + 2 ? look : null;
    });
    assert.deepEqual([later.sleeps, later.birth], [first.sleeps, first.birth]);
  });
});
