import { randomBytes } from 'node:crypto';
import { chmod, link, lstat, unlink } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { codeOf, messageOf } from '../errors.ts';
import type { Clock } from '../time/clock.ts';
import { contest } from './contest.ts';
import { claimPath, highestClaim, isClaimAlive, refuseForeign, sweep } from './generation.ts';
import { HeldPipe, HeldSocket, type FileId, type Held } from './held.ts';
import { closeServer, listen } from './listen.ts';
import type { Place } from './place.ts';
import { ensurePrivateDir } from './private-dir.ts';
import { Unlocked } from './unlocked.ts';

/** How often a standby looks whether the holder lives. */
const STANDBY_MS = 500;

/** So many failures in a row, and we lead without the lock (see Unlocked). */
const MOST_FAILURES = 10;

/** What the lock is taken with. */
export interface LockOptions {
  readonly place: Place;
  readonly clock: Clock;
  /** A new server that is not listening yet; it serves as soon as the lock is held. */
  readonly openServer: () => Server;
}

/** What waiting for the lock needs besides. */
export interface WaitOptions extends LockOptions {
  readonly signal: AbortSignal;
  /** Told once when we stand by, of each new trouble, and when it is over for one who led in spite of it. */
  readonly tell: (news: 'standby' | 'trouble' | 'locked', message: string) => void;
  /** Milliseconds between two tries. */
  readonly everyMs?: number;
  /** After so many failures in a row we lead without the lock. */
  readonly mostFailures?: number;
}

/**
 * Takes the lock on a PM2_HOME, or null while another process has it. Throws ERR_STORE where the
 * folder or a file in it is not ours, and Node's error where the system cannot bind.
 */
export async function tryAcquire(options: LockOptions): Promise<Held | null> {
  const { place } = options;
  return place.kind === 'pipe' ? acquirePipe(place.path, options) : acquireSocket(place, options);
}

/**
 * Stands by until the lock is ours, or cannot be had at all (`trouble` of the result); null where
 * `signal` aborted first. Never throws.
 */
export async function waitToLead(options: WaitOptions): Promise<Held | null> {
  const { place, clock, signal, tell } = options;
  const { everyMs = STANDBY_MS, mostFailures = MOST_FAILURES } = options;
  let told = '';
  let failures = 0;
  while (!signal.aborted) {
    let news: 'standby' | 'trouble' = 'standby';
    let reason = '';
    let message = `another monitor leads this PM2_HOME (${place.path}); standing by`;
    try {
      // oxlint-disable-next-line no-await-in-loop -- a try after the other
      const held = await tryAcquire(options);
      if (held && !signal.aborted) return held;
      // oxlint-disable-next-line no-await-in-loop
      await held?.release();
      failures = 0;
    } catch (error) {
      news = 'trouble';
      reason = messageOf(error);
      message = `cannot take the lock: ${reason}`;
      failures += 1;
    }
    if (message !== told && !signal.aborted) tell(news, message);
    told = message;
    if (failures >= mostFailures) return leadUnlocked(options, reason);
    // oxlint-disable-next-line no-await-in-loop
    await clock.sleep(everyMs, signal);
  }
  return null;
}

function leadUnlocked(options: WaitOptions, why: string): Held {
  const { place, clock, tell } = options;
  return new Unlocked({
    path: place.path,
    why,
    clock,
    again: () => tryAcquire(options),
    tellLocked: () => tell('locked', `the lock is held now (${place.path})`),
  });
}

async function acquirePipe(path: string, { openServer }: LockOptions): Promise<Held | null> {
  const server = openServer();
  try {
    await listen(server, path);
    return new HeldPipe(path, server);
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') return null;
    throw error;
  }
}

async function acquireSocket(
  place: Extract<Place, { kind: 'socket' }>,
  { clock, openServer }: LockOptions,
): Promise<Held | null> {
  const { dir, path, isShared } = place;
  await ensurePrivateDir(dir, isShared);
  await refuseForeign(path);
  const claimed: { server: Server; file: FileId }[] = [];
  let held: HeldSocket | null = null;
  try {
    const generation = await contest({
      highest: () => highestClaim(dir),
      isAlive: (last) => isClaimAlive(dir, last),
      claim: async (mine) => {
        const server = openServer();
        const file = await bindAs(claimPath(dir, mine), dir, server);
        if (file) claimed.push({ server, file });
        return file !== null;
      },
    });
    const [ours] = claimed;
    if (generation === null || !ours) return null;
    const won = new HeldSocket(place, generation, ours.file, ours.server);
    await won.publish();
    held = won;
  } finally {
    if (!held) await Promise.all(claimed.map(({ server }) => closeServer(server)));
  }
  await sweep(dir, held.generation, clock.wall());
  void held.guard(clock);
  return held;
}

/**
 * Binds to a name of its own, narrows it to its owner, and only then gives it the wanted name: a
 * claim is listening and private from the instant it can be seen. Null where the name is taken.
 */
async function bindAs(path: string, dir: string, server: Server): Promise<FileId | null> {
  const newcomer = join(dir, `new.${randomBytes(4).toString('hex')}`);
  try {
    await listen(server, newcomer);
    await chmod(newcomer, 0o600);
    const { dev, ino } = await lstat(newcomer);
    await link(newcomer, path);
    return { dev, ino };
  } catch (error) {
    await closeServer(server);
    if (codeOf(error) === 'EEXIST') return null;
    throw error;
  } finally {
    await unlink(newcomer).catch(() => undefined);
  }
}
