import type { BusEvent } from '../../pm2/bus-event.ts';
import { wasCronDue } from '../../pm2/cron-pattern.ts';
import type { DaemonLine } from '../../pm2/daemon-line.ts';
import { isWantedEnd } from '../../pm2/ended-on-purpose.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { singleLine } from '../../text/single-line.ts';
import {
  causeOf,
  cronCause,
  UNKNOWN,
  UNSEEN,
  type DaemonReason,
  type Ending,
  type KnownCause,
} from './cause.ts';
import { appendTail, lastErrorLine } from './error-line.ts';
import type { ObservedRestart } from './observed-restart.ts';

/** The time of a restart of ours in wall milliseconds; `to` is null while it is under way. */
export interface Flight {
  readonly from: number;
  readonly to: number | null;
}

/** When something is heard: `now` monotonic, and the number of the bus's connection, null without one. */
export interface Hearing {
  readonly now: number;
  readonly connection: number | null;
}

/** A new incarnation whose cause is not known yet. */
interface Open {
  readonly at: number;
  readonly until: number;
  readonly cronAt: number | null;
  readonly wasStopped: boolean;
  /** What it is when nothing more is heard. */
  readonly otherwise: KnownCause;
}

/** PM2 reports a command when it is done, this long after the start at most where it waits for nothing. */
const COMMAND_MS = 10_000;

/** The list may be ahead of the bus by less than this. */
const BEHIND_MS = 3_000;

/** A reason that PM2 wrote down is for a stop within this time, and its `watch_delay`. */
const FRESH_MS = 15_000;

/** What PM2's bus and list say of one process, from one incarnation to the next. Gives each restart once. */
export class TrackedProcess {
  #process: ManagedProcess;
  #startedAt: number;
  #restarts: number;
  /** The connection of the bus when this incarnation was first seen. */
  #connection: number | null;
  #ending: Ending | null = null;
  /** PM2 has left it down since, or somebody had it stopped: what ended it is not why it is started again. */
  #down: 'left' | 'stopped' | null = null;
  #signal: string | null = null;
  /** What PM2 wrote down last, and when; then that for which it began to stop the process. */
  #written: { readonly reason: DaemonReason; readonly at: number } | null = null;
  #reason: DaemonReason | null = null;
  #cronAt: number | null = null;
  #tail = '';
  #behindSince: number | null = null;
  #open: Open | null = null;

  constructor(process: ManagedProcess, { connection }: Hearing) {
    this.#process = process;
    this.#startedAt = process.startedAt;
    this.#restarts = process.restarts;
    this.#connection = connection;
  }

  /** The app wrote to its standard error. */
  hearError(text: string): void {
    this.#tail = appendTail(this.#tail, text);
  }

  /** PM2 wrote a line to its own log that is about this process, at a wall time. */
  hearLine(line: DaemonLine, at: number): void {
    switch (line.type) {
      case 'ended':
        this.#signal = line.signal;
        return;
      case 'cron':
        this.#cronAt = at;
        return;
      case 'stopping':
        this.#reason = this.#reasonAt(at);
        return;
      case 'watch':
        this.#write('watch', `PM2's watch saw ${singleLine(line.path, 120)} change`, at);
        return;
      case 'memory': {
        const [used, limit] = [line.used, line.limit].map((bytes) => Math.round(bytes / 2 ** 20));
        this.#write('memory', `it used ${used} MB, its max_memory_restart is ${limit} MB`, at);
      }
    }
  }

