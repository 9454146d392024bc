import { UNHEARD, type HeartbeatSnapshot } from '../probe/heartbeat.ts';
import type { Pm2Client } from '../pm2/client.ts';
import { incarnationOf, type ManagedProcess } from '../pm2/process.ts';
import type { Clock } from '../time/clock.ts';
import type { IncarnationId } from '../verdict/process.ts';

/** With `wait_ready` an app can send heartbeats before PM2 calls it online. */
const RUNNING: ReadonlySet<string> = new Set(['online', 'launching']);

/** One incarnation and its heartbeats. */
interface Heard {
  readonly incarnation: IncarnationId;
  readonly since: number;
  lastAt: number | null;
}

/**
 * Listens on PM2's bus to the heartbeats of apps. A heartbeat names a pm_id. It counts for the
 * incarnation that PM2's list has under that id, once that incarnation was seen in the list.
 */
export class HeartbeatListener {
  readonly #clock: Clock;
  readonly #pm2: Pm2Client;
  readonly #byPmId = new Map<number, Heard>();
  /** The same by incarnation, because every heartbeat probe needs it. */
  readonly #byLife = new Map<IncarnationId, Heard>();
  #bus: { readonly connection: number; readonly since: number } | null = null;
  #vouchedUntil = Number.NEGATIVE_INFINITY;
  #unsubscribe: () => void = () => undefined;

  constructor(clock: Clock, pm2: Pm2Client) {
    this.#clock = clock;
    this.#pm2 = pm2;
  }

  start(): void {
    this.#unsubscribe = this.#pm2.onBeat((pmId) => {
      const heard = this.#byPmId.get(pmId);
      if (heard) heard.lastAt = this.#clock.now();
    });
  }

  /** Idempotent. */
  stop(): void {
    this.#unsubscribe();
  }

  /**
   * Takes over a list that PM2 gave for a call at `askedAt` (monotonic milliseconds), so PM2 worked then
   * or later.
   */
  follow(processes: readonly ManagedProcess[], askedAt: number): void {
    this.#vouchedUntil = askedAt;
    const running = processes.filter(({ status, pid }) => RUNNING.has(status) && pid > 0);
    const lives = new Map(running.map((process) => [process.pmId, incarnationOf(process)]));
    for (const [pmId, { incarnation }] of this.#byPmId) {
      if (lives.get(pmId) === incarnation) continue;
      this.#byPmId.delete(pmId);
      this.#byLife.delete(incarnation);
    }
    for (const [pmId, incarnation] of lives) {
      if (this.#byPmId.has(pmId)) continue;
      const heard = { incarnation, since: this.#clock.now(), lastAt: null };
      this.#byPmId.set(pmId, heard);
      this.#byLife.set(incarnation, heard);
    }
  }

  /** What is known about the heartbeats of an incarnation now. */
  readonly heartbeatOf = (incarnation: IncarnationId | null): HeartbeatSnapshot => {
    const busSince = this.#busSince();
    const heard = incarnation === null ? undefined : this.#byLife.get(incarnation);
    if (heard === undefined || busSince === null) return UNHEARD;
    const heardSince = Math.max(heard.since, busSince);
    return { lastAt: heard.lastAt, heardSince, vouchedUntil: this.#vouchedUntil };
  };

  /** Since when the bus has been connected without a break that we saw; null while it is not connected. */
  #busSince(): number | null {
    const connection = this.#pm2.busConnection();
    if (connection === null) this.#bus = null;
    else if (this.#bus?.connection !== connection) {
      this.#bus = { connection, since: this.#clock.now() };
    }
    return this.#bus?.since ?? null;
  }
}
