import type { Stats } from 'node:fs';
import { lstat, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, LivenessError } from '../errors.ts';
import { isListening } from './is-listening.ts';

/** A claim is `lock.<number>`, a second name of the claimant's listening socket. */
const CLAIM = /^lock\.(?<number>[1-9]\d{0,11})$/;

/** The highest number: higher ones are not read as claims, so none is made. */
const LAST_CLAIM = 999_999_999_999;

/** A socket that does not have its final name yet. */
const UNNAMED = /^new\.[0-9a-f]{8}$/;

/** This many old claims stay, because a folder that is read while names change must not seem empty. */
const KEPT_CLAIMS = 8;

/** A socket without a final name is older than this only where its process was killed between two steps. */
const UNNAMED_MS = 60_000;

/** The path of a claim. */
export function claimPath(dir: string, claimNumber: number): string {
  if (claimNumber > LAST_CLAIM) {
    throw new LivenessError('ERR_STORE', `${dir}: lock.${LAST_CLAIM} is not a lock; remove it`);
  }
  return join(dir, `lock.${claimNumber}`);
}

/** The highest claim in the folder; 0 where there is none, or no folder. */
export async function highestClaim(dir: string): Promise<number> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  return Math.max(0, ...names.map(claimNumberOf));
}

/** True where the holder of a claim runs. Throws ERR_STORE where the claim is no socket. */
export async function isClaimAlive(dir: string, claimNumber: number): Promise<boolean> {
  const path = claimPath(dir, claimNumber);
  await refuseForeign(path);
  return isListening(path);
}

/** Throws ERR_STORE where `path` is no socket, and so is not ours. */
export async function refuseForeign(path: string): Promise<void> {
  const found = await statOf(path);
  if (found && !found.isSocket()) {
    const message = `${path}: the monitor did not make this file; move it away`;
    throw new LivenessError('ERR_STORE', message);
  }
}

/** The stat of `path`, without following links; null where it is missing. */
export async function statOf(path: string): Promise<Stats | null> {
  return lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  });
}

/** Removes old claims, and sockets that never got their final name; only for the holder. Never rejects. */
export async function sweep(dir: string, held: number, wallMs: number): Promise<void> {
  const names = await readdir(dir).catch((): string[] => []);
  await Promise.all(
    names.map(async (name) => {
      const claimNumber = claimNumberOf(name);
      const isOutbid = claimNumber > 0 && claimNumber <= held - KEPT_CLAIMS;
      if (!isOutbid && !UNNAMED.test(name)) return;
      const path = join(dir, name);
      const found = await lstat(path).catch(() => null);
      if (!found?.isSocket()) return;
      if (isOutbid || found.mtimeMs < wallMs - UNNAMED_MS) await unlink(path).catch(() => null);
    }),
  );
}

function claimNumberOf(name: string): number {
  return Number(CLAIM.exec(name)?.groups?.['number'] ?? 0);
}
