// What the agent costs an app that does nothing: memory, and time on a processor. Linux; after `npm run build`:
// `node --import tsx bench/agent-cost.ts`. Pairs run side by side, so that both have the same machine.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askDelays } from '../src/agent/client.ts';

const PAIRS = 5;
const SETTLES_MS = 15_000;
const MEASURED_MS = 60_000;
const ASKED_EVERY_MS = 10_000;

const agent = new URL('../dist/agent/entry.js', import.meta.url).pathname;
const app = 'require("node:http").createServer((q, r) => r.end()).listen(0, "127.0.0.1");';

const home = mkdtempSync(join(tmpdir(), 'pl-'));
mkdirSync(join(home, 'pm2-liveness'), { mode: 0o700 });

function start(args: readonly string[]): ChildProcess {
  const env = { PATH: process.env['PATH'], PM2_HOME: home, pm_id: '0' };
  return spawn(process.execPath, [...args, '-e', app], { env, stdio: 'ignore' });
}

/** The time that all threads of a process were on a processor, in milliseconds. */
function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const texts = threads.map((each) => readFileSync(`/proc/${pid}/task/${each}/schedstat`, 'utf8'));
  return texts.reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1e6, 0);
}

function rssMib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1_024;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const bare = Array.from({ length: PAIRS }, () => start([]));
const watched = Array.from({ length: PAIRS }, () => start(['--import', agent]));
const pidsOf = (children: readonly ChildProcess[]): number[] => children.map(({ pid }) => pid ?? 0);
try {
  await sleep(SETTLES_MS);
  const before = [bare, watched].map((each) => pidsOf(each).map(cpuMs));
  for (let ms = 0; ms < MEASURED_MS; ms += ASKED_EVERY_MS) {
    const { size } = await askDelays(home, pidsOf(watched));
    if (size !== PAIRS) throw new Error(`${size} of ${PAIRS} agents answer`);
    await sleep(ASKED_EVERY_MS);
  }
  for (const [at, children] of [bare, watched].entries()) {
    const pids = pidsOf(children);
    const shares = pids.map((pid, nth) => (cpuMs(pid) - (before[at]?.[nth] ?? 0)) / MEASURED_MS);
    const name = at === 0 ? 'without the agent' : 'with the agent';
    const cpu = (median(shares) * 100).toFixed(3);
    console.log(`${name}: ${median(pids.map(rssMib)).toFixed(1)} MiB, ${cpu} % of one core`);
  }
} finally {
  for (const child of [...bare, ...watched]) child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
}
