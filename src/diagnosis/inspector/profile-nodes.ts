import type { ProfileNode, RunningFrame } from '../../agent/profile.ts';
import { MOST_FRAMES } from '../../agent/shapes.ts';
import { isFields, type Fields } from '../../text/fields.ts';

/** Far more than V8 sends for 50 ms. */
const MOST_NODES = 20_000;

/** How many lines of one function, and how many functions that it calls, are kept. */
const MOST_TICKS = 200;
const MOST_CHILDREN = 2_000;

const NAME_CHARS = 200;
const URL_CHARS = 4_096;

/** The nodes of a profile from a process of the app, which may send anything; null where there are none. */
export function profileNodes(profile: unknown): readonly ProfileNode[] | null {
  if (!isFields(profile) || !Array.isArray(profile['nodes'])) return null;
  const all: readonly unknown[] = profile['nodes'];
  return all.slice(0, MOST_NODES).flatMap((each) => (isFields(each) ? (nodeOf(each) ?? []) : []));
}

/** The frames of a pause, innermost first, in the scripts with these ids; null where there are none. */
export function pausedFrames(
  params: Fields | null,
  scripts: ReadonlyMap<string, string>,
): readonly RunningFrame[] | null {
  const frames = listOf(params?.['callFrames'], MOST_FRAMES).filter(isFields);
  if (frames.length === 0) return null;
  return frames.map(({ functionName, location }) => {
    const { scriptId, lineNumber, columnNumber } = isFields(location) ? location : {};
    return {
      name: textOf(functionName, NAME_CHARS) || '(anonymous)',
      url: scripts.get(textOf(scriptId, NAME_CHARS)) ?? '',
      line: isWhole(lineNumber) ? lineNumber + 1 : null,
      column: isWhole(columnNumber) ? columnNumber : null,
    };
  });
}

function nodeOf({ id, callFrame, hitCount, children, positionTicks }: Fields): ProfileNode | null {
  if (!isWhole(id) || !isFields(callFrame)) return null;
  const { functionName, url, lineNumber, columnNumber } = callFrame;
  return {
    id,
    callFrame: {
      functionName: textOf(functionName, NAME_CHARS),
      url: textOf(url, URL_CHARS),
      lineNumber: isWhole(lineNumber) ? lineNumber : -1,
      columnNumber: isWhole(columnNumber) ? columnNumber : -1,
    },
    hitCount: isWhole(hitCount) ? hitCount : 0,
    // V8 counts up: without this a circle of nodes would have no end.
    children: listOf(children, MOST_CHILDREN)
      .filter(isWhole)
      .filter((child) => child > id),
    positionTicks: listOf(positionTicks, MOST_TICKS).flatMap((tick) => tickOf(tick) ?? []),
  };
}

function tickOf(tick: unknown): { readonly line: number; readonly ticks: number } | null {
  if (!isFields(tick)) return null;
  const { line, ticks } = tick;
  return isWhole(line) && isWhole(ticks) ? { line, ticks } : null;
}

function listOf(value: unknown, most: number): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, most) : [];
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && typeof value === 'number' && value >= 0;
}

function textOf(value: unknown, most: number): string {
  return typeof value === 'string' ? value.slice(0, most) : '';
}
