import { hasEndedOnPurpose } from '../pm2/ended-on-purpose.ts';
import type { ManagedProcess } from '../pm2/process.ts';

/**
 * How PM2 lost an app (FACTS, "PM2 loses apps in silence"). `unspawned`: online or launching without a process. `crashed`
 * and `timer`: stopped or waiting with the pid of a process that has ended, which PM2 sets to 0 where anybody
 * stops the app. `failed`: stopped by a restart whose start failed, as an operator's stop looks. `givenUp`:
 * given up by PM2, and something is missing without which every start fails. `deadEnd`: `unspawned` in cluster mode,
 * where PM2 can neither start, stop nor delete it any more.
 */
export type Loss = 'unspawned' | 'deadEnd' | 'crashed' | 'timer' | 'failed' | 'givenUp';

/** PM2 is no longer at work on an entry that stays the same for this long, if the reason is known. */
export const PROVEN_MS: Readonly<Record<Loss, number>> = {
  unspawned: 1_000,
  deadEnd: 3_000,
  crashed: 3_000,
  timer: 3_000,
  // An operator's stop that crossed the restart is heard of by then.
  failed: 5_000,
  givenUp: 0,
};

/** The same where the reason is not known: opening the log files may take PM2 a while. */
export const UNPROVEN_MS = 30_000;

/** What an entry alone shows, also to a monitor that starts later; null where it shows no loss. */
export function lossIn(process: ManagedProcess): Loss | null {
  const { pid, status, isCluster } = process;
  if (hasEndedOnPurpose(process)) return null;
  // With a `restart_delay` PM2 writes `waiting restart` over `errored`.
  if (pid === 0 && (status === 'errored' || status === 'waiting restart')) return 'givenUp';
  const isUp = status === 'online' || status === 'launching';
  if (isUp && pid === 0) return isCluster ? 'deadEnd' : 'unspawned';
  if (status === 'waiting restart' && pid > 0) return 'timer';
  return status === 'stopped' && pid > 0 ? 'crashed' : null;
}

/** True for a loss that only a reason proves: without one, PM2 is right about the app. */
export function needsReason(loss: Loss, isOurs: boolean): boolean {
  return loss === 'givenUp' || (loss === 'failed' && !isOurs);
}

/** How long PM2 waits before it starts the app again, in milliseconds. */
export function restartDelayOf({ env }: ManagedProcess): number {
  const { restart_delay: fixed, exp_backoff_restart_delay: first, prev_restart_delay: last } = env;
  const delay = Number.parseInt(String(first === undefined ? fixed : last), 10);
  return Number.isFinite(delay) ? delay : UNPROVEN_MS;
}
