import { journalMark, parseInTurns, readNewestText } from '../store/newest-lines.ts';
import { withTimeout } from '../time/deadline.ts';
import type { Clock } from '../time/clock.ts';
import type { DiskQueue } from '../time/disk-queue.ts';
import { forEachInSlices } from '../time/slices.ts';
import { IncidentFold, PathHider, type KnownIncident } from './incident-fold.ts';

export type { KnownIncident } from './incident-fold.ts';

/** What reading uses. */
interface IncidentReaderDeps {
  /** PM2_HOME/pm2-liveness. */
  readonly dir: string;
  readonly disk: DiskQueue;
  readonly clock: Clock;
}

/** A disk that hangs is not waited for: what was read last is shown. */
const READ_MS = 2_000;

/** The disk is asked at most this often whether there is more. */
const FRESH_MS = 1_000;

/** Reads the incidents of the journal again where it has changed. */
export class IncidentReader {
  readonly #deps: IncidentReaderDeps;
  readonly #hider = new PathHider();
  #known: readonly KnownIncident[] = [];
  #mark = '';
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;

  constructor(deps: IncidentReaderDeps) {
    this.#deps = deps;
  }

  /** Newest first. Never rejects. */
  async read(): Promise<readonly KnownIncident[]> {
    const { clock } = this.#deps;
    if (clock.now() - this.#readAt >= FRESH_MS) {
      this.#reading ??= this.#readAgain().finally(() => {
        this.#reading = null;
      });
      await withTimeout(this.#reading, READ_MS, undefined, clock);
    }
    return this.#known;
  }

  async #readAgain(): Promise<void> {
    const { dir, disk, clock } = this.#deps;
    try {
      const mark = await disk.run(() => journalMark(dir));
      if (mark !== this.#mark) {
        this.#known = await this.#incidentsIn(await disk.run(() => readNewestText(dir)));
        this.#mark = mark;
      }
    } catch {
      // No journal yet, or a disk that hangs.
    }
    this.#readAt = clock.now();
  }
  /** In slices, and outside of the disk's queue, which others wait for. */
  async #incidentsIn(text: string): Promise<readonly KnownIncident[]> {
    const now = (): number => this.#deps.clock.now();
    const goOn = (): boolean => true;
    const fold = new IncidentFold();
    const lines = await parseInTurns(text);
    await forEachInSlices(lines, now, (line) => fold.take(line), goOn);
    const known: KnownIncident[] = [];
    this.#hider.begin();
    await forEachInSlices(fold.newest(), now, (each) => known.push(this.#hider.hide(each)), goOn);
    return known;
  }
}
