import { isFields, type Fields } from '../text/fields.ts';
import { readJson } from '../text/read-json.ts';
import { singleLine } from '../text/single-line.ts';
import {
  MOST_ANSWER_BYTES,
  MOST_FRAMES,
  type ActiveFacts,
  type AgentAnswer,
  type Counted,
  type Frame,
  type HeapFacts,
  type LoopDelay,
  type ProfileFacts,
} from './shapes.ts';

/** An answer has lists of objects in an object in it, no more. */
const LIMITS = { mostCharacters: MOST_ANSWER_BYTES, deepest: 8 };

const NAME_CHARS = 80;
const FILE_CHARS = 160;
const PATH_CHARS = 4_096;
const MOST_LISTED = 12;

/**
 * Reads the answer of an agent, which is text of the app: every name is made safe and cut, every list bounded;
 * null where it is no such answer. Never throws.
 */
export function readAnswer(text: string): AgentAnswer | null {
  const read = readJson(text, LIMITS);
  if (!read.ok || !isFields(read.value) || read.value['schemaVersion'] !== 1) return null;
  const { pid, birth, isBlocked, silentMs, delay, active, stack, profile, heap } = read.value;
  if (typeof pid !== 'number') return null;
  return {
    schemaVersion: 1,
    pid,
    birth: typeof birth === 'string' ? singleLine(birth, NAME_CHARS) : null,
    isBlocked: isBlocked === true,
    silentMs: silentMs === null ? null : numberOf(silentMs),
    delay: isFields(delay) ? delayOf(delay) : null,
    active: isFields(active) ? activeOf(active) : null,
    stack: Array.isArray(stack) ? listOf(stack, MOST_FRAMES).map(frameOf) : null,
    profile: isFields(profile) ? profileOf(profile) : null,
    ...(isFields(heap) && { heap: heapOf(heap) }),
  };
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
}

function shareOf(value: unknown): number {
  return Math.min(1, numberOf(value));
}

function delayOf({ p50Ms, p99Ms, maxMs }: Fields): LoopDelay {
  return { p50Ms: numberOf(p50Ms), p99Ms: numberOf(p99Ms), maxMs: numberOf(maxMs) };
}

function activeOf({ resources, peers }: Fields): ActiveFacts {
  return { resources: countedOf(resources), peers: countedOf(peers) };
}

function countedOf(value: unknown): readonly Counted[] {
  return listOf(value, MOST_LISTED).map(({ name, count }) => ({
    name: textOf(name, NAME_CHARS),
    count: numberOf(count),
  }));
}

function profileOf({ hot, idleShare, gcShare, ms }: Fields): ProfileFacts {
  return {
    hot: listOf(hot, MOST_LISTED).map((each) => ({
      ...frameOf(each),
      share: shareOf(each['share']),
    })),
    idleShare: shareOf(idleShare),
    gcShare: shareOf(gcShare),
    ms: numberOf(ms),
  };
}

function heapOf({ usedBytes, externalBytes, objects, file, note }: Fields): HeapFacts {
  return {
    usedBytes: numberOf(usedBytes),
    externalBytes: externalBytes === null ? null : numberOf(externalBytes),
    objects: countedOf(objects),
    file: typeof file === 'string' ? singleLine(file, PATH_CHARS) : null,
    note: typeof note === 'string' ? singleLine(note, FILE_CHARS) : null,
  };
}

function frameOf({ name, file, line }: Fields): Frame {
  return {
    name: textOf(name, NAME_CHARS),
    file: textOf(file, FILE_CHARS),
    line: typeof line === 'number' && Number.isSafeInteger(line) && line > 0 ? line : null,
  };
}

function listOf(value: unknown, most: number): readonly Fields[] {
  return Array.isArray(value) ? value.slice(0, most).filter(isFields) : [];
}

function textOf(value: unknown, most: number): string {
  return typeof value === 'string' ? singleLine(value, most) : '';
}
