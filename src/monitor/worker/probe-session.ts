import { maskOf } from '../../config/secrets/secrets.ts';
import type { TargetConfig } from '../../config/target-config.ts';
import type { Probe, Sample } from '../../probe/probe.ts';
import type { HeartbeatSnapshot } from '../../probe/heartbeat.ts';
import { createProbe } from '../../probe/registry.ts';
import type { RunAs } from '../../probe/exec/run-as.ts';
import { ProbeRunner } from '../../probe/runner.ts';
import type { Clock } from '../../time/clock.ts';
import type { IncarnationId } from '../../verdict/process.ts';
import { limitToAddresses } from '../../diagnosis/probed-address.ts';

/** A probe, and what runs it. */
interface Asking {
  readonly probe: Probe;
  readonly runner: ProbeRunner;
}

/** The probe that is used again and again; of no incarnation, once a new one must be made. */
interface Asked extends Asking {
  readonly incarnation: IncarnationId | null;
  readonly only: Addresses;
}

/** The addresses to ask in place of those that the host's name leads to; undefined is those. */
type Addresses = readonly string[] | undefined;

/** Probes one target, with one probe for each incarnation: what a probe remembers belongs to one. */
export class ProbeSession {
  readonly #pulseOf: (incarnation: IncarnationId | null) => HeartbeatSnapshot;
  readonly #now: () => number;
  readonly #runAs: () => Promise<RunAs>;
  readonly #noteJudging: (ms: number) => void;
  #asked: Asked | null = null;
  /** Probes outside the interval that are under way. */
  #beside: readonly ProbeRunner[] = [];

  /** `noteJudging` hears how long an answer kept the event loop while it was judged. */
  constructor(
    clock: Clock,
    heartbeatOf: (incarnation: IncarnationId | null) => HeartbeatSnapshot,
    runAs: () => Promise<RunAs>,
    noteJudging: (ms: number) => void,
  ) {
    this.#now = () => clock.now();
    this.#pulseOf = heartbeatOf;
    this.#runAs = runAs;
    this.#noteJudging = noteJudging;
  }

  /** Probes `incarnation`, at the addresses `only`. */
  ask(config: TargetConfig, incarnation: IncarnationId, only?: Addresses): Promise<Sample> {
    if (this.#asked?.incarnation !== incarnation || this.#asked.only !== only) {
      this.#asked?.probe.stop();
      this.#asked = { incarnation, only, ...this.#create(config, incarnation, only) };
    }
    return this.#asked.runner.run(config.schedule.timeoutMs);
  }

  /** Probes `incarnation`, or what is there, once and with a probe of its own, outside the interval. */
  async once(
    config: TargetConfig,
    incarnation: IncarnationId | null,
    only?: Addresses,
  ): Promise<Sample> {
    const { probe, runner } = this.#create(config, incarnation, only);
    this.#beside = [...this.#beside, runner];
    try {
      return await runner.run(config.schedule.timeoutMs);
    } finally {
      this.#beside = this.#beside.filter((other) => other !== runner);
      probe.stop();
    }
  }

  /** The incarnation that is being probed is over: its answer does not matter. */
  abort(): void {
    this.#asked?.runner.abort();
  }

  /** The next time a new probe is made. */
  renew(): void {
    if (this.#asked !== null) this.#asked = { ...this.#asked, incarnation: null };
  }

  /** Ends what is in flight, and background work. Idempotent. */
  stop(): void {
    for (const runner of this.#beside) runner.abort();
    this.abort();
    this.#asked?.probe.stop();
  }

  #create(config: TargetConfig, incarnation: IncarnationId | null, only: Addresses): Asking {
    const heartbeat = (): HeartbeatSnapshot => this.#pulseOf(incarnation);
    const probe = createProbe(limitToAddresses(config, only).probe, {
      heartbeat,
      runAs: this.#runAs,
    });
    const { secrets } = config;
    const runner = new ProbeRunner(probe, this.#now, maskOf(secrets), this.#noteJudging);
    return { probe, runner };
  }
}
