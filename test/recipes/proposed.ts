import { blockText } from '../../src/cli/watch/plan.ts';
import { proposeBlock } from '../../src/cli/proposal/propose-block.ts';
import { createOsReader } from '../../src/os/create-reader.ts';
import { toManagedProcess } from '../../src/pm2/process.ts';
import { systemClock as clock } from '../../src/time/clock.ts';
import type { Pm2Sandbox } from '../support/pm2-sandbox.ts';

/** The block that `watch` and `init` write for an app that runs, as they show it. Throws where they find none. */
export async function proposedFor(name: string, sandbox: Pm2Sandbox): Promise<string> {
  const processes = (await sandbox.list()).flatMap((entry) => toManagedProcess(entry) ?? []);
  const app = processes.find((each) => each.name === name);
  if (app === undefined) throw new Error(`PM2 has no ${name}`);
  const daemonPid = await sandbox.daemon();
  const deps = { reader: createOsReader(), clock, daemonPid, processes };
  const { block, found } = await proposeBlock(app, deps);
  if (block === null) throw new Error(`watch has no block for ${name}: ${found}`);
  return blockText(app, block);
}
