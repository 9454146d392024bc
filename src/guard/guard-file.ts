import { join } from 'node:path';
import { z } from 'zod';
import { codeOf } from '../errors.ts';
import { mustBeOurs } from '../leader/private-dir.ts';
import { readSmallFile, systemFiles, type Files } from '../store/files.ts';
import { writeOwnFile } from '../store/write-own-file.ts';
import { NO_MEMORY, type GuardMemory } from './memory.ts';

/** The name of the file in PM2_HOME/pm2-liveness. */
export const GUARD_FILE = 'guard.json';

/** A message that is not through everywhere. */
export interface Unsent {
  readonly id: string;
  /** Wall milliseconds. */
  readonly at: number;
  readonly text: string;
  readonly isTrouble: boolean;
  /** The names of the channels that have it, or refused it for good. */
  readonly done: readonly string[];
}

/** All that the guard keeps between two looks. */
export interface GuardDocument {
  readonly schemaVersion: 1;
  readonly memory: GuardMemory;
  /** In their order; few, because a message is only made at a change. */
  readonly unsent: readonly Unsent[];
}

/** The file where there is none. */
export const EMPTY_DOCUMENT: GuardDocument = { schemaVersion: 1, memory: NO_MEMORY, unsent: [] };

const MOST_BYTES = 256 * 1024;

const WALL = z.number().min(0).max(8.64e15);
const COUNT = z.number().int().min(0);

const troubleSchema = z.object({
  what: z.enum(['daemon', 'monitor']),
  since: WALL,
  looks: COUNT,
  sameLooks: COUNT,
  processes: z.string(),
});

const documentSchema = z.object({
  schemaVersion: z.literal(1),
  memory: z.object({
    lookedAt: WALL,
    found: z.string(),
    daemon: z.object({ boot: z.string(), isOnPurpose: z.boolean() }).nullable(),
    leaderPid: COUNT.nullable(),
    trouble: troubleSchema.nullable(),
    attempts: COUNT,
    attemptedAt: WALL.nullable(),
    isTold: z.boolean(),
    told: z.array(z.string()).optional(),
    attemptedFor: z.string().optional(),
    goodLooks: COUNT.optional(),
    ended: z.array(z.string()).optional(),
    busyLooks: COUNT.optional(),
    failures: COUNT.optional(),
  }),
  unsent: z.array(
    z.object({
      id: z.string(),
      at: WALL,
      text: z.string(),
      isTrouble: z.boolean(),
      done: z.array(z.string()),
    }),
  ),
});

/**
 * Reads the file in the folder `dir`. A file that is missing, damaged or not ours is like one before the first look: the
 * next one replaces it. Throws ERR_STORE where the folder is not ours.
 */
export async function readGuard(dir: string, files: Files = systemFiles): Promise<GuardDocument> {
  const path = join(dir, GUARD_FILE);
  try {
    await mustBeOurs(dir, files);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return EMPTY_DOCUMENT;
    throw error;
  }
  try {
    const read = documentSchema.safeParse(JSON.parse(await readSmallFile(path, MOST_BYTES, files)));
    return read.success ? read.data : EMPTY_DOCUMENT;
  } catch {
    return EMPTY_DOCUMENT;
  }
}

/** Replaces the file, readable only for its owner. Throws what the disk throws. */
export async function writeGuard(
  dir: string,
  document: GuardDocument,
  files: Files = systemFiles,
): Promise<void> {
  await writeOwnFile(dir, GUARD_FILE, `${JSON.stringify(document)}\n`, files);
}
