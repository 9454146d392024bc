// Runs in the main thread of the user's app.
import type { ActiveFacts, Counted } from './shapes.ts';

/** More handles than this are not gone through: it is the app's own time. */
const MOST_HANDLES = 1_000;

/** How many kinds, and how many peers, are named. */
const MOST_NAMED = 12;

/** Node's own list of open handles: there is no public one that says where a connection goes. */
interface WithHandles {
  readonly _getActiveHandles?: () => readonly unknown[];
}

/** What keeps this process alive. Never throws. */
export function activeFacts(): ActiveFacts {
  try {
    return {
      resources: countedFrom(process.getActiveResourcesInfo().slice(0, MOST_HANDLES)),
      // A private API: where it is missing, no peer is known.
      peers: countedFrom(peersIn((process as WithHandles)._getActiveHandles?.() ?? [])),
    };
  } catch {
    return { resources: [], peers: [] };
  }
}

/** Where outgoing connections go; those of clients belong to a server. */
function peersIn(handles: readonly unknown[]): readonly string[] {
  return handles.slice(0, MOST_HANDLES).flatMap((handle) => {
    if (typeof handle !== 'object' || handle === null) return [];
    const { remoteAddress, remotePort, server } = handle as Record<string, unknown>; // any handle
    const isPeer = typeof remoteAddress === 'string' && typeof remotePort === 'number' && !server;
    return isPeer ? [`${remoteAddress}:${remotePort}`] : [];
  });
}

/** The most frequent names, with how often each is there. */
export function countedFrom(names: readonly string[]): readonly Counted[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((one, other) => other.count - one.count)
    .slice(0, MOST_NAMED);
}
