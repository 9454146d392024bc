import { randomBytes } from 'node:crypto';
import { link, lstat, rename, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, messageOf } from '../errors.ts';
import type { Clock } from '../time/clock.ts';
import type { DiskQueue } from '../time/disk-queue.ts';
import type { Claim } from './claim.ts';
import { claimPath, highestClaim, isClaimAlive, refuseForeign, statOf } from './claims.ts';
import type { Lease } from './lease.ts';
import { closeServer } from './listen.ts';
import type { SocketPath } from '../control/socket-path.ts';
import { ensurePrivateDir } from './private-dir.ts';

/** How often the holder checks its claim. */
const CHECK_MS = 1_000;

/** Cleaners of /tmp remove files that were not touched for days. */
const TOUCH_MS = 3_600_000;

/** What holding a claim uses. */
interface SocketLeaseDeps {
  readonly socket: Extract<SocketPath, { kind: 'socket' }>;
  readonly disk: DiskQueue;
  /** Called when the claim was removed and cannot be made again, and when it has been. */
  readonly tell: (news: 'trouble' | 'locked', message: string) => void;
  /** Tries once to make another claim; null where another process has one. */
  readonly again: () => Promise<Claim | null>;
  readonly claim: Claim;
}

/**
 * The highest claim of a folder of sockets, held by this process. Where the folder is removed, unmounted or
 * replaced, it makes another claim in the new folder, because only we have the present state. It gives way
 * only to another live process with a claim there. Where no claim can be made it leads without one (see
 * LocklessLease).
 */
export class SocketLease implements Lease {
  readonly path: string;
  readonly #deps: SocketLeaseDeps;
  #claim: Claim;
  #trouble: string | null = null;
  readonly #lost = new AbortController();
  readonly #released = new AbortController();

  constructor(deps: SocketLeaseDeps) {
    this.path = deps.socket.path;
    this.#deps = deps;
    this.#claim = deps.claim;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  get trouble(): string | null {
    return this.#trouble;
  }

  /** The number of our claim. */
  get claimNumber(): number {
    return this.#claim.claimNumber;
  }

  /** Puts our socket at the path for clients, and replaces the socket of a dead holder. */
  async publish(): Promise<void> {
    if (await this.#isOurs(this.path)) return;
    await refuseForeign(this.path);
    const { dir } = this.#deps.socket;
    const unnamed = join(dir, `new.${randomBytes(4).toString('hex')}`);
    await link(claimPath(dir, this.claimNumber), unnamed);
    await rename(unnamed, this.path);
  }

  /** Checks and renews the claim until it is released or lost. */
  async guard(clock: Clock): Promise<void> {
    const { disk } = this.#deps;
    let touchedAt = clock.now();
    while (!this.#released.signal.aborted) {
      await clock.sleep(CHECK_MS, this.#released.signal);
      if (this.#released.signal.aborted || !(await this.check())) return;
      await disk.run(() => this.publish()).catch(() => undefined);
      if (clock.now() - touchedAt < TOUCH_MS) continue;
      touchedAt = clock.now();
      const at = new Date(clock.wall());
      await disk.run(() => this.#touch(at)).catch(() => undefined);
    }
  }

  async check(): Promise<boolean> {
    if (this.#released.signal.aborted) return false;
    // With a disk that does not answer the claim still counts as held.
    return this.#deps.disk.run(() => this.#isHeld()).catch(() => true);
  }

  async release(): Promise<void> {
    const isFirst = !this.#released.signal.aborted;
    this.#released.abort();
    // Before the socket closes, because until then nobody else can have put theirs there. The claim itself
    // stays as a dead one: the highest number must not become lower (try-claim.ts).
    if (isFirst) await this.#deps.disk.run(() => this.#withdraw()).catch(() => undefined);
    await closeServer(this.#claim.server);
  }

  async #withdraw(): Promise<void> {
    if (await this.#isOurs(this.path)) await unlink(this.path);
  }

  /** True while we hold a claim, the old one or a new one, or while no claim can be made. */
  async #isHeld(): Promise<boolean> {
    // A claim that cannot be checked now (EMFILE, EIO) counts as held.
    const stands = await this.#stands().catch((error: unknown) => codeOf(error) !== 'ENOTDIR');
    if (this.#released.signal.aborted) return false;
    if (stands) {
      if (this.#trouble !== null) this.#isBack('this monitor has the lock again');
      return true;
    }
    try {
      const next = await this.#deps.again();
      if (next !== null) await this.#replace(next);
      else if (await this.#isOutbid()) return await this.#lose();
      else this.#misses(`${this.#deps.socket.dir}: its files change while the monitor reads them`);
    } catch (error) {
      this.#misses(messageOf(error));
    }
    return true;
  }

  async #stands(): Promise<boolean> {
    const { dir } = this.#deps.socket;
    const found = await lstat(dir).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    });
    if (!found?.isDirectory()) return false;
    // Somebody has opened it to other users, who could put their own socket there.
    if ((found.mode & 0o077) !== 0) await ensurePrivateDir(dir);
    const highest = await highestClaim(dir);
    return highest === this.claimNumber && this.#isOurs(claimPath(dir, highest));
  }

  /** True where another process has the lock. Else somebody may still be removing the folder's files. */
  async #isOutbid(): Promise<boolean> {
    const { dir } = this.#deps.socket;
    const highest = await highestClaim(dir);
    const isAnother = highest > 0 && !(await this.#isOurs(claimPath(dir, highest)));
    return isAnother && isClaimAlive(dir, highest);
  }

  async #replace(next: Claim): Promise<void> {
    // Released meanwhile: the new claim is not needed.
    if (this.#released.signal.aborted) return closeServer(next.server);
    const before = this.#claim.server;
    this.#claim = next;
    // Not earlier, because it shows a standby that we run. Answers in flight are still given.
    before.close();
    await this.publish().catch(() => undefined);
    this.#isBack('the lock was removed; this monitor has taken it again');
  }

  async #lose(): Promise<false> {
    this.#released.abort();
    this.#lost.abort();
    await closeServer(this.#claim.server);
    return false;
  }

  #isBack(news: string): void {
    this.#trouble = null;
    this.#deps.tell('locked', `${news} (${this.path})`);
  }

  #misses(trouble: string): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#deps.tell(
      'trouble',
      `the lock was removed; this monitor continues to lead without it: ${trouble}`,
    );
  }

  async #isOurs(path: string): Promise<boolean> {
    const found = await statOf(path);
    const { file } = this.#claim;
    return found !== null && found.ino === file.ino && found.dev === file.dev;
  }

  async #touch(at: Date): Promise<void> {
    const { dir } = this.#deps.socket;
    for (const path of [claimPath(dir, this.claimNumber), dir]) {
      await utimes(path, at, at).catch(() => undefined);
    }
  }
}
