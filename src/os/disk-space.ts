import { statfs } from 'node:fs/promises';
import type { Clock } from '../time/clock.ts';
import { withPatientTimeout } from '../time/deadline.ts';

/** A disk that takes longer to answer hangs. */
const DISK_MS = 2_000;

/** Bytes that this user may still write in a folder; `hangs` where its disk does not answer. */
export type FreeSpace = number | 'hangs' | 'unknown';

/**
 * Reads how much room folders have, one after the other. Each question to a disk that hangs keeps one of the
 * few threads that all file access shares, so while one is not answered no other is asked.
 */
export class DiskSpace {
  readonly #clock: Clock;
  #pending: string | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Never rejects, and never takes longer than 2 s. */
  async freeIn(folder: string): Promise<FreeSpace> {
    if (this.#pending !== null) return this.#pending === folder ? 'hangs' : 'unknown';
    this.#pending = folder;
    const asked = read(folder).finally(() => {
      this.#pending = null;
    });
    return withPatientTimeout(asked, DISK_MS, 'hangs', this.#clock);
  }
}

async function read(folder: string): Promise<FreeSpace> {
  try {
    const { bavail, bsize, blocks } = await statfs(folder);
    return blocks > 0 ? bavail * bsize : 'unknown';
  } catch {
    return 'unknown';
  }
}
