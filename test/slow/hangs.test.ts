import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { lookAtHang } from '../../src/diagnosis/hang/hang-watch.ts';
import { hangLines } from '../../src/diagnosis/hang/sentence.ts';
import { LinuxReader } from '../../src/os/linux/reader.ts';
import { systemClock as clock } from '../../src/time/clock.ts';
import { AgentApp, agentHome, HANGING_APP } from '../support/agent-app.ts';
import { until } from '../support/until.ts';

/** Each way to hang, and what its sentence must say with the agent, and without one. */
const HANGS: readonly (readonly [way: string, withAgent: RegExp, without: RegExp])[] = [
  [
    'busy loop',
    /^hung in busyLoop \(.*app\.mjs:12\), called by handleRequest; \d+ % CPU/,
    /^busy: /,
  ],
  ['regex', /^hung in matchNames \(.*app\.mjs:16\), called by handleRequest/, /^busy: /],
  ['execSync', /^its main thread waits for a process that it started \(sleep 1000/, /sleep 1000/],
  [
    'atomics',
    /^waits for a lock or another thread in waitForLock/,
    /another thread, or for a lock/,
  ],
  ['promise', /^its event loop is free/, /^waits for events/],
  [
    'pool',
    /^its event loop is free.*\(open connections: 10 to 127\.0\.0\.1:\d+\)/,
    /^waits for events/,
  ],
  ['fifo', /call of the system that does not return \(\w+\)/, /call of the system \(\w+\)/],
  ['worker', /^waits for a lock or another thread in joinWorker/, /another thread, or for a lock/],
  ['gc', /^(?:collects garbage: \d+ % of its time, in|hung in) fillHeap/, /^busy: /],
  ['microtasks', /^hung in (?:spinMicrotasks|processTicksAndRejections)/, /^busy: /],
  ['SIGSTOP', /^stopped by a signal/, /^stopped by a signal/],
  ['dns', /^its event loop is free.*4 calls for files, .*1 look-ups of names/, /^waits for events/],
];

describe('twelve hangs, each named', { skip: process.platform !== 'linux' }, () => {
  const silent = createServer((socket) => socket.on('error', () => undefined));
  let folder = '';
  let port = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pl-'));
    execFileSync('mkfifo', [join(folder, 'queue')]);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    port = (silent.address() as AddressInfo).port;
  });

  after(async () => {
    silent.close();
    await rm(folder, { recursive: true });
  });

  for (const [way, withAgent, without] of HANGS) {
    test(way, async () => {
      const word = way === 'pool' ? String(port) : join(folder, 'queue');
      const app = new AgentApp(
        await agentHome(),
        ['--max-old-space-size=96'],
        [HANGING_APP, way, word],
      );
      const children: number[] = [];
      try {
        await app.begun();
        const url = `http://127.0.0.1:${await app.port()}`;
        if (way === 'SIGSTOP') app.child.kill('SIGSTOP');
        else fetch(`${url}/hang`).catch(() => undefined);
        const reader = new LinuxReader(clock);
        const deps = { reader, clock, pm2Home: app.home };
        const says = (wanted: RegExp, ask?: () => Promise<null>): Promise<string> =>
          until(`${wanted}`, async () => {
            const facts = await lookAtHang(app.pid, { ...deps, ...(ask && { ask }) });
            for (const { pid, ppid } of (await reader.processes([]))?.values() ?? [])
              if (ppid === app.pid) children.push(pid);
            const [sentence = ''] = facts === null ? [] : hangLines(facts);
            if (wanted.test(sentence)) return sentence;
            throw new Error(`it says: ${sentence}`);
          });
        const sentence = await says(withAgent);
        await says(without, () => Promise.resolve(null));
        assert.doesNotMatch(sentence, /PM2_HOME|PATH=/);
      } finally {
        await app.stop();
        for (const pid of new Set(children)) killOwn(pid);
      }
    });
  }
});

/** A child of the app that outlived it. */
function killOwn(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
