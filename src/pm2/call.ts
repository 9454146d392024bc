import { LivenessError, messageOf } from '../errors.ts';
import { withDeadline } from '../time/deadline.ts';
import type { Callback } from './library.ts';
import type { ManagedProcess } from './process.ts';

/**
 * Turns one call with a Node callback into a promise that always settles: where the daemon goes away during a
 * call, PM2's library never calls back (FACTS, "PM2: bus and connection"). Rejects with ERR_PM2_TIMEOUT or
 * ERR_PM2_FAILED.
 */
export function callPm2(what: string, ms: number, run: (done: Callback) => void): Promise<unknown> {
  const answer = new Promise((resolve, reject) => {
    run((error, result) => {
      if (error) reject(error);
      else resolve(result);
    });
  }).catch((cause: unknown) => {
    throw new LivenessError('ERR_PM2_FAILED', `${what}: ${messageOf(cause)}`, { cause });
  });
  const late = (): Error =>
    new LivenessError('ERR_PM2_TIMEOUT', `${what}: no answer within ${ms} ms`);
  return withDeadline(answer, ms, late);
}

/** How long PM2 may need beyond the app's own timeouts to stop and start a process, and the most in all. */
const ACT_MS = 30_000;
const ACT_MAX_MS = 110_000;

/** How long a call that stops or starts a process may take, in milliseconds. */
export function actMs({
  killTimeoutMs,
  listenTimeoutMs,
}: Pick<ManagedProcess, 'killTimeoutMs' | 'listenTimeoutMs'>): number {
  return Math.min(ACT_MAX_MS, ACT_MS + killTimeoutMs + listenTimeoutMs);
}
