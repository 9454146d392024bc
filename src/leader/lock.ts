import type { Server } from 'node:http';
import { codeOf, messageOf } from '../errors.ts';
import type { Clock } from '../time/clock.ts';
import { DiskQueue } from '../time/disk-queue.ts';
import { claimIn } from './claim.ts';
import { refuseForeign, sweep } from './claims.ts';
import { PipeLease, type Lease } from './lease.ts';
import { SocketLease } from './socket-lease.ts';
import { closeServer, listen } from './listen.ts';
import type { SocketPath } from '../control/socket-path.ts';
import { ensurePrivateDir } from './private-dir.ts';
import { LocklessLease } from './lockless-lease.ts';
import { UnseenHolder } from './unseen-holder.ts';

/** How often a standby checks that the holder runs. */
const STANDBY_MS = 500;

/** After this many failures in a row we lead without the lock (see LocklessLease). */
const MOST_FAILURES = 10;

/** What taking the lock uses. */
export interface LockDeps {
  readonly socket: SocketPath;
  readonly clock: Clock;
  /** Makes a server that does not listen yet; it serves as soon as the lock is held. */
  readonly openServer: () => Server;
  /** The queue of all operations on the lock's disk. */
  readonly disk?: DiskQueue;
  /** A holder to wait for where no claim is alive. */
  readonly unseen?: UnseenHolder;
  /** Called when a holder cannot get its claim back, and when it has got it. */
  readonly tell?: (news: 'trouble' | 'locked', message: string) => void;
}

/** What waiting for the lock uses beside that. */
export interface WaitDeps extends LockDeps {
  readonly signal: AbortSignal;
  /** Called once when we stand by, for each new problem, and when a leader without the lock gets it. */
  readonly tell: (news: 'standby' | 'trouble' | 'locked', message: string) => void;
  /** Milliseconds between two tries. */
  readonly everyMs?: number;
  /** After this many failures in a row we lead without the lock. */
  readonly mostFailures?: number;
}

/**
 * Takes the lock on a PM2_HOME; null while another process has it. Throws ERR_STORE where the folder or a
 * file in it is not ours; Node's error where the system cannot bind; and an error where the disk does not
 * answer.
 */
export async function tryAcquire(options: LockDeps): Promise<Lease | null> {
  const { socket, clock, disk = new DiskQueue(clock) } = options;
  if (socket.kind === 'pipe') return acquirePipe(socket.path, options);
  const held = await disk.run(
    () => acquireSocket(socket, options, disk),
    // Nothing uses a late lease, and a live claim would keep all others out.
    (late) => void late?.release(),
  );
  void held?.guard(clock);
  return held;
}

/**
 * Waits until we have the lock, or cannot get it at all (`trouble` of the result); null where `signal` aborts
 * first. Never rejects.
 */
export async function waitToLead(given: WaitDeps): Promise<Lease | null> {
  const { socket, clock, signal, tell } = given;
  const { everyMs = STANDBY_MS, mostFailures = MOST_FAILURES } = given;
  const options = { disk: new DiskQueue(clock), ...unseenIn(socket, clock), ...given };
  let told = '';
  let failures = 0;
  while (!signal.aborted) {
    let news: 'standby' | 'trouble' = 'standby';
    let reason = '';
    let message = `another monitor leads this PM2_HOME (${socket.path}); standing by`;
    try {
      const held = await tryAcquire(options);
      if (held && !signal.aborted) return held;
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
    // Not while a leader whose folder is gone still leads.
    if (failures >= mostFailures && !(await options.unseen?.isThere())) {
      return leadUnlocked(options, reason);
    }
    await clock.sleep(everyMs, signal);
  }
  return null;
}

function unseenIn(socket: SocketPath, clock: Clock): Pick<LockDeps, 'unseen'> {
  return socket.kind === 'socket' ? { unseen: new UnseenHolder(socket.dir, clock) } : {};
}

function leadUnlocked(options: WaitDeps, reason: string): Lease {
  const { socket, clock, tell } = options;
  return new LocklessLease({
    path: socket.path,
    reason,
    clock,
    again: () => tryAcquire(options),
    tellLocked: () => tell('locked', `this monitor has the lock now (${socket.path})`),
  });
}

async function acquirePipe(path: string, { openServer }: LockDeps): Promise<Lease | null> {
  const server = openServer();
  try {
    await listen(server, path);
    return new PipeLease(path, server);
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') return null;
    throw error;
  }
}

async function acquireSocket(
  socket: Extract<SocketPath, { kind: 'socket' }>,
  options: LockDeps,
  disk: DiskQueue,
): Promise<SocketLease | null> {
  const { clock, openServer, unseen, tell = () => undefined } = options;
  await ensurePrivateDir(socket.dir);
  await refuseForeign(socket.path);
  const claim = await claimIn(socket.dir, openServer, unseen ?? null);
  if (claim === null) return null;
  const held = new SocketLease({
    socket,
    disk,
    tell,
    // Without waiting for an unseen holder: it is ourselves.
    again: async () => {
      await ensurePrivateDir(socket.dir);
      return claimIn(socket.dir, openServer, null);
    },
    claim,
  });
  try {
    await held.publish();
  } catch (error) {
    await closeServer(claim.server);
    throw error;
  }
  await sweep(socket.dir, claim.claimNumber, clock.wall());
  return held;
}
