import type { Log } from '../report/log.ts';
import type { Clock } from '../time/clock.ts';

/** How often to look where no restart needs to know. */
const LOOK_MS = 60_000;

const MISSING =
  'the program ps is not in the PATH of the PM2 daemon: `pm2 restart` can start an app twice, and `pm2 stop` leaves its child processes running; install it (procps). Restarts of the monitor do without it';

/** What it takes to look. */
export interface PsWatchDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** True while `ps` is missing. Never rejects. */
  readonly look: () => Promise<boolean>;
}

/** Knows whether PM2 lacks `ps`, and says so when that changes. */
export class PsWatch {
  readonly #ports: PsWatchDeps;
  #isMissing = false;

  constructor(ports: PsWatchDeps) {
    this.#ports = ports;
  }

  /** Looks at once, then every minute; resolves when the signal has come. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.check();
      await this.#ports.clock.sleep(LOOK_MS, signal);
    }
  }

  /** Looks now. True while `ps` is missing. */
  async check(): Promise<boolean> {
    const { log, look } = this.#ports;
    const isMissing = await look();
    if (isMissing !== this.#isMissing) {
      if (isMissing) log.line('error', MISSING);
      else log.line('info', 'the program ps is there again: restarts are left to PM2 as before');
    }
    this.#isMissing = isMissing;
    return isMissing;
  }

  /** What is missing, as of the last look; null where nothing is. */
  trouble(): string | null {
    return this.#isMissing ? MISSING : null;
  }
}
