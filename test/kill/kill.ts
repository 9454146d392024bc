// Kills the monitor 200 times (`--kills`) at random instants, from a seed that is printed (`--seed`): at its
// start, at any later time, and during its restarts. After any kill, the next one leads, and no budget is
// exceeded (DESIGN §4, §8).
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createOsReader } from '../../src/os/create-reader.ts';
import { draw } from '../../src/verdict/backoff.ts';
import { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { illServer, type Illness } from './ill-server.ts';
import { MortalMonitor } from './mortal-monitor.ts';
import { RestartWatch, shortestSpanMs } from './restart-watch.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, seed: { type: 'string' } },
});
const kills = Number(values.kills);
let seed = Number(values.seed ?? process.hrtime.bigint() % 1_000_000n);
assert.ok(kills >= 20 && Number.isSafeInteger(seed), '--kills 20 or more, --seed a whole number');

const LIMIT = 3;
const WINDOW_MS = 20_000;
/** The breaker's waits are short, so that the budget alone holds the restarts back. */
const RESTARTS = {
  limit: LIMIT,
  within: `${WINDOW_MS}ms`,
  maxBackoff: '1s',
  cooldown: '500ms',
  maxCooldown: '1s',
} as const;
/** A restart is counted when it is decided and seen when PM2 has done it, so that two can be seen closer together. */
const SEEN_LATE_MS = 2_000;
/** The journal has incidents that are over: in fewer kills, a minute of them, there may be none yet. */
const JOURNAL_KILLS = 60;
const ILLNESSES: readonly Illness[] = ['errs', 'fades'];

/** At which point of its run a monitor is killed, and how long after that at most. */
const INSTANTS = {
  starting: { weight: 1, spreadMs: 600 },
  leading: { weight: 2, spreadMs: 1_500 },
  restarting: { weight: 2, spreadMs: 300 },
} as const;
type Instant = keyof typeof INSTANTS;

let killedDeciding = 0;
const sandbox = await Pm2Sandbox.create();
try {
  await run();
  console.log('1 passed, 0 failed');
} catch (error) {
  console.error(error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
} finally {
  await sandbox.destroy();
}

async function run(): Promise<void> {
  console.log(`kill: ${kills} kills, seed ${seed} (again with --kills ${kills} --seed ${seed})`);
  for (const illness of ILLNESSES) {
    await sandbox.start(await illServer(sandbox, illness, RESTARTS));
  }
  const watch = new RestartWatch(sandbox);
  const beganAt = performance.now();
  const played = await playAll(watch);
  const endedAt = performance.now();
  console.table(played);
  console.log(`${killedDeciding} were killed with a restart decided`);
  assert.ok(killedDeciding >= LIMIT, 'hardly any was killed with a restart decided');
  checkRestarts(watch.times, beganAt, endedAt);
  await checkRemains();
}

/** All runs, and a last one that exits normally. */
async function playAll(watch: RestartWatch): Promise<Record<Instant, number>> {
  const played = { starting: 0, leading: 0, restarting: 0 };
  watch.start();
  try {
    for (let life = 0; life < kills; life += 1) {
      const instant = pickInstant();
      played[instant] += 1;
      await liveUntil(instant, life);
    }
    const last = new MortalMonitor(sandbox.home);
    await last.leads();
    await last.stop();
  } finally {
    await watch.stop();
  }
  return played;
}

/** One run of the monitor, killed at a random time after the given instant. */
async function liveUntil(instant: Instant, life: number): Promise<void> {
  const monitor = new MortalMonitor(sandbox.home);
  const { spreadMs } = INSTANTS[instant];
  try {
    if (instant !== 'starting') await monitor.leads();
    if (instant === 'restarting') await monitor.decides(1_500);
    await sleep(random() * spreadMs);
  } finally {
    const isKilled = await monitor.kill();
    if (monitor.hasDecided) killedDeciding += 1;
    assert.ok(isKilled, `life ${life} ended by itself: ${monitor.told}`);
  }
  assert.doesNotMatch(
    monitor.told,
    /set aside|without its saved state|not saved on disk|without the lock|Error:|^\s+at /m,
    `life ${life}`,
  );
}

function checkRestarts(
  times: ReadonlyMap<string, readonly number[]>,
  beganAt: number,
  endedAt: number,
): void {
  const minutes = ((endedAt - beganAt) / 60_000).toFixed(1);
  for (const name of ILLNESSES) {
    const list = times.get(name) ?? [];
    const spent = shortestSpanMs(list, LIMIT);
    const tooMany = shortestSpanMs(list, LIMIT + 1);
    const spans = `${LIMIT} in ${spent} ms, ${LIMIT + 1} in ${tooMany} ms`;
    console.log(`${name}: ${list.length} restarts in ${minutes} min, at the closest ${spans}`);
    const least = WINDOW_MS - SEEN_LATE_MS;
    assert.ok(tooMany >= least, `${name}: wanted ${LIMIT} at most within ${least} ms`);
    // Else nothing held the restarts back, and the claim above says nothing.
    assert.ok(spent < WINDOW_MS, `${name}: the budget was never spent`);
    const silentMs = endedAt - (list.at(-1) ?? beganAt);
    assert.ok(silentMs < 2 * WINDOW_MS, `${name}: no restart for the last ${silentMs} ms`);
  }
}

/** Nothing was set aside or left behind, and PM2 runs each app once. */
async function checkRemains(): Promise<void> {
  const files = await readdir(join(sandbox.home, 'pm2-liveness'));
  // The lock keeps its last eight claims, and the sockets of the last minute's newcomers.
  assert.ok(files.filter((file) => file.startsWith('lock.')).length <= 8, files.join(', '));
  // A monitor that lived for a minute has written a history, in a folder of its own.
  const others = files.filter((file) => !/^(?:lock|new)\.|^history$/.test(file));
  const isJournalSure = kills >= JOURNAL_KILLS || others.includes('incidents.jsonl');
  const wanted = [...(isJournalSure ? ['incidents.jsonl'] : []), 'state.json'];
  assert.deepEqual(others, wanted, 'what is left of so many monitors');
  const daemon = await sandbox.daemon();
  const table = await createOsReader().processes();
  const children = [...(table?.values() ?? [])].filter(({ ppid }) => ppid === daemon);
  const list = await sandbox.list();
  assert.deepEqual(
    children.map(({ pid }) => pid).sort((a, b) => a - b),
    list.map(({ pid }) => pid).sort((a, b) => a - b),
  );
  assert.deepEqual(
    list.map(({ pm2_env: env }) => env.status),
    ILLNESSES.map(() => 'online'),
  );
}

function pickInstant(): Instant {
  const names = Object.keys(INSTANTS) as Instant[]; // the keys of our own constant
  const bag = names.flatMap((name) => Array<Instant>(INSTANTS[name].weight).fill(name));
  return bag[Math.floor(random() * bag.length)] ?? assert.fail('nothing to pick from');
}

function random(): number {
  const drawn = draw(seed);
  seed = drawn.seed;
  return drawn.value;
}
