import type { Log } from '../../report/log.ts';
import type { PingStatus } from '../../report/notify-status.ts';
import type { Clock } from '../../time/clock.ts';
import { withTimeout } from '../../time/deadline.ts';
import { LightAbortController } from '../../time/light-abort.ts';
import { pingUrl, type PingKind } from './ping-url.ts';

/** Sends one ping; null where it was taken, else the reason, without the URL. Never rejects. */
export type SendPing = (url: string, body: string | null) => Promise<string | null>;

/** What a dead man's switch uses. */
interface DeadManSwitchDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** A secret. */
  readonly url: string;
  /** Kind and host. */
  readonly shown: string;
  readonly send: SendPing;
  /** Why the last round was not fit: PM2, our event loop or the disk; null where it was. */
  readonly ownTrouble: () => string | null;
}

const PERIOD_MS = 60_000;

/** The first ping waits until the first list of PM2's apps has been read. */
const FIRST_MS = 5_000;

/** A service that takes longer is down. */
const SEND_MS = 15_000;

/** What a stopping monitor has left to say that it stops. */
const GOODBYE_MS = 1_500;

/**
 * Why a monitor stops: a signal, as PM2 sends at `pm2 stop`, `restart`, `reload`, `delete` and `kill`; its daemon died under
 * it; or another monitor leads now.
 */
export type StopCause = 'signal' | 'daemon' | 'handover';

/** A signal cannot tell a stop from a restart; after a restart `/start` follows. */
const GOODBYES: Readonly<Record<StopCause, string | null>> = {
  signal: 'pm2-liveness was stopped on purpose, or is restarted (by pm2 or a signal)',
  daemon: 'the PM2 daemon died, and pm2-liveness stops with it; nobody stopped it on purpose',
  handover: null,
};

/** Asks a service every minute, so that this service tells someone when nobody asks any more. */
export class DeadManSwitch {
  readonly #deps: DeadManSwitchDeps;
  readonly #stopping = new LightAbortController();
  #running: Promise<void> = Promise.resolve();
  #problem: string | null = null;
  #lastOkAt: number | null = null;
  /** How many rounds in a row were not fit. */
  #unfitRounds = 0;

  constructor(deps: DeadManSwitchDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#running = this.#run();
  }

  status(): PingStatus {
    const at = this.#lastOkAt;
    return {
      shown: this.#deps.shown,
      lastOkAt: at === null ? null : new Date(at).toISOString(),
      problem: this.#problem,
    };
  }

  /** Stops, and says why, except where another monitor goes on. Never rejects. */
  async stop(cause: StopCause): Promise<void> {
    if (this.#stopping.aborted) return;
    this.#stopping.abort();
    await this.#running;
    const text = GOODBYES[cause];
    if (text === null) return;
    const said = this.#ask('log', text);
    await withTimeout(said, GOODBYE_MS, undefined, this.#deps.clock);
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps;
    await clock.sleep(FIRST_MS, this.#stopping);
    if (!this.#stopping.aborted) void this.#ask('start', 'pm2-liveness leads');
    while (!this.#stopping.aborted) {
      // Not awaited for longer than a stop may take.
      await Promise.race([this.#round(), clock.sleep(SEND_MS, this.#stopping)]);
      await clock.sleep(PERIOD_MS, this.#stopping);
    }
  }

  async #round(): Promise<void> {
    const { ownTrouble, clock, log } = this.#deps;
    const trouble = ownTrouble();
    if (trouble === null) {
      this.#unfitRounds = 0;
      const isTaken = await this.#ask('ok', null);
      if (isTaken) this.#lastOkAt = clock.wall();
      return;
    }
    this.#problem = `not sent: ${trouble}`;
    this.#unfitRounds += 1;
    // The second, because a short lag or a daemon that starts again is no failure; said once.
    if (this.#unfitRounds !== 2) return;
    log.line('warn', `ping ${this.#deps.shown}: failure sent: ${trouble}`);
    await this.#ask('fail', trouble);
  }

  async #ask(kind: PingKind, body: string | null): Promise<boolean> {
    const { url, send, shown, log, clock } = this.#deps;
    const asked = pingUrl(url, kind, body ?? '');
    if (asked === null) return false;
    const problem = await withTimeout(send(asked, body), SEND_MS, 'no answer', clock);
    // Not every service knows the others.
    if (kind !== 'ok') return problem === null;
    if (problem !== null && this.#problem === null) {
      log.line('warn', `ping ${shown}: not taken, tried again every minute: ${problem}`);
    } else if (problem === null && this.#problem !== null) {
      log.line('info', `ping ${shown}: taken again`);
    }
    this.#problem = problem;
    return problem === null;
  }
}
