import type { TargetConfig } from '../config/target-config.ts';
import type { Probe, Sample } from '../probe/probe.ts';
import { createProbe } from '../probe/registry.ts';
import { runProbe } from '../probe/run-probe.ts';
import type { Clock } from '../time/clock.ts';
import type { IncarnationId } from '../verdict/event.ts';

/** Asks one target, with one probe for each of its lives: what a probe remembers belongs to one life. */
export class Asker {
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  #probe: Probe | null = null;
  #probed: IncarnationId | null = null;
  #asking: AbortController | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asks the life `incarnation`. */
  async ask(config: TargetConfig, incarnation: IncarnationId): Promise<Sample> {
    if (this.#probe === null || this.#probed !== incarnation) {
      this.#probe?.stop();
      this.#probe = createProbe(config.probe);
      this.#probed = incarnation;
    }
    this.#asking = new AbortController();
    const sample = await this.#run(this.#probe, config, this.#asking.signal);
    this.#asking = null;
    return sample;
  }

  /** Asks once with a probe of its own, beside the rhythm. */
  async once(config: TargetConfig): Promise<Sample> {
    const probe = createProbe(config.probe);
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

  #run(probe: Probe, config: TargetConfig, signal: AbortSignal): Promise<Sample> {
    const { timeoutMs } = config.schedule;
    return runProbe(probe, { now: () => this.#clock.now(), timeoutMs, signal });
  }
}
