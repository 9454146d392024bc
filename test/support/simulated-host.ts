import { MassFailureHold } from '../../src/monitor/mass-failure-hold.ts';
import { RestartSlot } from '../../src/monitor/restart-slot.ts';
import { JudgingTime } from '../../src/monitor/worker/judging-time.ts';
import { ProbeInterval } from '../../src/monitor/worker/probe-interval.ts';
import { draw } from '../../src/verdict/backoff.ts';
import type { Event } from '../../src/verdict/event.ts';
import { freshMemory, initialVerdict, type Verdict } from '../../src/verdict/verdict.ts';
import { step } from '../../src/verdict/step.ts';
import { policyOf } from './verdict-driver.ts';

/** The times of DESIGN §2, and how long PM2 takes over a restart. */
const SCHEDULE = { periodMs: 5_000, fastPeriodMs: 1_000, startupPeriodMs: 1_000 };
const RESTART_MS = 2_000;

/** How often waits end that time alone ends, as in the worker's loop. */
const TICK_MS = 1_000;

const POLICY = policyOf();

/** When the backend that all apps of all hosts need is down: milliseconds, the end excluded. */
export interface Outage {
  readonly from: number;
  readonly to: number;
}

/** What a host did, in milliseconds since its beginning. */
export interface HostRecord {
  /** When each restart of ours began. */
  readonly restarts: readonly number[];
  /** Of each app, when it was healthy for good; Infinity where it was not at the end. */
  readonly healthyAt: readonly number[];
  /** When each incident was opened. */
  readonly incidents: readonly number[];
  readonly probes: number;
  /** How many probes began in each second, and so asked the backend. */
  readonly probesBySecond: readonly number[];
}

interface App {
  readonly name: string;
  readonly interval: ProbeInterval;
  verdict: Verdict;
  life: number;
  isUp: boolean;
  nextAt: number;
}

/**
 * One host of `count` apps that answer 500 while the backend is down: the real verdict, slot, hold and
 * intervals on a clock that jumps. With `dependsOn` each app names the backend, which is asked every second.
 */
export class SimulatedHost {
  #now = 0;
  readonly #random: () => number;
  readonly #outage: Outage;
  readonly #dependsOn: boolean;
  readonly #slot = new RestartSlot();
  readonly #hold: MassFailureHold;
  readonly #apps: App[];
  readonly #returning: { readonly at: number; readonly back: () => void }[] = [];
  readonly #restarts: number[] = [];
  readonly #incidents: number[] = [];
  readonly #probesBySecond: number[] = [];
  #probes = 0;

  constructor(seed: number, count: number, outage: Outage, dependsOn = false) {
    this.#random = randomFrom(seed);
    this.#outage = outage;
    this.#dependsOn = dependsOn;
    this.#hold = new MassFailureHold(
      () => this.#apps.map(({ verdict }) => verdict),
      () => this.#now,
    );
    this.#apps = Array.from({ length: count }, (_, at) => ({
      name: `app-${at}`,
      interval: new ProbeInterval(
        this.#random,
        new JudgingTime(() => `app-${at}`, { blame: () => undefined }),
      ),
      verdict: initialVerdict(0, freshMemory(seed * 1_000 + at)),
      life: 0,
      isUp: false,
      nextAt: this.#random() * SCHEDULE.periodMs,
    }));
    for (const app of this.#apps) this.#comesOnline(app);
  }

  run(untilMs: number): HostRecord {
    for (let tickAt = 0; this.#now < untilMs;) {
      const round = Math.min(...this.#apps.map(({ nextAt }) => nextAt));
      const back = Math.min(...this.#returning.map(({ at }) => at));
      this.#now = Math.min(round, back, tickAt);
      if (this.#now === tickAt) {
        tickAt += TICK_MS;
        this.#tick();
      }
      for (const each of this.#returning.filter(({ at }) => at <= this.#now)) {
        this.#returning.splice(this.#returning.indexOf(each), 1);
        each.back();
      }
      for (const app of this.#apps) if (app.nextAt <= this.#now) this.#probe(app);
    }
    return {
      restarts: this.#restarts,
      incidents: this.#incidents,
      probes: this.#probes,
      probesBySecond: this.#probesBySecond,
      healthyAt: this.#apps.map(({ verdict: { state, since } }) =>
        state.name === 'healthy' ? since : Number.POSITIVE_INFINITY,
      ),
    };
  }

  #isDown(): boolean {
    return this.#now >= this.#outage.from && this.#now < this.#outage.to;
  }

  #tick(): void {
    for (const app of this.#apps) {
      if (this.#dependsOn) this.#tellDependency(app);
      this.#apply(app, { type: 'tick', at: this.#now, ...this.#gates(app) });
    }
  }

  #tellDependency(app: App): void {
    const isHeld = app.verdict.dependency.hold !== null;
    if (isHeld === this.#isDown()) return;
    const hold = isHeld ? null : { reason: 'the backend is down', isDown: true };
    this.#apply(app, { type: 'dependency', at: this.#now, hold });
  }

  #probe(app: App): void {
    const { verdict, interval, life, isUp } = app;
    app.nextAt = this.#now + Math.max(interval.intervalMs(SCHEDULE as never, verdict), 1);
    if (!interval.begins(verdict) || !isUp) return;
    this.#probes += 1;
    const second = Math.floor(this.#now / 1_000);
    this.#probesBySecond[second] = (this.#probesBySecond[second] ?? 0) + 1;
    const outcome = this.#isDown()
      ? ({ kind: 'fail', class: 'status', detail: 'answered 500' } as const)
      : ({ kind: 'ok', detail: 'answered 200' } as const);
    this.#apply(app, {
      type: 'sample',
      at: this.#now,
      incarnation: `life-${life}`,
      sample: { ...outcome, at: this.#now, durationMs: 1 },
      load: 'idle',
      ...this.#gates(app),
    });
  }

  #gates({ verdict }: App): { slotFreeAt: number; heldUntil: number } {
    return { slotFreeAt: this.#slot.freeAt(), heldUntil: this.#hold.untilFor(verdict) };
  }

  #apply(app: App, event: Event): void {
    const before = app.verdict;
    const { verdict, decisions } = step(before, event, POLICY);
    app.verdict = verdict;
    if (verdict.state.name !== before.state.name) this.#hold.forget();
    if (before.incident === null && verdict.incident !== null) this.#incidents.push(this.#now);
    if (decisions.some(({ type }) => type === 'restart')) this.#restart(app);
  }

  #restart(app: App): void {
    const flight = this.#slot.take(app.name, this.#now);
    this.#restarts.push(this.#now);
    app.isUp = false;
    const back = (): void => {
      this.#slot.release(flight);
      this.#apply(app, { type: 'acted', at: this.#now, result: 'done' });
      this.#comesOnline(app);
    };
    this.#returning.push({ at: this.#now + RESTART_MS, back });
  }

  #comesOnline(app: App): void {
    app.life += 1;
    app.isUp = true;
    const incarnation = `life-${app.life}`;
    this.#apply(app, { type: 'process', at: this.#now, status: 'online', incarnation, ageMs: 0 });
  }
}

/** Numbers in [0, 1) that a seed repeats. */
function randomFrom(first: number): () => number {
  let seed = first;
  return () => {
    const drawn = draw(seed);
    ({ seed } = drawn);
    return drawn.value;
  };
}
