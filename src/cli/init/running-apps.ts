import { dirname, parse, resolve } from 'node:path';
import { isRecord } from '../../config/bad-value.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import type { Proposal } from '../proposal/proposal.ts';

/** What PM2 runs now. It is read, and never changed. */
export interface RunningApps {
  readonly processes: readonly ManagedProcess[];
  /** What it has and does not run now: stopped, errored. */
  readonly stopped: readonly ManagedProcess[];
  /** A block for an app that runs, by where it listens now. */
  readonly propose: (app: ManagedProcess) => Promise<Proposal>;
}

/** Nothing runs. */
export const NOTHING_RUNS: RunningApps = {
  processes: [],
  stopped: [],
  propose: async ({ name }) => ({ block: null, found: `${name} does not run`, warning: null }),
};

/** The first process of the app that an entry of a file in `file` describes; undefined where it does not run. */
export function processOfEntry(
  entry: unknown,
  file: string,
  { processes }: RunningApps,
): ManagedProcess | undefined {
  if (!isRecord(entry)) return undefined;
  const { name, script, cwd } = entry;
  // PM2's name for an app without one.
  const known =
    typeof name === 'string' || typeof name === 'number'
      ? String(name)
      : typeof script === 'string'
        ? parse(script).name
        : null;
  const folder = resolve(dirname(file), typeof cwd === 'string' ? cwd : '');
  return processes.find((each) => each.name === known && resolve(each.cwd) === folder);
}

/** The proposals for the entries without a block whose app runs, by index; asked side by side. */
export async function proposalsFor(
  entries: readonly unknown[],
  file: string,
  running: RunningApps,
): Promise<ReadonlyMap<number, Proposal>> {
  const found = await Promise.all(
    entries.map(async (entry, at): Promise<readonly (readonly [number, Proposal])[]> => {
      if (isRecord(entry) && entry['env_liveness'] !== undefined) return [];
      const app = processOfEntry(entry, file, running);
      return app === undefined ? [] : [[at, await running.propose(app)]];
    }),
  );
  return new Map(found.flat());
}
