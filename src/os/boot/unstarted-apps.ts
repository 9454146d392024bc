import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { andMore } from '../../text/and-more.ts';
import { singleLine } from '../../text/single-line.ts';
import type { Clock } from '../../time/clock.ts';
import { countOf, keyOf, readUnstartable, type NamedApp, type Unstarted } from './dump.ts';

/** What finding them needs. */
interface UnstartedAppsDeps {
  /** Absolute. */
  readonly pm2Home: string;
  readonly clock: Clock;
  /** PM2's list as it was read last; empty before the first one. */
  readonly pm2: { last(): readonly NamedApp[] };
}

/** The saved list is read this often at most, and only when somebody asks. */
const LOOK_MS = 2_000;

/** A larger list is not read: its text would hold up the monitor. */
const MOST_BYTES = 16 * 1024 * 1024;

/** This many are named. */
const MOST_NAMES = 5;

/**
 * The apps of PM2's saved list that `pm2 resurrect` could not start. PM2 has no entry of them at all, so
 * that neither its list nor any probe shows them. They are never started by us: a deleted app looks the same.
 */
export class UnstartedApps {
  readonly #deps: UnstartedAppsDeps;
  #found: readonly Unstarted[] = [];
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isLooking = false;
  /** The saved list and PM2's list that had no such app; they are not read again. */
  #cleared = '';

  constructor(deps: UnstartedAppsDeps) {
    this.#deps = deps;
    // So that the first who asks has an answer.
    this.look();
  }

  /** A sentence for people; null where there are none. What it rests on is at most two looks old. */
  get warning(): string | null {
    this.look();
    const listed = countOf(this.#deps.pm2.last());
    const isLost = (app: Unstarted): boolean => (listed.get(keyOf(app)) ?? 0) < app.saved;
    const lost = listed.size === 0 ? [] : this.#found.filter(isLost);
    if (lost.length === 0) return null;
    const named = lost.slice(0, MOST_NAMES).map(({ name, reason }) => `${name} (${reason})`);
    const what = singleLine(`${named.join(', ')}${andMore(lost.length - MOST_NAMES)}`, 800);
    return `PM2 cannot start saved apps: ${what}; once that is back: \`pm2 resurrect\`; where it was deleted for good: \`pm2 save\``;
  }

  /** Looks again where that is due. Returns at once, and never throws. */
  look(): void {
    const { clock } = this.#deps;
    if (this.#isLooking || clock.now() - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = clock.now();
    this.#isLooking = true;
    void this.#lookAgain();
  }

  /** Never rejects. */
  async #lookAgain(): Promise<void> {
    const { pm2Home, pm2 } = this.#deps;
    try {
      const { size, mtimeMs } = await stat(join(pm2Home, 'dump.pm2'));
      const listed = pm2.last();
      const key = `${size} ${mtimeMs} ${listed.length}`;
      if (key === this.#cleared) return;
      this.#found = size > MOST_BYTES ? [] : await readUnstartable(pm2Home, listed);
      if (this.#found.length === 0) this.#cleared = key;
    } catch {
      this.#found = [];
    } finally {
      this.#isLooking = false;
    }
  }
}
