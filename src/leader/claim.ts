import { randomBytes } from 'node:crypto';
import { chmod, link, lstat, unlink } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';
import { tryClaim } from './try-claim.ts';
import { claimPath, highestClaim, isClaimAlive } from './claims.ts';
import { closeServer, listen } from './listen.ts';
import type { UnseenHolder } from './unseen-holder.ts';

/** Identifies a socket file under any name. */
interface FileId {
  readonly dev: number;
  readonly ino: number;
}

/** Our numbered claim, whose server listens. */
export interface Claim {
  /** Each holder's number is higher than that of the one before. */
  readonly claimNumber: number;
  readonly file: FileId;
  readonly server: Server;
}

/**
 * Tries once to get the highest claim of a folder; null where another process has it, or where this must wait
 * for a holder whose claim cannot be seen.
 */
export async function claimIn(
  dir: string,
  openServer: () => Server,
  unseen: UnseenHolder | null,
): Promise<Claim | null> {
  const claimed: { server: Server; file: FileId }[] = [];
  let claim: Claim | null = null;
  try {
    const claimNumber = await tryClaim({
      highest: () => highestClaim(dir),
      isAlive: async (last) => {
        const isAlive = await isClaimAlive(dir, last);
        if (isAlive) unseen?.isSeen();
        return isAlive;
      },
      claim: async (mine) => {
        if (await unseen?.mustWait()) return false;
        const server = openServer();
        const file = await bindAs(claimPath(dir, mine), dir, server);
        if (file) claimed.push({ server, file });
        return file !== null;
      },
    });
    const [ours] = claimed;
    if (claimNumber !== null && ours) claim = { claimNumber, ...ours };
  } finally {
    if (!claim) await Promise.all(claimed.map(({ server }) => closeServer(server)));
  }
  return claim;
}

/**
 * Binds a socket to a name of its own, restricts it to its owner, and then gives it the wanted name, so that
 * a claim listens and is private as soon as it can be seen. Null where the name is taken.
 */
async function bindAs(path: string, dir: string, server: Server): Promise<FileId | null> {
  const unnamed = join(dir, `new.${randomBytes(4).toString('hex')}`);
  try {
    await listen(server, unnamed);
    await chmod(unnamed, 0o600);
    const { dev, ino } = await lstat(unnamed);
    await link(unnamed, path);
    return { dev, ino };
  } catch (error) {
    await closeServer(server);
    if (codeOf(error) === 'EEXIST') return null;
    throw error;
  } finally {
    await unlink(unnamed).catch(() => undefined);
  }
}
