import { LivenessError, messageOf } from '../errors.ts';
import { withDeadline } from '../time/deadline.ts';
import type { Callback } from './library.ts';

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
