import { messageOf } from '../errors.ts';
import type { Log } from '../report/log.ts';
import type { MonitorEvent, Viewed } from '../report/worker-events.ts';
import type { TargetView } from '../report/view.ts';
import { appKeyOf } from '../store/app-memory.ts';
import { systemFiles, type Files } from '../store/files.ts';
import type { Clock } from '../time/clock.ts';
import { withTimeout } from '../time/deadline.ts';
import { DiskTimeout, type DiskQueue } from '../time/disk-queue.ts';
import { forEachInSlices } from '../time/slices.ts';
import { eachMinute } from './each-minute.ts';
import { AppSeries } from './series/app-series.ts';
import { historyFileName } from './series/history-file.ts';
import { MOST_HISTORIES, pruneHistoryFiles } from './series/history-folder.ts';
import { HistoryWriter } from './series/history-writer.ts';
import type { AppHistory, HistoryName, HistoryReader } from './series/history.ts';
import { RecordedApp, type RecordingTime } from './series/recorded-app.ts';

/** Two clocks that differ by this much from before: one was set, or the machine slept. */
const JUMP_MS = 1_000;

/** How long a stop may write: PM2 kills after five seconds. */
const LAST_SAVE_MS = 2_000;

/**
 * How often files that nobody needs are removed. Not before the clock has gone on for as long without a jump: one
 * that is wrong at the start of a machine would show that all of them are old.
 */
const PRUNE_MS = 3_600_000;

/** The folder and disk of the files, and the watched targets. */
interface HistoryRecorderDeps {
  /** PM2_HOME/pm2-liveness. */
  readonly dir: string;
  readonly clock: Clock;
  readonly disk: DiskQueue;
  readonly log: Pick<Log, 'line'>;
  readonly targets: () => readonly Viewed[];
  readonly files?: Files;
}

interface Recorded {
  readonly app: RecordedApp;
  readonly writer: HistoryWriter;
}

/** Records the history of the watched apps once a minute (DESIGN §16). A failure of the disk never stops it. */
export class HistoryRecorder implements HistoryReader {
  readonly #deps: HistoryRecorderDeps;
  readonly #files: Files;
  readonly #stopping = new AbortController();
  /** By name and instance. */
  readonly #apps = new Map<string, Recorded>();
  /** Null for a target that has none, so that its probes do not look for it again. */
  readonly #bySource = new WeakMap<Viewed, Recorded | null>();
  #time: RecordingTime;
  #prunedAt: number;
  #trouble: string | null = null;
  #warning: string | null = null;
  #isFull = false;
  #saving: Promise<void> = Promise.resolve();

  constructor(deps: HistoryRecorderDeps) {
    this.#deps = deps;
    this.#files = deps.files ?? systemFiles;
    const now = deps.clock.now();
    this.#prunedAt = now;
    this.#time = { now, offset: deps.clock.wall() - now, floor: now };
  }

