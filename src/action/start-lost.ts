import { LivenessError } from '../errors.ts';
import type { OsReader } from '../os/os-reader.ts';
import type { Pm2Client } from '../pm2/client.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import type { OperatorRace } from './operator-race.ts';

/** What starting a lost app needs of the world. */
interface StartLostDeps {
  readonly pm2: Pm2Client;
  readonly reader: Pick<OsReader, 'births'>;
}

/**
 * Starts an app that PM2 lost (FACTS, "PM2 loses apps in silence"). Where PM2 still has the pid of a process that has ended it refuses
 * to start another beside it, so this is cleared first; an operator's stop meanwhile wins. Throws
 * ERR_PID_REUSED where PM2 would signal somebody else's process over it, and what PM2 throws.
 */
export async function startLost(
  process: ManagedProcess,
  { pm2, reader }: StartLostDeps,
  race: Pick<OperatorRace, 'intent'>,
): Promise<void> {
  if (process.pid === 0) return pm2.restart(process);
  // To one that is stopped already, PM2 does nothing but forget its pid.
  if (process.status !== 'stopped') await refuseReusedPid(process.pid, reader);
  await pm2.clear(process);
  const { pmId, name } = process;
  const cleared = (await pm2.list()).find((each) => each.pmId === pmId && each.name === name);
  if (race.intent !== null || cleared === undefined) return;
  if (cleared.status !== 'stopped' || cleared.pid !== 0) {
    throw new LivenessError('ERR_PM2_FAILED', `PM2 says ${cleared.status} of it meanwhile`);
  }
  await pm2.restart(cleared);
}

/** PM2 sends the pid the signals of a stop, also where it belongs to another process by now. */
async function refuseReusedPid(pid: number, reader: StartLostDeps['reader']): Promise<void> {
  const births = await reader.births([pid]);
  if (births !== null && !births.has(pid)) return;
  const reason = births === null ? 'may belong' : 'belongs';
  throw new LivenessError(
    'ERR_PID_REUSED',
    `pid ${pid}, which PM2 still has for it, ${reason} to another process: \`pm2 delete\` and start it`,
  );
}
