import { proposeBlock } from '../../../src/cli/proposal/propose-block.ts';
import type { Proposal } from '../../../src/cli/proposal/proposal.ts';
import { readBlock } from '../../../src/config/target-config.ts';
import type { Listener, OsReader, ProcessFacts } from '../../../src/os/os-reader.ts';
import type { ManagedProcess } from '../../../src/pm2/process.ts';
import { systemClock as clock } from '../../../src/time/clock.ts';
import { managed } from '../../support/fake-pm2.ts';

/** An app of PM2 as a test says: where its processes listen, and their command lines. */
export interface AppAt {
  /** By pid. */
  readonly listeners?: Readonly<Record<number, readonly Listener[]>>;
  readonly processes?: readonly ManagedProcess[];
  readonly daemonPid?: number;
  /** The command lines of the process tree of pid 100. */
  readonly commands?: readonly string[];
  readonly reader?: Partial<OsReader>;
}

/** A listener on `127.0.0.1`, or as given. */
export function at(port: number, address = '127.0.0.1', pid = 100): Listener {
  return { address, port, pids: [pid] };
}

/** The proposal for the first app. Its block, where there is one, has been read as the monitor reads it. */
export async function propose(app: AppAt): Promise<Proposal> {
  const processes = app.processes ?? [managed()];
  const [first] = processes;
  if (first === undefined) throw new Error('no app');
  const proposal = await proposeBlock(first, {
    reader: readerOf(app),
    clock,
    daemonPid: app.daemonPid ?? 0,
    processes,
  });
  if (proposal.block !== null) {
    const read = readBlock(proposal.block, first.env);
    if (!read.ok) throw new Error(`not a valid block: ${JSON.stringify(read.problems)}`);
  }
  return proposal;
}

function readerOf({
  listeners = {},
  processes = [],
  commands = ['node'],
  reader,
}: AppAt): OsReader {
  const pids = [...new Set([100, ...processes.map(({ pid }) => pid)])];
  const tree = commands.map((command, nth) =>
    facts(nth === 0 ? 100 : 200 + nth, nth === 0 ? 1 : 100, command),
  );
  const others = pids.filter((pid) => pid !== 100).map((pid) => facts(pid, 1, 'node'));
  const table = new Map([...tree, ...others].map((each) => [each.pid, each]));
  return {
    listeners: async () => null,
    listenersOf: async (of) => of.flatMap((pid) => listeners[pid] ?? []),
    connectedAt: async () => null,
    mainThread: async () => null,
    processes: async () => table,
    markers: async () => null,
    births: async () => null,
    ...reader,
  };
}

function facts(pid: number, ppid: number, command: string): ProcessFacts {
  return {
    pid,
    ppid,
    command,
    birth: String(pid),
    uid: 0,
    startedAtMs: pid,
    cpuMs: 0,
    rssBytes: 0,
    state: 'sleeping',
    tracerPid: 0,
  };
}