  /** Begins to record. */
  start(): void {
    const { clock, targets } = this.#deps;
    const count = (): number => targets().length;
    void eachMinute({ clock, count, signal: this.#stopping.signal }, () => this.#record());
  }

  /** What was wrong with a file; null where nothing was. */
  get warning(): string | null {
    return this.#trouble ?? this.#warning;
  }

  /** Counts the answers of targets. On the path of every probe. */
  readonly onEvent = (event: MonitorEvent): void => {
    if (event.type !== 'sample' || event.sample.kind === 'unknown') return;
    const { target, sample } = event;
    let recorded = this.#bySource.get(target);
    if (recorded === undefined) recorded = this.#recordedOf(target, target.view());
    recorded?.app.count(sample.kind === 'ok' ? sample.durationMs : null);
  };

  names(): readonly HistoryName[] {
    return Array.from(this.#apps.values(), ({ app: { name, instance } }) => ({ name, instance }));
  }

  of(name: string, instance: number): AppHistory | null {
    const app = this.#apps.get(appKeyOf({ name, instance }))?.app;
    if (app === undefined) return null;
    const { clock } = this.#deps;
    return new AppSeries(app, app.buckets, () => ({ now: clock.wall(), filledTo: app.filledTo }));
  }

  /** Records the time up to now of all targets, in memory. Never rejects. */
  async collect(): Promise<void> {
    const { clock, targets } = this.#deps;
    const watched = new Set<Recorded>();
    const time = this.#timeNow();
    const work = (target: Viewed): void => {
      const view = target.view();
      const recorded = this.#recordedOf(target, view);
      if (recorded === null) return;
      watched.add(recorded);
      recorded.app.collect(view.uptime, time);
    };
    const now = (): number => clock.now();
    await forEachInSlices(targets(), now, work, () => true);
    this.#time = this.#afterJump(time);
    for (const [key, recorded] of this.#apps) {
      const isGone = !watched.has(recorded) && recorded.app.waiting.length === 0;
      if (isGone) this.#apps.delete(key);
    }
  }

  /** Writes what is recorded. Never rejects; a disk that hangs costs this attempt alone. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#write());
    return this.#saving;
  }

  /** Writes what was collected, within two seconds, and closes. Idempotent; never rejects. */
  async close(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    await withTimeout(this.save(), LAST_SAVE_MS, undefined, this.#deps.clock);
  }

  /** Closes without another write: another monitor has the files now. */
  abandon(): void {
    this.#stopping.abort();
    this.#apps.clear();
  }

  async #record(): Promise<void> {
    try {
      await this.collect();
      await this.save();
    } catch (error) {
      this.#deps.log.line('error', `internal error, please report it: ${messageOf(error)}`);
    }
  }

  #recordedOf(target: Viewed, view: TargetView): Recorded | null {
    const key = appKeyOf(view);
    let recorded = this.#apps.get(key);
    if (recorded === undefined) {
      if (this.#apps.size >= MOST_HISTORIES) return this.#tellFull(target);
      const app = new RecordedApp(view, view.uptime, this.#time.now);
      const writer = new HistoryWriter(app, { ...this.#deps, files: this.#files });
      recorded = { app, writer };
      this.#apps.set(key, recorded);
    }
    this.#bySource.set(target, recorded);
    return recorded;
  }

  /** A later collection may find room for it. */
  #tellFull(target: Viewed): null {
    this.#bySource.set(target, null);
    if (!this.#isFull) {
      const most = `a history is kept of ${MOST_HISTORIES} apps at most`;
      this.#deps.log.line('warn', `${most}; there are more, and the others have none`);
    }
    this.#isFull = true;
    return null;
  }

  /** What has passed since the last time is of the wall clock as it was before a jump. */
  #timeNow(): RecordingTime {
    const { clock } = this.#deps;
    return { ...this.#time, now: clock.now() };
  }

  #afterJump(time: RecordingTime): RecordingTime {
    const { clock } = this.#deps;
    const offset = clock.wall() - clock.now();
    return Math.abs(offset - time.offset) > JUMP_MS ? { ...time, offset, floor: time.now } : time;
  }

  /** A file that the disk refuses keeps no other app from its own; a disk that hangs ends this attempt. */
  async #write(): Promise<void> {
    let trouble: string | null = null;
    let isHanging = false;
    const attempt = async (work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        trouble ??= messageOf(error);
        isHanging = error instanceof DiskTimeout;
      }
    };
    for (const { writer } of this.#apps.values()) {
      await attempt(async () => this.#noteWarning(await writer.save()));
      if (isHanging) break;
    }
    if (!isHanging) await attempt(() => this.#prune());
    this.#found(trouble);
  }

  async #prune(): Promise<void> {
    const { dir, clock, disk } = this.#deps;
    const since = Math.max(this.#prunedAt, this.#time.floor);
    if (clock.now() - since < PRUNE_MS || this.#stopping.signal.aborted) return;
    this.#prunedAt = clock.now();
    const inUse = new Set(this.names().map(historyFileName));
    await disk.run(() => pruneHistoryFiles(dir, inUse, clock.wall(), this.#files));
  }

  /** The first file that cannot be used is reported; the others would say the same. */
  #noteWarning(warning: string | null): void {
    if (warning === null || this.#warning !== null) return;
    this.#warning = warning;
    this.#deps.log.line('warn', warning);
  }

  #found(trouble: string | null): void {
    if (trouble === this.#trouble) return;
    const { log } = this.#deps;
    if (trouble === null) log.line('info', 'the history of the apps is saved again');
    else if (this.#trouble === null) log.line('warn', `${UNSAVED}: ${trouble}`);
    this.#trouble = trouble && `${UNSAVED}: ${trouble}`;
  }
}

const UNSAVED = 'the history of the apps is not saved; they are still watched';
