import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { socketPathOf } from '../../src/control/socket-path.ts';
import { requestMonitor } from '../../src/control/client.ts';
import { until } from '../support/until.ts';
import { compile, type Compiled } from './compile.ts';

const children = new Set<ChildProcess>();

let contender: Compiled;

function start(home: string, log: string, everyMs: number): ChildProcess {
  const argv = [contender.file, home, log, String(everyMs)];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'inherit'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function killAll(): Promise<void> {
  for (const child of children) child.kill('SIGKILL');
  await until('all have ended', () => children.size === 0);
}

interface Line {
  readonly word: string;
  readonly pid: number;
  readonly atMs: number;
}

function linesOf(log: string): Line[] {
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [word = '', pid, at] = line.split(' ');
      return { word, pid: Number(pid), atMs: Number(at) / 1e6 };
    });
}

/** First and last sign of each leader, in order; two that overlap led at once. */
function reigns(log: string): { pid: number; from: number; to: number }[] {
  const reigns = new Map<number, { pid: number; from: number; to: number }>();
  for (const { word, pid, atMs } of linesOf(log)) {
    if (word !== 'lead') continue;
    const known = reigns.get(pid);
    if (known) known.to = Math.max(known.to, atMs);
    else reigns.set(pid, { pid, from: atMs, to: atMs });
  }
  return [...reigns.values()].sort((a, b) => a.from - b.from);
}

/** The last line of the log, without reading all of it each time. */
const lastLeader = (log: string, but: number): number | null => {
  const lines = linesOf(log);
  const last = lines.findLast(({ word, pid }) => word === 'lead' && pid !== but);
  return last?.pid ?? null;
};

describe('six contenders', { skip: process.platform === 'win32' }, () => {
  let home: string;
  let log: string;

  before(async () => {
    contender = await compile('leader/contender.ts');
    home = mkdtempSync(join(tmpdir(), 'pl-lock-'));
    log = join(home, 'log');
    writeFileSync(log, '');
  });

  after(async () => {
    await killAll();
    contender.remove();
    rmSync(home, { recursive: true, force: true });
  });

  test(
    'never lead two at a time, while holders are killed again and again',
    { timeout: 60_000 },
    async () => {
      const beganAt = performance.now();
      const rounds = 60;
      for (let i = 0; i < 6; i += 1) start(home, log, 20);
      await until(
        'six are ready',
        () => linesOf(log).filter((l) => l.word === 'ready').length >= 6,
      );
      const delays: number[] = [];
      let killed = 0;
      for (let round = 0; round < rounds; round += 1) {
        const leader = await until('one leads', () => lastLeader(log, killed), { everyMs: 10 });
        // Some are stopped at any point, and continue later from an old look.
        const stopped = [...children].filter(
          ({ pid }, index) => pid !== leader && (index + round) % 3 === 0,
        );
        for (const child of stopped) child.kill('SIGSTOP');
        const killedAt = Number(process.hrtime.bigint()) / 1e6;
        const holder = [...children].find(({ pid }) => pid === leader);
        assert.ok(holder, `the leader ${leader} is one of ours`);
        holder.kill('SIGKILL');
        killed = leader;
        await sleep(30 + ((round * 37) % 90));
        for (const child of stopped) child.kill('SIGCONT');
        const next = await until(
          'another one leads',
          () => reigns(log).find(({ from }) => from > killedAt),
          { withinMs: 5_000, everyMs: 10 },
        );
        delays.push(next.from - killedAt);
        start(home, log, 20);
        await until('six live', () => children.size >= 6);
      }
      const all = reigns(log);
      for (const [index, reign] of all.entries()) {
        const next = all[index + 1];
        if (!next) break;
        assert.ok(
          reign.to < next.from,
          `${next.pid} led ${(reign.to - next.from).toFixed(2)} ms before ${reign.pid} ended`,
        );
      }
      assert.ok(all.length > rounds, `${all.length} leaders`);
      assert.equal(linesOf(log).filter(({ word }) => word === 'lost').length, 0);
      const left = readdirSync(join(home, 'pm2-liveness'));
      assert.ok(left.length <= 25, `files do not pile up: ${left.join(' ')}`);
      const worst = Math.max(...delays);
      const tookMs = performance.now() - beganAt;
      console.log(
        `${rounds} holders killed in ${(tookMs / 1000).toFixed(1)} s, ${all.length} leaders, taken over after ` +
          `${(delays.reduce((a, b) => a + b, 0) / delays.length).toFixed(0)} ms on average, ${worst.toFixed(0)} ms at most`,
      );
    },
  );

  test('at the usual rhythm take over within about a second of a SIGKILL', async () => {
    const quiet = mkdtempSync(join(tmpdir(), 'pl-lock-'));
    const quietLog = join(quiet, 'log');
    writeFileSync(quietLog, '');
    try {
      await killAll();
      const first = start(quiet, quietLog, 500);
      await until('the first leads', () => lastLeader(quietLog, 0) === first.pid);
      const second = start(quiet, quietLog, 500);
      await until('the second is ready', () =>
        linesOf(quietLog).some(({ word, pid }) => word === 'ready' && pid === second.pid),
      );
      await sleep(600);
      const killedAt = Number(process.hrtime.bigint()) / 1e6;
      first.kill('SIGKILL');
      const next = await until('the second leads', () =>
        reigns(quietLog).find(({ pid }) => pid === second.pid),
      );
      assert.ok(next.from - killedAt < 5_000, `took ${next.from - killedAt} ms`);
      const answer = await requestMonitor(socketPathOf(quiet).path, 'GET', '/status', {
        timeoutMs: 2_000,
      });
      assert.deepEqual(answer, { pid: second.pid });
    } finally {
      await killAll();
      rmSync(quiet, { recursive: true, force: true });
    }
  });

  test('a holder that is stopped keeps the lock, and leads on when it continues', async () => {
    const quiet = mkdtempSync(join(tmpdir(), 'pl-lock-'));
    const quietLog = join(quiet, 'log');
    writeFileSync(quietLog, '');
    try {
      const first = start(quiet, quietLog, 50);
      await until('the first leads', () => lastLeader(quietLog, 0) === first.pid);
      first.kill('SIGSTOP');
      const second = start(quiet, quietLog, 2);
      await until('the second is ready', () =>
        linesOf(quietLog).some(({ word, pid }) => word === 'ready' && pid === second.pid),
      );
      // Long enough for more tries than the queue of the socket (511) holds.
      await sleep(2_500);
      first.kill('SIGCONT');
      await sleep(300);
      assert.deepEqual(
        reigns(quietLog).map(({ pid }) => pid),
        [first.pid],
      );
    } finally {
      await killAll();
      rmSync(quiet, { recursive: true, force: true });
    }
  });
});
