import type { ManagedProcess } from '../pm2/process.ts';
import type { Observation, Pm2Wait } from './observation.ts';

/** A stop that takes long is reported once after this time, and once more when SIGKILL has not helped. */
const LONG_MS = 10_000;
/** PM2 sends SIGKILL after `kill_timeout`; the process is gone this much later at most, if it can be. */
const KILLED_MS = 2_000;

/** A stop by PM2, as long as it lasts. */
interface Stop {
  readonly wait: Extract<Pm2Wait, { readonly type: 'stopping' }>;
  /** How far it was reported. */
  reported: 'no' | 'long' | 'overdue';
}

/** Knows what PM2 waits for, from its list, and reports stops that take long. */
export class Pm2Waits {
  readonly #stops = new Map<number, Stop>();
  readonly #onLongStop: (app: Observation, now: number) => void;

  /** `onLongStop` is called at most twice in one stop. */
  constructor(onLongStop: (app: Observation, now: number) => void) {
    this.#onLongStop = onLongStop;
  }

  /** The observation with what PM2 waits for, where it waits for something. */
  pass(process: ManagedProcess, observation: Observation, now: number): Observation {
    const stop = this.#stopOf(process, now);
    const wait = stop?.wait ?? waitOf(process, observation);
    if (wait === null) return observation;
    const seen = { ...observation, pm2Wait: wait };
    if (stop !== null) this.#report(stop, seen, now);
    return seen;
  }

  forget(pmId: number): void {
    this.#stops.delete(pmId);
  }

  #stopOf({ pmId, status, killTimeoutMs }: ManagedProcess, now: number): Stop | null {
    if (status !== 'stopping') {
      this.#stops.delete(pmId);
      return null;
    }
    const known = this.#stops.get(pmId);
    if (known !== undefined) return known;
    const overdueAt = now + killTimeoutMs + KILLED_MS;
    const wait = { type: 'stopping', since: now, killTimeoutMs, overdueAt } as const;
    const stop: Stop = { wait, reported: 'no' };
    this.#stops.set(pmId, stop);
    return stop;
  }

  #report(stop: Stop, app: Observation, now: number): void {
    const { since, overdueAt } = stop.wait;
    const isOverdue = now > overdueAt;
    if (stop.reported === 'overdue' || (!isOverdue && now <= since + LONG_MS)) return;
    if (!isOverdue && stop.reported === 'long') return;
    stop.reported = isOverdue ? 'overdue' : 'long';
    this.#onLongStop(app, now);
  }
}

function waitOf({ env, listenTimeoutMs }: ManagedProcess, { status }: Observation): Pm2Wait | null {
  if (status === 'launching' && env['wait_ready'] === true) {
    return { type: 'ready', listenTimeoutMs };
  }
  const pattern = env['cron_restart'];
  // PM2 takes '0' for none.
  const isCron =
    status === 'stopped' && typeof pattern === 'string' && pattern !== '' && pattern !== '0';
  return isCron ? { type: 'cron', pattern } : null;
}
