import type { TargetConfig } from '../config/target-config.ts';
import type { Life } from '../os/os-reader.ts';
import type { Sample } from '../probe/probe.ts';
import { endpointOf } from './probed-address.ts';
import { backgroundText, GRACE_MS, isSilence, ruleOn, type Ruling } from './eviction.ts';
import type { Diagnosis, Diagnoser, Orphan } from './diagnose.ts';
import type { Need } from './kept-out.ts';
import { pmIdsOf, type Observation } from '../target/observation.ts';

/** How often it is looked whether a left-over holds the port of an app that PM2 gave up. */
const LOOK_MS = 5_000;

/** The left-over that is to be ended next. */
export interface OrphanToEnd {
  readonly lives: readonly Life[];
  /** How long it has to end by itself, at least. */
  readonly graceMs: number;
}

/** What it takes to judge the left-overs of one target. */
export interface OrphansDeps {
  readonly diagnoser: Pick<Diagnoser, 'findOrphan'>;
  readonly needOf: (pmIds: readonly number[], port: number, sinceMs: number) => Need;
}

/** The left-overs of one target: which is to be ended, and which is how this app runs. */
export class Orphans {
  readonly #ports: OrphansDeps;
  #next: OrphanToEnd = { lives: [], graceMs: 0 };
  /** How many answers in a row did not come from the one that began then. */
  #silent: { readonly sinceMs: number; readonly times: number } | null = null;
  #background: string | null = null;
  #nextLookAt = Number.NEGATIVE_INFINITY;

  constructor(ports: OrphansDeps) {
    this.#ports = ports;
  }

  /** The one that was ruled last to be ended. */
  get next(): OrphanToEnd {
    return this.#next;
  }

  /** That the app went to the background, for a person to read; null where it is not known to have. */
  get background(): string | null {
    return this.#background;
  }

  /** What a sample means that was asked while `orphan` (null is nobody) holds the port of a life of this age. */
  rule(
    { orphan, sample }: Pick<Diagnosis, 'orphan' | 'sample'>,
    app: Observation,
    config: TargetConfig,
    ageMs: number,
  ): Ruling {
    this.#hearSilence(orphan, sample);
    if (orphan === null) {
      if (sample.kind !== 'unknown') this.#background = null;
      return { isToEnd: false, sample, isBackground: false };
    }
    const ruling = ruleOn(orphan, sample, {
      need: this.#needOf(orphan, app, config),
      ageMs,
      silent: this.#silent?.times ?? 0,
      name: app.name,
      failureThreshold: config.policy.failureThreshold,
    });
    if (ruling.isToEnd) this.#next = { lives: orphan.lives, graceMs: ruling.graceMs };
    if (ruling.isToEnd || sample.kind === 'fail') this.#background = null;
    else if (ruling.isBackground) this.#background = ruling.sample.detail;
    return ruling;
  }

  /** Every 5 s the left-over to be ended for an app that PM2 gave up; `ask` asks whoever is there. */
  async find(
    app: Observation,
    config: TargetConfig,
    ask: () => Promise<Sample>,
    now: number,
  ): Promise<Orphan | null> {
    if (now < this.#nextLookAt) return null;
    this.#nextLookAt = now + LOOK_MS;
    const orphan = await this.#ports.diagnoser.findOrphan(app, config);
    this.#background = null;
    if (orphan === null) return null;
    const isKeptOut = this.#needOf(orphan, app, config) === 'kept-out';
    const answers = !isKeptOut && (await ask()).kind === 'ok';
    if (answers) {
      this.#background = backgroundText(app.name, orphan.failure.detail, true);
      return null;
    }
    this.#next = { lives: orphan.lives, graceMs: GRACE_MS };
    return orphan;
  }

  /** That nobody listened before this one came says nothing of it. */
  #hearSilence(orphan: Orphan | null, sample: Sample): void {
    const isSame = orphan !== null && this.#silent?.sinceMs === orphan.sinceMs;
    const before = isSame ? (this.#silent?.times ?? 0) : 0;
    const isCounted = orphan !== null && isSilence(sample);
    this.#silent = isCounted ? { sinceMs: orphan.sinceMs, times: before + 1 } : null;
  }

  #needOf({ sinceMs }: Orphan, app: Observation, { probe }: TargetConfig): Need {
    const port = endpointOf(probe)?.port;
    return port === undefined ? 'unknown' : this.#ports.needOf(pmIdsOf(app), port, sinceMs);
  }
}
