import type { Pm2Client } from '../pm2/client.ts';
import { incarnationOf, type ManagedProcess } from '../pm2/process.ts';
import type { Clock } from '../time/clock.ts';
import type { IncarnationId } from '../verdict/process.ts';
import type { Pm2Wait } from './observation.ts';

/** The timers and clocks of PM2 and the system round differently. */
const ROUNDING_MS = 100;

/** What knowing of ready messages takes. */
export interface ReadyWatchDeps {
  readonly pm2: Pick<Pm2Client, 'onReady' | 'busConnection'>;
  readonly clock: Pick<Clock, 'wall'>;
  /** Called when the next list has something new to show of a pm_id. */
  readonly onNews: (pmId: number) => void;
}

/** How long after its start an incarnation sent its ready message; null where it has not yet. */
interface Heard {
  readonly incarnation: IncarnationId;
  readonly afterMs: number | null;
}

/**
 * Knows which apps with `wait_ready` were called online by PM2 without their ready message: PM2 itself says nothing
 * of it (FACTS, "PM2 loses apps in silence"). Only of an incarnation that began while the bus was heard.
 */
export class ReadyWatch {
  readonly #deps: ReadyWatchDeps;
  readonly #heardAt = new Map<number, number>();
  readonly #known = new Map<number, Heard>();
  #unsubscribe: () => void = () => undefined;
  #bus: { readonly connection: number; readonly since: number } | null = null;

  constructor(deps: ReadyWatchDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { pm2, clock, onNews } = this.#deps;
    this.#listeningSince();
    this.#unsubscribe = pm2.onReady((pmId) => {
      this.#heardAt.set(pmId, clock.wall());
      // Not again and again for an app that repeats its message.
      if (this.#known.get(pmId)?.afterMs === null) onNews(pmId);
    });
  }

  /** Idempotent. */
  stop(): void {
    this.#unsubscribe();
  }

  /** `unready` for a process that PM2 has called online without its message; null for any other. */
  waitOf(process: ManagedProcess): Extract<Pm2Wait, { readonly type: 'unready' }> | null {
    const { pid, status, startedAt, listenTimeoutMs, env } = process;
    const since = this.#listeningSince();
    if (env['wait_ready'] !== true || pid === 0) return null;
    if (since === null || since > startedAt) return null;
    const afterMs = this.#readyAfter(process);
    // What PM2 calls online earlier has sent its message, even if that is heard only later.
    const ageMs = this.#deps.clock.wall() - startedAt;
    if (status !== 'online' || ageMs < listenTimeoutMs - ROUNDING_MS) return null;
    return afterMs !== null && afterMs < listenTimeoutMs + ROUNDING_MS
      ? null
      : { type: 'unready', listenTimeoutMs, afterMs };
  }

  forget(pmId: number): void {
    this.#heardAt.delete(pmId);
    this.#known.delete(pmId);
  }

  /** How long after its start an incarnation sent its first message, in milliseconds; null where it has not. */
  #readyAfter(process: ManagedProcess): number | null {
    const { pmId, startedAt } = process;
    const incarnation = incarnationOf(process);
    const known = this.#known.get(pmId);
    if (known?.incarnation === incarnation && known.afterMs !== null) return known.afterMs;
    const at = this.#heardAt.get(pmId) ?? Number.NEGATIVE_INFINITY;
    const afterMs = at >= startedAt ? at - startedAt : null;
    this.#known.set(pmId, { incarnation, afterMs });
    return afterMs;
  }

  /** Since when the bus has been heard without a gap, in wall milliseconds; null while it is not. */
  #listeningSince(): number | null {
    const connection = this.#deps.pm2.busConnection();
    if (connection === null) this.#bus = null;
    else if (this.#bus?.connection !== connection) {
      this.#bus = { connection, since: this.#deps.clock.wall() };
    }
    return this.#bus?.since ?? null;
  }
}
