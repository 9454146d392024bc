import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, type Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';

/** Answers for a moment, then throws; with STAY it goes on. */
const CRASHING = `
const { PORT, STAY } = process.env;
require('node:http').createServer((_, response) => response.end()).listen(Number(PORT), '127.0.0.1');
if (!STAY) setTimeout(() => { throw new TypeError('the cache is no map'); }, 200);
`;

/** Loaded into the monitor: at SIGUSR2 it collects garbage, then writes how much of the heap is in use. */
const WEIGHING = `
const { renameSync, writeFileSync } = require('node:fs');
process.on('SIGUSR2', async () => {
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc();
    await new Promise((done) => setTimeout(done, 20));
  }
  const path = process.env.PM2_HOME + '/heap';
  writeFileSync(path + '.new', String(process.memoryUsage().heapUsed));
  renameSync(path + '.new', path);
});
`;

const APP = 'web';
/** What one app may write in ten minutes of crashes; one line a minute says that it goes on. */
const MOST_LINES = 40;
const MOST_JOURNAL_BYTES = 20_000;
const IN_SECONDS = 600;

/** What a crash loop left behind. */
export interface CrashLoop {
  readonly restarts: number;
  readonly seconds: number;
  readonly lines: number;
  readonly journalBytes: number;
  /** How much more of the monitor's heap is in use after garbage collection than before, in bytes. */
  readonly heapGrowth: number;
}

/** Starts the built monitor with the means to weigh its heap, and an app that crashes (or stays). */
export async function startCrashing(sandbox: Pm2Sandbox, stays = false): Promise<void> {
  const weighing = join(sandbox.home, 'weighing.cjs');
  await writeFile(weighing, WEIGHING);
  await sandbox.startMonitor({}, ['--expose-gc', '--require', weighing]);
  const cwd = join(sandbox.home, APP);
  await mkdir(cwd);
  const script = join(cwd, 'crashing.cjs');
  await writeFile(script, CRASHING);
  const fast = { period: '200ms', startupPeriod: '200ms', timeout: '2s' };
  await sandbox.start({
    name: APP,
    script,
    cwd,
    pmx: false,
    // Below 100 ms PM2 refuses; above the time that it runs, PM2 would give up on it.
    min_uptime: 100,
    max_restarts: 100_000,
    env: { PORT: String(await freePort()), ...(stays && { STAY: '1' }) },
    env_liveness: { http: 'http://127.0.0.1:${PORT}/', ...fast },
  });
  await until('the app is watched', () => sandbox.target(APP), { withinMs: 60_000 });
}

/** The bytes of the monitor's heap that are in use after garbage collection. */
export async function heapOfMonitor(sandbox: Pm2Sandbox): Promise<number> {
  const path = join(sandbox.home, 'heap');
  await rm(path, { force: true });
  process.kill((await sandbox.app('pm2-liveness')).pid, 'SIGUSR2');
  const text = await until('the heap is weighed', () => readFile(path, 'utf8'));
  return Number(text);
}

/** Waits until PM2 has restarted the app this often. */
export async function hasRestarted(sandbox: Pm2Sandbox, times: number): Promise<void> {
  await until(
    `PM2 has restarted it ${times} times`,
    async () => {
      const { restart_time: count } = (await sandbox.app(APP)).pm2_env;
      if (count >= times) return true;
      throw new Error(`${count} times`);
    },
    { withinMs: 60_000 + times * 6_000, everyMs: 500 },
  );
}

/**
 * Lets the app crash until PM2 has restarted it this often, and checks what the issue asks for: one incident, no
 * restart of ours, few lines, a small journal. The heap is weighed from `settled` restarts on.
 */
export async function playCrashLoop(
  sandbox: Pm2Sandbox,
  { restarts, settled }: { restarts: number; settled: number },
): Promise<CrashLoop> {
  const { pid } = await sandbox.app('pm2-liveness');
  const beganAt = performance.now();
  await hasRestarted(sandbox, settled);
  const before = await heapOfMonitor(sandbox);
  await hasRestarted(sandbox, restarts);
  const seconds = Math.round((performance.now() - beganAt) / 1_000);
  const heapGrowth = (await heapOfMonitor(sandbox)) - before;
  const target = await sandbox.target(APP);
  assert.equal(target.incident?.cause, 'unstable', target.summary);
  assert.equal(target.restarts.total, 0);
  assert.equal(
    (await sandbox.app('pm2-liveness')).pid,
    pid,
    'the monitor is the same all the time',
  );
  const journal = await readFile(join(sandbox.home, 'pm2-liveness/incidents.jsonl'), 'utf8');
  const opened = journal.split('\n').filter((line) => line.includes('"event":"opened"'));
  assert.equal(opened.length, 1, opened.join('\n'));
  const lines = await sandbox.linesAbout(APP);
  // A busy machine needs longer for the same crashes.
  const spans = Math.max(1, seconds / IN_SECONDS);
  assert.ok(lines.length < MOST_LINES * spans, lines.join('\n'));
  assert.ok(journal.length < MOST_JOURNAL_BYTES * spans, `${journal.length} bytes`);
  return { restarts, seconds, lines: lines.length, journalBytes: journal.length, heapGrowth };
}
