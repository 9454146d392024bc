import { join } from 'node:path';
import { z } from 'zod';
import { codeOf, messageOf } from '../../errors.ts';
import { mustBeOurs } from '../../leader/private-dir.ts';
import { readSmallFile, setAside, systemFiles, type Files } from '../../store/files.ts';
import { writeOwnFile } from '../../store/write-own-file.ts';
import { EMPTY_LEDGER, type Ledger } from '../contract/ledger.ts';
import type { Queues } from './queue.ts';

/** All that outlives the monitor of its messages: what was reported of whom, and what waits. */
export interface OutboxDocument {
  readonly schemaVersion: 1;
  readonly ledger: Ledger;
  readonly queues: Queues;
  /** The id of each channel by its name, see Channel; absent in the file of an older monitor. */
  readonly channels?: Readonly<Record<string, string>> | undefined;
}

/** The name of the file in PM2_HOME/pm2-liveness. */
export const OUTBOX_FILE = 'notify.json';

/** More than the full queues of all channels that there can be, and the ledger of all apps. Nothing longer is written. */
const MOST_BYTES = 64 * 1024 * 1024;

const WALL = z.number();
const SEVERE = z.enum(['warning', 'critical']);
const NAMES = z.array(z.string());

const entrySchema = z.object({
  key: z.string(),
  app: z.string(),
  instance: z.number(),
  // What has a default is absent in the file of an older monitor.
  isOneOfMany: z.boolean().default(false),
  incident: z.string(),
  openedAt: WALL,
  detectedAt: WALL,
  cause: z.string(),
  severity: SEVERE,
  recipients: z.union([z.literal('all'), NAMES]),
  restarts: z.number(),
  reason: z.string(),
  detail: z.string(),
  next: z.string().nullable(),
  diagnosis: z.string().nullable(),
  done: NAMES,
  dueAt: WALL.nullable(),
  firedAs: SEVERE.nullable(),
  sentTo: NAMES,
  reportedBefore: NAMES,
  severityBefore: z.object({ severity: SEVERE, at: WALL }).nullable().default(null),
  remindedAt: WALL.nullable(),
  // A monitor that begins has not looked yet: PM2 may be starting its apps again.
  goneSince: WALL.nullable().transform(() => null),
  reopenedAt: WALL.nullable().default(null),
  isHeld: z.boolean(),
});

const ledgerSchema = z.object({
  entries: z.array(entrySchema),
  ended: z.array(
    z.object({
      entry: entrySchema,
      event: z.enum(['resolved', 'fixed']),
      end: z.string(),
      endedAt: WALL,
      downtimeMs: z.number().nullable(),
      dueAt: WALL,
    }),
  ),
  tombstones: z.array(
    z.object({
      key: z.string(),
      openedAt: WALL,
      detectedAt: WALL.nullable().default(null),
      cause: z.string(),
      endedAt: WALL,
      isAssumed: z.boolean().default(false),
    }),
  ),
});

const noticeSchema = z.looseObject({
  schemaVersion: z.literal(1),
  id: z.string(),
  event: z.enum(['opened', 'reminder', 'resolved', 'fixed', 'monitor', 'test']),
  severity: z.enum(['info', 'warning', 'critical']),
  host: z.string(),
  at: z.iso.datetime(),
  apps: z.array(
    z.looseObject({
      app: z.string(),
      instance: z.number().nullable(),
      incident: z.string(),
      cause: z.string(),
      reason: z.string(),
      detail: z.string(),
      openedAt: z.string(),
      detectedAt: z.string(),
      resolvedAt: z.string().nullable(),
      downtimeMs: z.number().nullable(),
      restarts: z.number(),
      done: NAMES,
      next: z.string().nullable(),
      diagnosis: z.string().nullable(),
      command: z.string(),
    }),
  ),
  moreApps: z.number(),
  text: z.string().nullable(),
});

/** A newer version only adds: after a downgrade its ledger still says which channel has what. */
const VERSION = z
  .number()
  .int()
  .min(1)
  .transform(() => 1 as const);

const documentSchema = z.object({
  schemaVersion: VERSION,
  channels: z.record(z.string(), z.string()).optional(),
  ledger: ledgerSchema,
  queues: z.record(
    z.string(),
    z.array(
      z.object({
        notice: noticeSchema,
        attempts: z.number(),
        notBefore: WALL,
        isPassed: z.literal(true).optional(),
      }),
    ),
  ),
});

/** What was read, and a sentence for the log where something was wrong. */
export interface ReadOutbox {
  readonly document: OutboxDocument;
  readonly warning: string | null;
}

/** The document where there is none yet. */
export const EMPTY_OUTBOX: OutboxDocument = { schemaVersion: 1, ledger: EMPTY_LEDGER, queues: {} };

/**
 * Reads the file of the folder `dir`. A file that cannot be used is set aside, with a warning. Throws ERR_STORE
 * where the folder is not ours.
 */
export async function readOutbox(
  dir: string,
  wallMs: number,
  files: Files = systemFiles,
): Promise<ReadOutbox> {
  const path = join(dir, OUTBOX_FILE);
  let reason: string;
  try {
    await mustBeOurs(dir, files);
    const read = documentSchema.safeParse(JSON.parse(await readSmallFile(path, MOST_BYTES, files)));
    if (read.success) return { document: read.data, warning: null };
    const [issue] = read.error.issues;
    reason = `is not what was written (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { document: EMPTY_OUTBOX, warning: null };
    reason =
      error instanceof SyntaxError ? 'is not valid JSON' : `cannot be read (${messageOf(error)})`;
  }
  const aside = await setAside(path, wallMs, files);
  const warning = `${path} ${reason}; ${aside}; messages that waited in it are lost`;
  return { document: EMPTY_OUTBOX, warning };
}

/** Replaces the file, readable only for its owner. Throws what the disk throws. */
export async function writeOutbox(
  dir: string,
  document: OutboxDocument,
  files: Files = systemFiles,
): Promise<void> {
  const text = `${JSON.stringify(document)}\n`;
  if (text.length > MOST_BYTES / 3 && Buffer.byteLength(text) > MOST_BYTES) {
    throw new Error(`they are more than ${MOST_BYTES} bytes`);
  }
  await writeOwnFile(dir, OUTBOX_FILE, text, files);
}