  /** PM2 said something on its bus about this process; gives what is known by now of its restarts. */
  hearEvent(event: BusEvent, flight: Flight | null, hearing: Hearing): ObservedRestart[] {
    const { startedAt, restarts = this.#restarts, exit } = event;
    if (startedAt === null || startedAt < this.#startedAt) return [];
    const found =
      startedAt > this.#startedAt ? this.#begin(startedAt, restarts, flight, hearing) : [];
    if (event.event === 'exit' && exit !== undefined) {
      const lifeMs = Math.max(0, (event.at ?? startedAt) - startedAt);
      // Of a stop PM2 says it twice.
      this.#ending ??= { ...exit, signal: this.#signal, lifeMs };
      if (!exit.isOrdered && isWantedEnd(this.#process.env, exit.code)) this.#down ??= 'left';
    }
    // PM2 says this before the exit.
    if (event.event === 'restart overlimit') this.#down ??= 'left';
    if (!event.manually) return found;
    if (event.event === 'stop') this.#down = 'stopped';
    else if (event.event !== 'delete' && this.#open?.at === startedAt) {
      const detail = `pm2 ${event.event}, by a person or a program`;
      found.push(...this.#close({ cause: 'operator', detail }));
    }
    return found;
  }

  /** Takes over what the list says now; gives restarts of which the bus says no more. */
  follow(process: ManagedProcess, flight: Flight | null, hearing: Hearing): ObservedRestart[] {
    this.#process = process;
    const { startedAt, restarts } = process;
    const { now } = hearing;
    const found = this.#open !== null && now >= this.#open.until ? this.#close(null) : [];
    if (startedAt <= this.#startedAt) {
      this.#behindSince = null;
      if (this.#ending?.isOrdered === false && isLeftDown(process)) this.#down ??= 'left';
      // `pm2 reset`
      this.#restarts = Math.min(this.#restarts, restarts);
      return found;
    }
    this.#behindSince ??= now;
    if (now - this.#behindSince < BEHIND_MS) return found;
    return [...found, ...this.#begin(startedAt, restarts, flight, hearing)];
  }

  #begin(
    startedAt: number,
    restarts: number,
    flight: Flight | null,
    { now, connection }: Hearing,
  ): ObservedRestart[] {
    // A command would have been heard of before the next incarnation.
    const found = this.#close(null);
    const isHeard = connection !== null && connection === this.#connection;
    const missed = restarts - this.#restarts - 1;
    if (!isHeard && missed > 0) found.push(this.#restart(startedAt, UNSEEN, missed));
    const ending = this.#down === null ? this.#ending : null;
    const known = causeOf({
      isOurs: flight !== null && isWithin(startedAt, flight),
      ending,
      reason: this.#reason ?? (ending === null ? this.#reasonAt(startedAt) : null),
      command: null,
      errorLine: lastErrorLine(this.#tail),
    });
    if (known !== null) found.push(this.#restart(startedAt, known));
    else {
      this.#open = {
        at: startedAt,
        until: now + commandMs(this.#process),
        cronAt: this.#cronAt,
        wasStopped: this.#down === 'stopped',
        otherwise: isHeard && (ending ?? this.#down) !== null ? UNKNOWN : UNSEEN,
      };
    }
    this.#startedAt = startedAt;
    this.#restarts = restarts;
    this.#connection = connection;
    this.#forget();
    return found;
  }

  /** Of the incarnation before. */
  #forget(): void {
    this.#ending = null;
    this.#signal = null;
    this.#written = null;
    this.#reason = null;
    this.#cronAt = null;
    this.#down = null;
    this.#tail = '';
    this.#behindSince = null;
  }

  /** What the last incarnation came of is known now, or will not be; null for that. */
  #close(known: KnownCause | null): ObservedRestart[] {
    const open = this.#open;
    if (open === null) return [];
    this.#open = null;
    return [this.#restart(open.at, known ?? this.#cronOf(open) ?? open.otherwise)];
  }

  #cronOf({ cronAt, wasStopped }: Open): KnownCause | null {
    const pattern = this.#process.env['cron_restart'];
    if (cronAt === null || typeof pattern !== 'string') return null;
    return wasCronDue(pattern, cronAt) ? cronCause(pattern, wasStopped) : null;
  }

  #restart(at: number, { cause, detail }: KnownCause, count = 1): ObservedRestart {
    return { pmId: this.#process.pmId, at, cause, detail, count };
  }

  #write(cause: DaemonReason['cause'], detail: string, at: number): void {
    this.#written = { reason: { cause, detail }, at };
  }

  /** Why PM2 stops or starts the process at a wall time, if it wrote that down shortly before. */
  #reasonAt(at: number): DaemonReason | null {
    const delay = Number(this.#process.env['watch_delay']);
    const mostMs = FRESH_MS + (Number.isFinite(delay) ? delay : 0);
    return this.#written !== null && at - this.#written.at <= mostMs ? this.#written.reason : null;
  }
}

/** PM2's clock and ours are the same, and round differently. */
function isWithin(at: number, { from, to }: Flight): boolean {
  return at >= from - 50 && (to === null || at <= to + 50);
}

/**
 * How long after the new incarnation began a command may still be reported: PM2 waits for the ready message, and in
 * a reload of a cluster until the new process listens, then until the old one has exited.
 */
function commandMs({ env, isCluster, listenTimeoutMs, killTimeoutMs }: ManagedProcess): number {
  const startMs = isCluster || env['wait_ready'] === true ? listenTimeoutMs : 0;
  return COMMAND_MS + startMs + (isCluster ? killTimeoutMs : 0);
}

/** With the pid of what ended, PM2 is still at work on it. */
function isLeftDown({ pid, status }: ManagedProcess): boolean {
  return (
    pid === 0 && (status === 'stopped' || status === 'errored' || status === 'waiting restart')
  );
}
