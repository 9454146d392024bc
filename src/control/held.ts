import { link, rename, unlink, utimes } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../time/clock.ts';
import { claimPath, highestClaim, refuseForeign, statOf } from './generation.ts';
import { closeServer } from './listen.ts';
import type { Place } from './place.ts';

/** How often the holder looks whether its claim still stands. */
const CHECK_MS = 1_000;

/** Cleaners of /tmp take what was not touched for days. */
const TOUCH_MS = 3_600_000;

/** The lock on one PM2_HOME, as long as it is held; the socket serves while it is. */
export interface Held {
  /** What clients connect to. */
  readonly path: string;
  /** Aborted when the lock was taken away, its folder removed; never by `release`. */
  readonly lost: AbortSignal;
  /** Why we lead without really holding it (Unlocked); null where it is held. */
  readonly trouble: string | null;
  /** Whether the claim stands now; worth asking before something that only one may do. */
  check(): Promise<boolean>;
  /** Gives the lock up and takes our own socket away. Idempotent; never throws. */
  release(): Promise<void>;
}

/** A Windows named pipe: the system itself allows one, and frees it. */
export class HeldPipe implements Held {
  readonly path: string;
  readonly lost: AbortSignal = new AbortController().signal;
  readonly trouble = null;
  readonly #server: HttpServer;

  constructor(path: string, server: HttpServer) {
    this.path = path;
    this.#server = server;
  }

  check(): Promise<boolean> {
    return Promise.resolve(this.#server.listening);
  }

  release(): Promise<void> {
    return closeServer(this.#server);
  }
}

/** What identifies a socket file, whatever it is called. */
export interface FileId {
  readonly dev: number;
  readonly ino: number;
}

/** The highest claim of a folder of sockets, alive in this process. */
export class HeldSocket implements Held {
  readonly path: string;
  readonly trouble = null;
  /** The number of our claim: it only ever grows from holder to holder. */
  readonly generation: number;
  readonly #dir: string;
  readonly #file: FileId;
  readonly #server: HttpServer;
  readonly #lost = new AbortController();
  readonly #released = new AbortController();

  constructor(
    place: Extract<Place, { kind: 'socket' }>,
    generation: number,
    file: FileId,
    server: HttpServer,
  ) {
    this.path = place.path;
    this.#dir = place.dir;
    this.generation = generation;
    this.#file = file;
    this.#server = server;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Puts our socket where clients look for it; what a dead holder left there is replaced. */
  async publish(): Promise<void> {
    if (await this.#isOurs(this.path)) return;
    await refuseForeign(this.path);
    const newcomer = join(this.#dir, `new.${randomBytes(4).toString('hex')}`);
    await link(claimPath(this.#dir, this.generation), newcomer);
    await rename(newcomer, this.path);
  }

  /** Looks after the claim until it is released or lost. */
  async guard(clock: Clock): Promise<void> {
    let touchedAt = clock.now();
    while (!this.#released.signal.aborted) {
      // oxlint-disable-next-line no-await-in-loop -- a look a second, one after the other
      await clock.sleep(CHECK_MS, this.#released.signal);
      // oxlint-disable-next-line no-await-in-loop
      if (this.#released.signal.aborted || !(await this.check())) return;
      // oxlint-disable-next-line no-await-in-loop
      await this.publish().catch(() => undefined);
      if (clock.now() - touchedAt < TOUCH_MS) continue;
      touchedAt = clock.now();
      // oxlint-disable-next-line no-await-in-loop
      await this.#touch(new Date(clock.wall()));
    }
  }

  async check(): Promise<boolean> {
    if (this.#released.signal.aborted) return false;
    const stands = await this.#stands().catch(() => null);
    // What cannot be looked at now (EMFILE, EIO) has not been taken away.
    if (stands !== false) return true;
    if (this.#released.signal.aborted) return false;
    this.#released.abort();
    this.#lost.abort();
    await closeServer(this.#server);
    return false;
  }

  async release(): Promise<void> {
    const isFirst = !this.#released.signal.aborted;
    this.#released.abort();
    // Before the socket closes, for only then nobody else can have put theirs there. The claim
    // itself stays as a dead one: the highest number must not fall (contest.ts).
    if (isFirst && (await this.#isOurs(this.path).catch(() => false))) {
      await unlink(this.path).catch(() => undefined);
    }
    await closeServer(this.#server);
  }

  async #stands(): Promise<boolean> {
    const highest = await highestClaim(this.#dir);
    return highest === this.generation && this.#isOurs(claimPath(this.#dir, highest));
  }

  async #isOurs(path: string): Promise<boolean> {
    const found = await statOf(path);
    return found !== null && found.ino === this.#file.ino && found.dev === this.#file.dev;
  }

  async #touch(at: Date): Promise<void> {
    for (const path of [claimPath(this.#dir, this.generation), this.#dir]) {
      // oxlint-disable-next-line no-await-in-loop -- two in an hour
      await utimes(path, at, at).catch(() => undefined);
    }
  }
}
