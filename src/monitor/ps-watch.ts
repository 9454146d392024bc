import type { Log } from '../report/log.ts';
import type { Clock } from '../time/clock.ts';

/** How often to look while no restart needs the result. */
const LOOK_MS = 60_000;

const MISSING =
  'the program ps is not in the PATH of the PM2 daemon: `pm2 restart` can start an app twice, and `pm2 stop` leaves its child processes running; install it (procps). The monitor restarts apps without it';

/** What looks, and where the result is reported. */
interface PsWatchDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Resolves to true while `ps` is missing. Never rejects. */
  readonly look: () => Promise<boolean>;
}

/** Knows whether PM2 lacks `ps`, and reports each change. */
export class PsWatch {
  readonly #deps: PsWatchDeps;
  #isMissing = false;

  constructor(deps: PsWatchDeps) {
    this.#deps = deps;
  }

  /** Looks now, then every minute, until `signal` aborts; resolves then. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.check();
      await this.#deps.clock.sleep(LOOK_MS, signal);
    }
  }

  /** Looks now. Resolves to true while `ps` is missing. */
  async check(): Promise<boolean> {
    const { log, look } = this.#deps;
    const isMissing = await look();
    if (isMissing !== this.#isMissing) {
      if (isMissing) log.line('error', MISSING);
      else log.line('info', 'the program ps is in the PATH again: PM2 restarts the apps as before');
    }
    this.#isMissing = isMissing;
    return isMissing;
  }

  /** Says what is missing, by the last look; null where nothing is. */
  trouble(): string | null {
    return this.#isMissing ? MISSING : null;
  }
}
