import type { TargetConfig } from '../config/target-config.ts';
import type { ProcessIdentity } from '../os/os-reader.ts';
import type { Sample } from '../probe/probe.ts';
import { endpointOf } from './probed-address.ts';
import { backgroundText, GRACE_MS, isSilence, judgeOrphan, type Ruling } from './eviction.ts';
import type { Diagnosis, Diagnoser, Orphan } from './diagnose.ts';
import type { Need } from './kept-out.ts';
import { pmIdsOf, type Observation } from '../target/observation.ts';

/** Time between two searches for an orphan that holds the port of an app which PM2 gave up. */
const LOOK_MS = 5_000;

/** The orphan to stop next. */
export interface OrphanToEnd {
  readonly lives: readonly ProcessIdentity[];
  /** It has at least this time to exit by itself. */
  readonly graceMs: number;
}

/** What finds and judges the orphans of one target. */
export interface OrphansDeps {
  readonly diagnoser: Pick<Diagnoser, 'findOrphan'>;
  readonly needOf: (pmIds: readonly number[], port: number, sinceMs: number) => Need;
  /** The time now; wall milliseconds. */
  readonly wall: () => number;
}

/** Answers that did not come, one after the other, from the process that has the port. */
interface Silence {
  /** When the first of them was asked for; wall milliseconds. */
  readonly beganAt: number;
  /** When the orphan that has the port started; null while nobody is known to be one. */
  readonly orphanSinceMs: number | null;
  readonly times: number;
}

/** The orphans of one target: which one to stop, and which one is part of how this app runs. */
export class Orphans {
  readonly #deps: OrphansDeps;
  #next: OrphanToEnd = { lives: [], graceMs: 0 };
  #silence: Silence | null = null;
  #background: string | null = null;
  #nextLookAt = Number.NEGATIVE_INFINITY;

  constructor(deps: OrphansDeps) {
    this.#deps = deps;
  }

  /** The orphan that was last judged to be stopped. */
  get next(): OrphanToEnd {
    return this.#next;
  }

  /** Says for people that the app's server runs in the background; null where that is not known. */
  get background(): string | null {
    return this.#background;
  }

  /** Says what a sample means while `orphan` (null: none) holds the port of an incarnation of this age. */
  judge(
    { orphan, sample }: Pick<Diagnosis, 'orphan' | 'sample'>,
    app: Observation,
    config: TargetConfig,
    ageMs: number,
  ): Ruling {
    this.#countSilence(orphan, sample);
    if (orphan === null) {
      if (sample.kind !== 'unknown') this.#background = null;
      return { isToEnd: false, sample, isBackground: false };
    }
    const ruling = judgeOrphan(orphan, sample, {
      need: this.#needOf(orphan, app, config),
      ageMs,
      silent: this.#silence?.times ?? 0,
      name: app.name,
      failureThreshold: config.policy.failureThreshold,
      startupTimeoutMs: config.policy.startupTimeoutMs,
    });
    if (ruling.isToEnd) this.#next = { lives: orphan.lives, graceMs: ruling.graceMs };
    if (ruling.isToEnd || sample.kind === 'fail') this.#background = null;
    else if (ruling.isBackground) this.#background = ruling.sample.detail;
    return ruling;
  }

  /** Searches every 5 s for the orphan to stop for an app that PM2 gave up; `ask` probes what is there. */
  async find(
    app: Observation,
    config: TargetConfig,
    ask: () => Promise<Sample>,
    now: number,
  ): Promise<Orphan | null> {
    if (now < this.#nextLookAt) return null;
    this.#nextLookAt = now + LOOK_MS;
    const orphan = await this.#deps.diagnoser.findOrphan(app, config);
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

  /**
   * Counts the probes in a row that the holder of the port did not answer. A process that was there before
   * the first of them is silent since then, also where it was part of the app's tree at that time: a watcher
   * (Nest, nodemon) that starts the next server, or a restart, can leave it behind. Where a connection was
   * refused nobody had the port, so what comes next counts from one.
   */
  #countSilence(orphan: Orphan | null, sample: Sample): void {
    const before = this.#silence;
    this.#silence = null;
    const sinceMs = orphan?.sinceMs ?? null;
    const isCounted = orphan === null ? isTimeout(sample) : isSilence(sample);
    if (!isCounted) return;
    const isOn = before !== null && goesOn(before, sinceMs);
    const beganAt = isOn ? before.beganAt : this.#deps.wall() - sample.durationMs;
    this.#silence = { beganAt, orphanSinceMs: sinceMs, times: isOn ? before.times + 1 : 1 };
  }

  #needOf({ sinceMs }: Orphan, app: Observation, { probe }: TargetConfig): Need {
    const port = endpointOf(probe)?.port;
    return port === undefined ? 'unknown' : this.#deps.needOf(pmIdsOf(app), port, sinceMs);
  }
}

/** Whether a silence is that of an orphan that started at `sinceMs`, or where that is null, of any process that has the port. */
function goesOn({ beganAt, orphanSinceMs }: Silence, sinceMs: number | null): boolean {
  if (orphanSinceMs === sinceMs) return true;
  return orphanSinceMs === null && sinceMs !== null && sinceMs <= beganAt;
}

function isTimeout(sample: Sample): boolean {
  return sample.kind === 'fail' && sample.class === 'timeout';
}
