import { maskOf } from '../../config/secrets/secrets.ts';
import type { TargetConfig } from '../../config/target-config.ts';
import type { Probe, Sample } from '../../probe/probe.ts';
import type { SeenCertificate } from '../../probe/net/certificate.ts';
import type { HeartbeatSnapshot } from '../../probe/heartbeat.ts';
import { createProbe } from '../../probe/registry.ts';
import type { RunAs } from '../../probe/exec/run-as.ts';
import { ProbeRunner, type Silence } from '../../probe/runner.ts';
import { OverlappingRuns, type Run } from './overlapping-runs.ts';
import type { Clock } from '../../time/clock.ts';
import type { IncarnationId } from '../../verdict/process.ts';
import { limitToAddresses } from '../../diagnosis/probed-address.ts';

/** A probe, and what runs it. */
interface Asking {
  readonly probe: Probe;
  readonly runner: ProbeRunner;
}

/** The probe that is used again and again; without an incarnation where a new one must be made. */
interface Asked extends Asking {
  readonly incarnation: IncarnationId | null;
  readonly only: Addresses;
}

/** The addresses to probe instead of those of the host's name; undefined: those. */
type Addresses = readonly string[] | undefined;

/** Probes one target, with a new probe for each incarnation, because a probe remembers things about it. */
export class ProbeSession {
  readonly #pulseOf: (incarnation: IncarnationId | null) => HeartbeatSnapshot;
  readonly #now: () => number;
  readonly #confirming: OverlappingRuns;
  readonly #runAs: () => Promise<RunAs>;
  readonly #noteJudging: (ms: number) => void;
  readonly #onSilence: (silence: Silence) => void;
  #asked: Asked | null = null;
  /** Probes outside the interval that are in flight. */
  #beside: readonly ProbeRunner[] = [];

  /**
   * `noteJudging` is called with the milliseconds for which judging an answer blocked the event loop, `onSilence`
   * where the answer to a probe of the interval is late.
   */
  constructor(
    clock: Clock,
    heartbeatOf: (incarnation: IncarnationId | null) => HeartbeatSnapshot,
    runAs: () => Promise<RunAs>,
    noteJudging: (ms: number) => void,
    onSilence: (silence: Silence) => void,
  ) {
    this.#now = () => clock.now();
    this.#confirming = new OverlappingRuns(clock);
    this.#pulseOf = heartbeatOf;
    this.#runAs = runAs;
    this.#noteJudging = noteJudging;
    this.#onSilence = onSilence;
  }

  /**
   * Probes `incarnation`, at the addresses `only` where given; `needsDeep`: see `ProbeContext`. Where there is no answer,
   * up to `more` further probes begin meanwhile, whose samples the next calls give; null: none, and those of earlier
   * calls no longer matter.
   */
  ask(
    config: TargetConfig,
    incarnation: IncarnationId,
    only: Addresses,
    needsDeep: boolean,
    more: number | null = null,
  ): Promise<Sample> {
    if (this.#asked?.incarnation !== incarnation || this.#asked.only !== only) {
      this.#confirming.abandon();
      this.#asked?.probe.stop();
      const asking = this.#create(config, incarnation, only, this.#onSilence);
      this.#asked = { incarnation, only, ...asking };
    }
    const { timeoutMs, fastPeriodMs } = config.schedule;
    // The app may have been paused, or the monitor unfit, since they began.
    if (more === null) this.#confirming.abandon();
    // The usual case: one probe at a time.
    if ((more ?? 0) === 0 && this.#confirming.isEmpty)
      return this.#asked.runner.run(timeoutMs, needsDeep);
    const { probe } = this.#asked;
    const start = (): Run => {
      const runner = this.#runnerFor(probe, config, this.#onSilence);
      return { sample: runner.run(timeoutMs, needsDeep), abort: () => runner.abort() };
    };
    return this.#confirming.next(start, more ?? 0, fastPeriodMs);
  }

  /** The certificate of the probed server; undefined where there is no TLS. */
  get certificate(): SeenCertificate | undefined {
    return this.#asked?.probe.certificate;
  }

  /** Probes `incarnation`, or what is there where it is null, once outside the interval, with a new probe. */
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

  /** Aborts the probe in flight: its incarnation is over, and the answer does not matter. */
  abort(): void {
    this.#confirming.abandon();
    this.#asked?.runner.abort();
  }

  /** Makes a new probe for the next sample. */
  renew(): void {
    this.#confirming.abandon();
    if (this.#asked !== null) this.#asked = { ...this.#asked, incarnation: null };
  }

  /** Stops the probes in flight and their background work. Idempotent. */
  stop(): void {
    for (const runner of this.#beside) runner.abort();
    this.abort();
    this.#asked?.probe.stop();
  }

  #create(
    config: TargetConfig,
    incarnation: IncarnationId | null,
    only: Addresses,
    onSilence?: (silence: Silence) => void,
  ): Asking {
    const heartbeat = (): HeartbeatSnapshot => this.#pulseOf(incarnation);
    const probe = createProbe(limitToAddresses(config, only).probe, {
      heartbeat,
      runAs: this.#runAs,
    });
    return { probe, runner: this.#runnerFor(probe, config, onSilence) };
  }

  #runnerFor(
    probe: Asking['probe'],
    { secrets }: TargetConfig,
    onSilence?: (silence: Silence) => void,
  ): ProbeRunner {
    const hooks = [maskOf(secrets), this.#noteJudging, onSilence] as const;
    return new ProbeRunner(probe, this.#now, ...hooks);
  }
}
