import type { TargetConfig } from '../config/target-config.ts';
import type { Probe, Sample } from '../probe/probe.ts';
import type { Pulse } from '../probe/heartbeat.ts';
import { createProbe } from '../probe/registry.ts';
import { runProbe } from '../probe/run-probe.ts';
import type { Clock } from '../time/clock.ts';
import type { IncarnationId } from '../verdict/event.ts';

/** Asks one target, with one probe for each of its lives: what a probe remembers belongs to one life. */
export class Asker {
  readonly #clock: Clock;
  readonly #pulseOf: (incarnation: IncarnationId | null) => Pulse;
  readonly #stopping = new AbortController();
  #probe: Probe | null = null;
  #probed: IncarnationId | null = null;
  #asking: AbortController | null = null;

  constructor(clock: Clock, pulseOf: (incarnation: IncarnationId | null) => Pulse) {
    this.#clock = clock;
    this.#pulseOf = pulseOf;
  }

  /** Asks the life `incarnation`. */
  async ask(config: TargetConfig, incarnation: IncarnationId): Promise<Sample> {
    if (this.#probe === null || this.#probed !== incarnation) {
      this.#probe?.stop();
      this.#probe = this.#create(config, incarnation);
      this.#probed = incarnation;
    }
    this.#asking = new AbortController();
    const sample = await this.#run(this.#probe, config, this.#asking.signal);
    this.#asking = null;
    return sample;
  }

  /** Asks the life `incarnation`, or whoever is there, once with a probe of its own, beside the rhythm. */
  async once(config: TargetConfig, incarnation: IncarnationId | null): Promise<Sample> {
    const probe = this.#create(config, incarnation);
    try {
      return await this.#run(probe, config, this.#stopping.signal);
    } finally {
      probe.stop();
    }
  }

  /** The life that is being asked is over: its answer does not matter. */
  abort(): void {
    this.#asking?.abort();
  }

  /** The next question is asked with a new probe. */
  renew(): void {
    this.#probed = null;
  }

  /** Ends what is in flight, and background work. Idempotent. */
  stop(): void {
    this.#stopping.abort();
    this.#asking?.abort();
    this.#probe?.stop();
  }

  #create({ probe }: TargetConfig, incarnation: IncarnationId | null): Probe {
    return createProbe(probe, { pulse: () => this.#pulseOf(incarnation) });
  }

  #run(probe: Probe, config: TargetConfig, signal: AbortSignal): Promise<Sample> {
    const { timeoutMs } = config.schedule;
    return runProbe(probe, { now: () => this.#clock.now(), timeoutMs, signal });
  }
}
