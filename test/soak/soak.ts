// Ten minutes (`--minutes`) of random faults on three apps, one every few seconds, from a seed that is
// printed (`--seed`). At the end all must be healthy, no budget exceeded, and nothing left over or grown.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { draw } from '../../src/verdict/backoff.ts';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { until } from '../support/until.ts';
import { FAST } from '../support/watched-vite.ts';
import { ViteApp } from '../support/vite-app.ts';
import { FAULTS, type Victim } from './faults.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
});
const minutes = Number(values.minutes);
let seed = Number(values.seed ?? process.hrtime.bigint() % 1_000_000n);
assert.ok(minutes >= 2 && Number.isSafeInteger(seed), '--minutes 2 or more, --seed a whole number');

/** Room for a fault every few seconds; what is over is held back, and comes back within the minute. */
const RESTARTS = {
  limit: 6,
  within: '1m',
  maxBackoff: '4s',
  cooldown: '5s',
  maxCooldown: '10s',
} as const;
const WINDOW_MS = 60_000;
/** The monitor is measured against itself when it is a minute old. */
const WARM_MS = 60_000;
const GROWTH_BYTES = 10 * 1_048_576;
const GROWTH_HANDLES = 10;

/** The monitor's own process, as the system sees it. */
interface Size {
  readonly pid: number;
  readonly rssBytes: number;
  readonly handles: number;
}

const sandbox = await Pm2Sandbox.create();
const apps: ViteApp[] = [];
try {
  await run();
  console.log('1 passed, 0 failed');
} catch (error) {
  console.error(await sandbox.output('pm2-liveness').catch(() => ''));
  console.error(error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
} finally {
  await sandbox.destroy();
  for (const app of apps) await app.destroy();
}

async function run(): Promise<void> {
  console.log(
    `soak: ${minutes} minutes, seed ${seed} (again with --minutes ${minutes} --seed ${seed})`,
  );
  await sandbox.startMonitor({ LIVENESS_LOG: 'json' });
  const victims = await Promise.all(['one', 'two', 'three'].map(createVictim));
  const beganAt = performance.now();
  const deadline = beganAt + minutes * 60_000;
  const played: Record<string, number> = {};
  let early: Size | null = null;
  while (performance.now() < deadline) {
    const victim = pick(victims);
    const [name, fault] = pick(Object.entries(FAULTS));
    played[name] = (played[name] ?? 0) + 1;
    await fault(victim);
    await sleep(2_000 + random() * 4_000);
    await checkUsed();
    if (performance.now() - beganAt > WARM_MS) early ??= await sizeOfMonitor();
  }
  await Promise.all(victims.map(({ name }) => sandbox.reaches(name, 'healthy', 90_000)));
  await checkEnd(early, played);
}

async function createVictim(name: string): Promise<Victim> {
  const app = await ViteApp.create();
  apps.push(app);
  const block = {
    ...FAST,
    vite: { url: app.url, deepPeriod: '2s' },
    busyGrace: '20s',
    // A fault may hit a process that starts: it must be over well within the time that is waited at the end.
    startupTimeout: '30s',
    restarts: RESTARTS,
  } as const;
  await sandbox.start(app.entry(name, block));
  await sandbox.reaches(name, 'healthy', 60_000);
  return { name, app, sandbox };
}

/** What the monitor itself says of its budgets. */
async function checkUsed(): Promise<void> {
  const status = await sandbox.status();
  for (const { name, restarts } of status?.targets ?? []) {
    assert.ok(restarts.used <= RESTARTS.limit, `${name} used ${restarts.used} restarts`);
  }
}

async function checkEnd(early: Size | null, played: Record<string, number>): Promise<void> {
  console.table(played);
  const times = await restartTimes();
  for (const [name, list] of times) {
    for (const at of list) {
      const inWindow = list.filter((time) => time >= at && time < at + WINDOW_MS).length;
      assert.ok(inWindow <= RESTARTS.limit, `${name}: ${inWindow} restarts within a minute`);
    }
    console.log(
      `${name}: ${list.length} restarts of ours, never more than ${RESTARTS.limit} a minute`,
    );
  }
  const late = await sizeOfMonitor();
  assert.ok(early !== null && early.pid === late.pid, 'the monitor is the same all the time');
  const grown = Math.round((late.rssBytes - early.rssBytes) / 104_857.6) / 10;
  console.log(`monitor: ${grown} MB and ${late.handles - early.handles} handles more than before`);
  assert.ok(late.rssBytes - early.rssBytes <= GROWTH_BYTES, `RSS grew by ${grown} MB`);
  assert.ok(late.handles - early.handles <= GROWTH_HANDLES, `${late.handles} handles`);
  await until('nothing is left over', async () => {
    const strays = await strayPids();
    if (strays.length === 0) return true;
    throw new Error(`processes that PM2 does not know: ${strays.join(', ')}`);
  });
}

/** When each app was restarted by us, from the monitors' own lines. */
async function restartTimes(): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  for (const line of (await sandbox.output('pm2-liveness')).split('\n')) {
    if (!line.includes('"event":"performed"') || !line.includes('"result":"done"')) continue;
    const { app, time } = JSON.parse(line) as { app: string; time: string }; // our own line
    times.set(app, [...(times.get(app) ?? []), Date.parse(time)]);
  }
  return times;
}

/** What runs on behalf of this PM2 without being its daemon or below it. */
async function strayPids(): Promise<number[]> {
  const daemon = await sandbox.daemon();
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const strays: number[] = [];
  for (const pid of pids) {
    const environ = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    const isOurs = environ.includes(`PM2_HOME=${sandbox.home}\0`) && environ.includes('\0pm_id=');
    if (isOurs && pid !== daemon && parent === 1) strays.push(pid);
  }
  return strays;
}

async function sizeOfMonitor(): Promise<Size> {
  const { pid } = await sandbox.app('pm2-liveness');
  const kib = /^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  const handles = (await readdir(`/proc/${pid}/fd`)).length;
  return { pid, rssBytes: Number(kib) * 1_024, handles };
}

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] ?? assert.fail('nothing to pick from');
}

function random(): number {
  const drawn = draw(seed);
  seed = drawn.seed;
  return drawn.value;
}
