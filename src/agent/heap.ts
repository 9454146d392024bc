import { closeSync, openSync, renameSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { freemem } from 'node:os';
import { dirname } from 'node:path';
import { countObjects } from './count-objects.ts';
import { knownOf, PING_MS, type LookDeps } from './look.ts';
import type { MainSession } from './main-session.ts';
import { heapMsOf, type AgentAnswer, type HeapFacts } from './shapes.ts';

/** To count objects takes this much memory for each byte of a heap, at most (docs/FACTS.md). */
const COUNT_MEMORY = 3;

/** A larger heap of small objects takes longer than anybody waits. */
const MOST_COUNTED_BYTES = 512 * 1024 * 1024;

/** The same for a snapshot, and for its file. */
const SNAPSHOT_MEMORY = 12;
const SNAPSHOT_DISK = 3;
const SNAPSHOT_LEAST_BYTES = 64 * 1024 * 1024;

/** What stays free on the disk. */
const SPARED_DISK_BYTES = 1024 * 1024 * 1024;

/**
 * Finds out what fills the heap of the main thread, which stands still meanwhile: so this is for an app that is about
 * to be restarted. Gives `tell` what is known after each step: how much, which objects, the snapshot in `file`. Does
 * not begin what the free memory or the disk has no room for, and says so.
 */
export async function lookAtHeap(
  file: string | null,
  deps: LookDeps,
  tell: (answer: AgentAnswer) => void,
): Promise<void> {
  // One that is blocked has other troubles.
  if ((await deps.askMain(PING_MS)) === null) return tell({ ...knownOf(deps), isBlocked: true });
  const until = performance.now() + heapMsOf(file);
  const session = new (await import('./main-session.ts')).MainSession(until);
  try {
    const memory = await session.memory();
    if (memory === null) return;
    const told = (heap: HeapFacts): HeapFacts => {
      tell({ ...knownOf(deps), isBlocked: false, heap });
      return heap;
    };
    const bare = told({ ...memory, objects: [], file: null, note: null });
    const counted = told(await withObjects(bare, session));
    if (file !== null) told(await withSnapshot(counted, file, session));
  } catch {
    // A Node without an inspector, or a main thread that is ending.
  } finally {
    session.end();
  }
}

async function withObjects(heap: HeapFacts, session: MainSession): Promise<HeapFacts> {
  const { usedBytes } = heap;
  if (usedBytes > MOST_COUNTED_BYTES)
    return { ...heap, note: 'its objects are not counted: the heap is too large' };
  if (freeBytes() < COUNT_MEMORY * usedBytes)
    return { ...heap, note: 'its objects are not counted: too little memory is free' };
  const text = await session.withObjects(String(countObjects));
  return text === null
    ? { ...heap, note: 'its objects are not counted: that takes too long' }
    : { ...heap, objects: JSON.parse(text) as HeapFacts['objects'] };
}

async function withSnapshot(
  heap: HeapFacts,
  file: string,
  session: MainSession,
): Promise<HeapFacts> {
  const { usedBytes } = heap;
  const no = (why: string): HeapFacts => ({ ...heap, note: `no snapshot: ${why}` });
  if (freeBytes() < SNAPSHOT_MEMORY * usedBytes)
    return no(`it may need ${SNAPSHOT_MEMORY} times the heap, and less memory is free`);
  const room = freeDiskBytes(dirname(file)) - SPARED_DISK_BYTES;
  const mostBytes = SNAPSHOT_LEAST_BYTES + SNAPSHOT_DISK * usedBytes;
  if (room < mostBytes) return no('too little of the disk is free');
  const part = `${file}.part`;
  // The private folder is there; another file of this name is not overwritten.
  const to = openSync(part, 'wx', 0o600);
  try {
    let left = mostBytes;
    const isWhole = await session.snapshot((piece) => {
      left -= piece.length;
      // The rest is dropped.
      if (left >= 0) writeSync(to, piece);
    });
    if (!isWhole) return no('it takes too long');
    if (left < 0) return no('it is larger than expected');
    renameSync(part, file);
    return { ...heap, file };
  } catch {
    return no('it cannot be written');
  } finally {
    closeSync(to);
    rmSync(part, { force: true });
  }
}

/** As far as the system, or a container's limit, lets this process go. */
function freeBytes(): number {
  // Node 20.13 and later.
  return process.availableMemory?.() ?? freemem();
}

function freeDiskBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}
