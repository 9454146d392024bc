import { LivenessError, messageOf } from '../errors.ts';

/**
 * Turns one call with a Node callback into a promise that always settles: a call in flight when
 * the daemon goes never calls back (FACTS). Rejects with ERR_PM2_TIMEOUT or ERR_PM2_FAILED.
 */
export function within(
  what: string,
  ms: number,
  run: (done: (error: unknown, result?: unknown) => void) => void,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new LivenessError('ERR_PM2_TIMEOUT', `${what}: no answer within ${ms} ms`));
    }, ms);
    const fail = (cause: unknown): void => {
      clearTimeout(timer);
      reject(new LivenessError('ERR_PM2_FAILED', `${what}: ${messageOf(cause)}`, { cause }));
    };
    try {
      run((error, result) => {
        if (error) return fail(error);
        clearTimeout(timer);
        resolve(result);
      });
    } catch (error) {
      fail(error);
    }
  });
}
