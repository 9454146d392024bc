import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createOsReader } from '../../src/os/create-reader.ts';
import { draw } from '../../src/verdict/backoff.ts';
import { operate } from '../support/pm2-rpc.ts';
import type { Pm2Sandbox } from '../support/pm2-sandbox.ts';
import { scenario, type Stage } from '../support/scenario.ts';
import { portOf, smallServer } from '../support/small-server.ts';
import { holds, until } from '../support/until.ts';

type Wish = 'stop' | 'delete';

/** Tries of each wish, over PM2s that play at the same time: each restarts one app at a time. */
const TRIES = 20;
const LANES = 4;

/** Our restart of a hung app takes about 1.8 s, and PM2's program half a second to begin. */
const LATEST_MS = 2_000;

/** From the exit of the old incarnation until PM2 has started the new one, and a little longer. */
const END_MS = 120;

for (const [index, wish] of (['stop', 'delete'] as const).entries()) {
  scenario(16 + index, '', async (stage, context) => {
    const seed = Number(process.hrtime.bigint() % 1_000_000n);
    context.diagnostic(`seed ${seed}`);
    const lanes = Array.from({ length: LANES }, (_, lane) => playLane(stage, wish, seed + lane));
    const right = (await Promise.all(lanes)).reduce((sum, each) => sum + each, 0);
    const final = wish === 'stop' ? 'stopped' : 'gone';
    return { restarts: TRIES, to200Ms: null, final: `${final}, ${right} of ${TRIES}` };
  });
}

/** Tries in one PM2, one after the other; gives how many ended as the operator wanted. */
async function playLane(stage: Stage, wish: Wish, laneSeed: number): Promise<number> {
  const sandbox = await stage.pm2();
  let { seed } = draw(laneSeed);
  for (let round = 0; round < TRIES / LANES; round += 1) {
    const drawn = draw(seed);
    seed = drawn.seed;
    // Every other try aims at the moment in which PM2 has ended the app and not yet started it.
    if (round % 2 === 0) await play(sandbox, wish, atRandom(sandbox, wish, drawn.value));
    else await play(sandbox, wish, atItsEnd(sandbox, wish, drawn.value));
  }
  return TRIES / LANES;
}

/** The operator's part of a try: waits for its moment, and acts. */
interface Try {
  readonly name: string;
  readonly act: (app: { readonly pid: number; readonly pm_id: number }) => Promise<void>;
}

/** With PM2's own program, at any moment. */
function atRandom(sandbox: Pm2Sandbox, wish: Wish, drawn: number): Try {
  const name = `${wish}-${Math.round(drawn * LATEST_MS)}`;
  return {
    name,
    async act() {
      await sleep(drawn * LATEST_MS);
      await sandbox.pm2(wish, name);
    },
  };
}

/** Without the half second that the program takes to start, counted from the exit of the old incarnation. */
function atItsEnd(sandbox: Pm2Sandbox, wish: Wish, drawn: number): Try {
  return {
    name: `${wish}-end-${Math.round(drawn * END_MS)}`,
    async act({ pid, pm_id }) {
      const isGone = async (): Promise<boolean> =>
        (await createOsReader().births([pid]))?.has(pid) === false;
      await until('the old life has ended', isGone, { everyMs: 1 });
      await sleep(drawn * END_MS);
      await operate(sandbox.home, wish, pm_id);
    },
  };
}

/** One try: an app hangs, we begin to restart it, and the operator acts. */
async function play(sandbox: Pm2Sandbox, wish: Wish, { name, act }: Try): Promise<void> {
  const app = await smallServer(sandbox, name);
  await sandbox.start(app);
  await sandbox.reaches(name, 'healthy');
  const entry = await sandbox.app(name);
  process.kill(entry.pid, 'SIGSTOP');
  const begun = async (): Promise<boolean> =>
    (await sandbox.output('pm2-liveness')).includes(`${name}: restarting: `);
  await until(`we restart ${name}`, begun, { everyMs: 10 });
  await act(entry);
  const asWanted = async (): Promise<boolean> => {
    const now = (await sandbox.list()).find((each) => each.name === name);
    const isDown = wish === 'stop' ? now?.pm2_env.status === 'stopped' : now === undefined;
    return isDown && (await listening(portOf(app))) === 0;
  };
  // What our restart does may show for a moment; what counts is what stays.
  const stays = async (): Promise<boolean> => {
    await holds(`${name} stays so`, 3_000, asWanted);
    return true;
  };
  await until(`${name} ends as the operator wanted`, stays, { withinMs: 12_000 }).catch(
    async (cause: unknown) => {
      throw new Error(await sandbox.output('pm2-liveness'), { cause });
    },
  );
  if (wish === 'stop') await sandbox.pm2('delete', name);
}

async function listening(port: number): Promise<number> {
  const listeners = await createOsReader().listeners(port);
  return listeners?.length ?? assert.fail('nobody can tell who listens');
}
