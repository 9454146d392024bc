import type { HostFigures } from '../report/host-figures.ts';
import type { Log } from '../report/log.ts';
import { andMore } from '../text/and-more.ts';
import { durationText } from '../text/duration-text.ts';
import { singleLine } from '../text/single-line.ts';
import type { Clock } from '../time/clock.ts';
import { median } from './median.ts';

/** How often the host is looked over. */
const LOOK_MS = 180_000;

/** Less room than this is low; more than a quarter above it is enough again. */
const LEAST_FREE_BYTES = 256 * 1_048_576;

/** A PM2 daemon is usually below 100 MB. */
const MOST_MEMORY_BYTES = 512 * 1_048_576;

/** The median of PM2's last answers; a healthy one takes some ten milliseconds. */
const SLOW_LIST_MS = 1_000;
const LISTS = 9;
const LISTS_A_LOOK = 3;

/** A saved list that differs at two looks in a row is no deploy under way. */
const STALE_LOOKS = 2;

const MOST_FOLDERS = 50;
const MOST_NAMES = 5;
const MIB = 1_048_576;

/** What the apps run beside, and where a finding is reported. Nothing here rejects, but `list`. */
export interface HostWatchDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** False while another monitor leads: it looks itself. */
  readonly isLeading: () => boolean;
  /** PM2_HOME and the folders of the apps' logs. */
  readonly folders: () => readonly string[];
  readonly freeIn: (folder: string) => Promise<number | 'hangs' | 'unknown'>;
  /** Reads PM2's list. */
  readonly list: () => Promise<unknown>;
  /** What the PM2 daemon uses; null where it is not known. */
  readonly daemonBytes: () => Promise<number | null>;
  /** Apps that run and are not saved, while there is a saved list; empty where all are. */
  readonly unsaved: () => Promise<readonly string[]>;
}

const NOTHING_MEASURED: HostFigures = {
  daemonBytes: null,
  listMs: null,
  freeBytes: null,
  isSavedListStale: false,
};

/** Looks every few minutes at what the apps run beside, and says what is wrong with it once (DESIGN §11). */
export class HostWatch {
  readonly #deps: HostWatchDeps;
  /** By subject: a disk, the daemon, the saved list. */
  #found = new Map<string, string>();
  #lists: readonly number[] = [];
  #staleLooks = 0;
  #figures = NOTHING_MEASURED;

  constructor(deps: HostWatchDeps) {
    this.#deps = deps;
  }

  /** Looks at once, then every few minutes; resolves after the signal. */
  async watch(signal: AbortSignal): Promise<void> {
    const { clock, isLeading } = this.#deps;
    while (!signal.aborted) {
      if (isLeading()) await this.look();
      await clock.sleep(isLeading() ? LOOK_MS : 1_000, signal);
    }
  }

  /** Looks now, and reports what is new, and what is over. */
  async look(): Promise<void> {
    const { log } = this.#deps;
    const found = new Map<string, string>();
    await this.#lookAtDisks(found);
    await this.#lookAtDaemon(found);
    await this.#lookAtSavedList(found);
    for (const [subject, text] of found) if (!this.#found.has(subject)) log.line('warn', text);
    for (const subject of this.#found.keys()) {
      if (!found.has(subject)) log.line('info', `no longer so: ${subject}`);
    }
    this.#found = found;
  }

  /** What is wrong, as of the last look. */
  troubles(): readonly string[] {
    return [...this.#found.values()];
  }

  /** What the last look measured. */
  figures(): HostFigures {
    return this.#figures;
  }

  async #lookAtDisks(found: Map<string, string>): Promise<void> {
    const { folders, freeIn } = this.#deps;
    let freeBytes: number | null = null;
    for (const folder of [...new Set(folders())].slice(0, MOST_FOLDERS)) {
      const free = await freeIn(folder);
      const name = singleLine(folder, 200);
      const subject = `little room in ${name}`;
      const least = LEAST_FREE_BYTES * (this.#found.has(subject) ? 1.25 : 1);
      if (free === 'hangs')
        found.set(`a disk that hangs at ${name}`, `the disk of ${name} does not answer`);
      if (typeof free !== 'number') continue;
      freeBytes = Math.min(free, freeBytes ?? free);
      if (free >= least) continue;
      found.set(
        subject,
        `only ${Math.round(free / MIB)} MB of room in ${name}: logs and PM2's files are cut off when it is full`,
      );
    }
    this.#figures = { ...this.#figures, freeBytes };
  }

  async #lookAtDaemon(found: Map<string, string>): Promise<void> {
    const { clock, list, daemonBytes } = this.#deps;
    for (let nth = 0; nth < LISTS_A_LOOK; nth += 1) {
      const beganAt = clock.now();
      // A PM2 that does not answer at all is the self-check's matter.
      if (
        await list().then(
          () => true,
          () => false,
        )
      ) {
        this.#lists = [...this.#lists, clock.now() - beganAt].slice(-LISTS);
      }
    }
    const medianMs = median(this.#lists);
    // At the first look the whole machine may be starting.
    if (this.#lists.length > LISTS_A_LOOK && medianMs > SLOW_LIST_MS) {
      found.set(
        'a slow PM2',
        `PM2 is slow: its list takes ${durationText(medianMs)}, so restarts and commands are late`,
      );
    }
    const bytes = await daemonBytes();
    const listMs = this.#lists.length === 0 ? null : medianMs;
    this.#figures = { ...this.#figures, daemonBytes: bytes, listMs };
    if (bytes !== null && bytes > MOST_MEMORY_BYTES) {
      found.set(
        'a large PM2 daemon',
        `the PM2 daemon uses ${Math.round(bytes / MIB)} MB; \`pm2 update\` starts it again, and the apps with it`,
      );
    }
  }

  async #lookAtSavedList(found: Map<string, string>): Promise<void> {
    const names = await this.#deps.unsaved();
    this.#staleLooks = names.length === 0 ? 0 : this.#staleLooks + 1;
    const isSavedListStale = this.#staleLooks >= STALE_LOOKS;
    this.#figures = { ...this.#figures, isSavedListStale };
    if (!isSavedListStale) return;
    const shown = singleLine(names.slice(0, MOST_NAMES).join(', '), 400);
    found.set(
      'apps that are not saved',
      `not in PM2's saved list, so gone after a reboot: ${shown}${andMore(names.length - MOST_NAMES)}; \`pm2 save\``,
    );
  }
}
