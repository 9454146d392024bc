import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { LinuxReader } from '../../../src/os/linux/reader.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { until } from '../../support/until.ts';

interface Thread {
  readonly state?: string;
  readonly tracer?: number;
  readonly switches?: number | null;
}

/** A /proc with one process of these threads, the first of which is the process itself. */
async function proc(context: TestContext, threads: readonly Thread[]): Promise<LinuxReader> {
  const root = await mkdtemp(join(tmpdir(), 'pl-proc-'));
  context.after(() => rm(root, { recursive: true }));
  for (const [nth, { state = 'T', tracer = 0, switches = 10 }] of threads.entries()) {
    const stat = `${100 + nth} (a (b)) ${state} 1 100 100 0 -1 0 0 0 0 0 5 5 0 0 20 0 ${threads.length} 0 777 0\n`;
    const counts =
      switches === null
        ? ''
        : `voluntary_ctxt_switches:\t${switches}\nnonvoluntary_ctxt_switches:\t1\n`;
    const status = `Name:\ta\nTracerPid:\t${tracer}\nUid:\t0\t0\t0\t0\n${counts}`;
    const folders = [`100/task/${100 + nth}`, ...(nth === 0 ? ['100'] : [])];
    for (const folder of folders) {
      await mkdir(join(root, folder), { recursive: true });
      await writeFile(join(root, folder, 'stat'), stat);
      await writeFile(join(root, folder, 'status'), status);
    }
  }
  return new LinuxReader(systemClock, root);
}

describe('a process is stopped', () => {
  test('where all of its threads are', async (context) => {
    const reader = await proc(context, [{}, { switches: 5 }]);
    assert.deepEqual(await reader.stopped(100), { birth: '777', switches: 17 });
  });

  const others: [string, readonly Thread[]][] = [
    ['that runs', [{ state: 'R' }]],
    ['that sleeps, as in a frozen cgroup', [{ state: 'S' }]],
    ['that waits in the kernel, as in an older frozen cgroup', [{ state: 'D' }]],
    ['that a debugger holds', [{ state: 't', tracer: 4 }]],
    ['that strace follows', [{ tracer: 4 }]],
    ['one of whose threads runs', [{}, { state: 'R' }]],
    ['one of whose threads is traced', [{}, { tracer: 4 }]],
    ['of which the system does not count how often it ran', [{ switches: null }]],
    ['with too many threads', Array.from({ length: 200 }, () => ({}))],
  ];
  for (const [what, threads] of others) {
    test(`not one ${what}`, async (context) => {
      assert.equal(await (await proc(context, threads)).stopped(100), null);
    });
  }

  test('of the real system, and no longer after SIGCONT; a stop in between shows', async (context) => {
    const reader = new LinuxReader(systemClock);
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 20)']);
    context.after(() => child.kill('SIGKILL'));
    const { pid = 0 } = child;
    assert.equal(await reader.stopped(pid), null);
    const stop = async (): Promise<number> => {
      process.kill(pid, 'SIGSTOP');
      await until('it is stopped', async () => (await reader.stopped(pid)) !== null);
      return (await reader.stopped(pid))?.switches ?? -1;
    };
    const first = await stop();
    assert.equal((await reader.stopped(pid))?.switches, first);
    process.kill(pid, 'SIGCONT');
    await until('it runs', async () => (await reader.stopped(pid)) === null);
    assert.ok((await stop()) > first);
  });
});
