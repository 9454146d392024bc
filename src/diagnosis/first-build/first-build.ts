import { maskDetail } from '../../config/secrets/secrets.ts';
import type { TargetConfig } from '../../config/target-config.ts';
import type { BoundedFiles } from '../../os/bounded-files.ts';
import type { Sample } from '../../probe/probe.ts';
import type { Observation } from '../../target/observation.ts';
import type { Clock } from '../../time/clock.ts';
import { buildErrorIn } from './build-error.ts';
import { UnreadSource } from './unread-source.ts';

/** The logs are read at most this often. */
const LOOK_MS = 2_000;

/** An app that has answered is restarted after a few failures, a second apart. */
const SOON_MS = 500;

/** A compiler shows the lines of the source around its error. */
const MOST_LINES = 60;

/** A log of the app, and how long it was when this incarnation was first seen not to answer. */
interface Log {
  readonly path: string;
  /** Null where that was not known: what an earlier process wrote could not be left out. */
  readonly from: number | null;
}

/**
 * Finds out that one target does not come up because its source does not compile (DESIGN §11). Only what the
 * present incarnation wrote counts: logs have no times in them, so the end of each log is kept when it is first
 * seen not to answer.
 */
export class FirstBuild {
  readonly #clock: Clock;
  readonly #files: BoundedFiles;
  readonly #unread: UnreadSource;
  #incarnation: string | null = null;
  #logs: readonly Log[] = [];
  #lookedAt = Number.NEGATIVE_INFINITY;
  #error: string | null = null;
  /** When the app last answered well; monotonic. */
  #goodAt: number | null = null;

  constructor(clock: Clock, files: BoundedFiles) {
    this.#clock = clock;
    this.#files = files;
    this.#unread = new UnreadSource(clock, files);
  }

  /** The app answered well when it was asked at `at` (monotonic). */
  noteGood(at: number): void {
    this.#goodAt = at;
  }

  /**
   * What it means that an app does not answer. `hasAnswered` is whether it has since it was started: then only source
   * that cannot be parsed counts, after that answer. Of several instances, one of the old source may have given it.
   */
  async explain(
    app: Observation,
    { secrets }: TargetConfig,
    sample: Sample,
    hasAnswered: boolean,
  ): Promise<Sample> {
    if (sample.kind !== 'fail') return sample;
    if (app.incarnation !== this.#incarnation) await this.#begin(app, hasAnswered);
    const now = this.#clock.now();
    if (now - this.#lookedAt >= (hasAnswered ? SOON_MS : LOOK_MS)) {
      this.#lookedAt = now;
      const goodAt = hasAnswered ? (this.#goodAt ?? now) : Number.NEGATIVE_INFINITY;
      const build = hasAnswered ? null : await this.#read();
      this.#error = build ?? (await this.#unread.find(app, this.#clock.wall() - (now - goodAt)));
    }
    if (this.#error === null) return sample;
    const detail = `it has not come up, and its log says: ${this.#error}`;
    return { ...sample, class: 'source', ...maskDetail({ detail }, secrets) };
  }

  async #begin(
    { incarnation, outputLog, errorLog }: Observation,
    hasAnswered: boolean,
  ): Promise<void> {
    this.#incarnation = incarnation;
    this.#error = null;
    this.#lookedAt = hasAnswered ? Number.NEGATIVE_INFINITY : this.#clock.now();
    const paths = [...new Set([outputLog, errorLog])].filter((path) => path !== null);
    const look = async (path: string): Promise<Log> => ({
      path,
      from: await this.#files.size(path),
    });
    this.#logs = await Promise.all(paths.map(look));
  }

  async #read(): Promise<string | null> {
    for (const { path, from } of this.#logs) {
      const tail = from === null ? null : await this.#files.logTail(path, MOST_LINES, from);
      const error = tail === null ? null : buildErrorIn(tail.lines);
      if (error !== null) return error;
    }
    return null;
  }
}
