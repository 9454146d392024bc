import type { OsReader, ProcessFacts } from '../os/os-reader.ts';
import { treeOf } from '../os/tree.ts';
import type { Pm2Client } from '../pm2/client.ts';
import { incarnationOf, type ManagedProcess } from '../pm2/process.ts';
import type { Clock } from '../time/clock.ts';
import { LightAbortController, type LightAbortSignal } from '../time/light-abort.ts';

/** How often PM2's list is read until it shows that PM2 stops the app. */
const LOOK_MS = 20;

/** PM2 begins to stop an app within this time; after it, PM2's own `kill_timeout` is waited for. */
const BEGIN_MS = 5_000;

/** What restarts an app without waiting for some of its processes. */
export interface EndOnceStoppingDeps {
  readonly pm2: Pm2Client;
  readonly clock: Clock;
}

/**
 * Has PM2 restart an app, and calls `end` once PM2's list shows that PM2 stops this incarnation: a process that ends
 * before counts as a crash, and PM2 would start the app twice. Throws what PM2 throws.
 */
export async function endOnceStopping(
  process: ManagedProcess,
  deps: EndOnceStoppingDeps,
  end: () => Promise<void>,
): Promise<void> {
  const over = new LightAbortController();
  const ending = endWhenStopping(process, deps, end, over);
  try {
    await deps.pm2.restart(process);
  } finally {
    over.abort();
    await ending;
  }
}

/**
 * The processes of an app that PM2 ends with it: its first one alone, where `treekill: false` says so. Empty where it
 * has none, and where the system does not say.
 */
export async function treeIn(
  { pid, env }: ManagedProcess,
  reader: Pick<OsReader, 'processes'>,
): Promise<readonly ProcessFacts[]> {
  const table = await reader.processes();
  if (table === null || pid === 0) return [];
  const tree = treeOf(table, pid);
  return env['treekill'] === true ? tree : tree.filter((each) => each.pid === pid);
}

/** Never rejects. */
async function endWhenStopping(
  process: ManagedProcess,
  { pm2, clock }: EndOnceStoppingDeps,
  end: () => Promise<void>,
  over: LightAbortSignal,
): Promise<void> {
  const deadline = clock.now() + BEGIN_MS;
  try {
    while (!over.aborted && clock.now() < deadline) {
      const now = (await pm2.list()).find(({ pmId }) => pmId === process.pmId);
      if (now === undefined || incarnationOf(now) !== incarnationOf(process)) return;
      if (now.status === 'stopping') return await end();
      await clock.sleep(LOOK_MS, over);
    }
  } catch {
    // PM2 does not answer: it kills them itself after its `kill_timeout`.
  }
}
