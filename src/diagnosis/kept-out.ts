import type { Pm2Client } from '../pm2/client.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import { portsTakenIn } from './port-taken.ts';

/** What the lives of an app show of whether a port that another holds keeps them from their work. */
export type Need =
  /** One said that the port is taken, or ended with an error. */
  | 'kept-out'
  /** One did what it had to do and ended well. */
  | 'went-well'
  /** Nothing yet. */
  | 'unknown';

/** One life, as far as it was heard of. */
interface Life {
  /** Wall milliseconds, as PM2 has it. */
  readonly startedAt: number;
  /** Null while it runs; `ordered` is not of its own doing. */
  end: 'ordered' | 'well' | 'failed' | null;
  /** Of each time that it said so: the ports that it found taken, none where it named none. */
  readonly taken: (readonly number[])[];
}

/** So many lives of an app are remembered, and so much of what each said. */
const MOST = 20;

/** Against the clock of PM2 a process seems up to a second older than it is (os-reader). */
const SLACK_MS = 1_000;

/**
 * Remembers of each app whether its lives were kept from a port: what they wrote, and how they ended.
 * Else a server that turned itself into a daemon cannot be told from a left-over in the way.
 */
export class KeptOut {
  readonly #pm2: Pm2Client;
  readonly #tell: (pmId: number) => void;
  /** By pm_id, oldest first; none for an app that nobody watches. */
  readonly #lives = new Map<number, Life[]>();
  #endings: readonly (() => void)[] = [];

  /** `tell` is called when an app was heard to be kept out. */
  constructor(pm2: Pm2Client, tell: (pmId: number) => void) {
    this.#pm2 = pm2;
    this.#tell = tell;
  }

  start(): void {
    this.#endings = [
      this.#pm2.onOutput(({ pmId, text }, isError) => {
        const life = this.#lives.get(pmId)?.at(-1);
        if (life === undefined || life.taken.length >= MOST) return;
        const taken = portsTakenIn(text, isError);
        if (taken === null) return;
        life.taken.push(taken);
        this.#tell(pmId);
      }),
      this.#pm2.onEvent(({ event, pmId, startedAt, exit }) => {
        const lives = this.#lives.get(pmId);
        if (lives === undefined || startedAt === null) return;
        const life = lifeIn(lives, startedAt);
        if (event !== 'exit' || exit === undefined || life.end === 'ordered') return;
        if (exit.isOrdered) life.end = 'ordered';
        else life.end ??= exit.code === 0 ? 'well' : 'failed';
      }),
    ];
  }

  /** Idempotent. */
  stop(): void {
    for (const end of this.#endings) end();
    this.#endings = [];
  }

  /** Takes over PM2's list of the apps that are watched. */
  follow(processes: readonly ManagedProcess[]): void {
    const watched = new Set(processes.map(({ pmId }) => pmId));
    for (const pmId of this.#lives.keys()) if (!watched.has(pmId)) this.#lives.delete(pmId);
    for (const { pmId, pid, startedAt, status, env } of processes) {
      const lives = this.#lives.get(pmId) ?? [];
      this.#lives.set(pmId, lives);
      const life = lifeIn(lives, startedAt);
      // Also where its end was before we heard anything.
      if (status === 'errored' && pid === 0)
        life.end ??= env['exit_code'] === 0 ? 'well' : 'failed';
    }
  }

  /** What the lives show that began after a process which began at `sinceMs` (wall), of the port that it holds. */
  needOf(pmIds: readonly number[], port: number, sinceMs: number): Need {
    const lives = pmIds
      .flatMap((pmId) => this.#lives.get(pmId) ?? [])
      .filter(({ startedAt }) => startedAt > sinceMs + SLACK_MS);
    const isKept = lives.some(({ end, taken }) => {
      const isTaken = taken.some((ports) => ports.length === 0 || ports.includes(port));
      return end === 'failed' || isTaken;
    });
    if (isKept) return 'kept-out';
    return lives.some(({ end }) => end === 'well') ? 'went-well' : 'unknown';
  }
}

function lifeIn(lives: Life[], startedAt: number): Life {
  const known = lives.find((life) => life.startedAt === startedAt);
  if (known !== undefined) return known;
  const life: Life = { startedAt, end: null, taken: [] };
  lives.push(life);
  lives.sort((a, b) => a.startedAt - b.startedAt);
  lives.splice(0, lives.length - MOST);
  return life;
}
