import { basename } from 'node:path';
import type { BusyThread } from '../os-reader.ts';
import { eachListeningLine } from './listening.ts';
import type { LinuxProc } from './proc.ts';
import { LinkBudget, socketsOf } from './sockets.ts';
import { parseSleeps, parseStat, parseStatus } from './stat.ts';

/** Node runs handlers of signals in its event loop; a Go or Java program runs them at any time. */
const PROGRAMS: ReadonlySet<string> = new Set(['node', 'nodejs']);

/** `sl local remote st tx:rx tr:tm retrnsmt uid timeout inode`; of a listener rx is how many wait to be accepted. */
const LINE =
  /^\s*\d+: [0-9A-F]{8,32}:([0-9A-F]{4}) \S+ 0A [0-9A-F]{8}:([0-9A-F]{8}) \S+ \S+\s+\d+\s+\d+\s+(\d+) /;

/**
 * The first thread of a Node process that runs now and listens on `port`. Null for one that sleeps, is stopped or
 * traced, for any other program, and where a part of this is not known.
 */
export async function busyThreadOf(
  proc: LinuxProc,
  pid: number,
  port: number,
): Promise<BusyThread | null> {
  const stat = parseStat(proc.text(`${pid}/task/${pid}/stat`) ?? '');
  if (stat === null || stat.state !== 'running') return null;
  if (!PROGRAMS.has(basename(proc.link(`${pid}/exe`) ?? ''))) return null;
  const status = proc.text(`${pid}/status`) ?? '';
  const sleeps = parseSleeps(status);
  if (sleeps === null || parseStatus(status).tracerPid !== 0) return null;
  const waiting = await waitingAt(proc, pid, port);
  if (waiting === null) return null;
  return { birth: String(stat.startTicks), sleeps, cpuMs: stat.cpuMs, waiting };
}

/** How many connections wait to be accepted at the port of a process; null where it does not listen there. */
async function waitingAt(proc: LinuxProc, pid: number, port: number): Promise<number | null> {
  const queues = new Map<string, number>();
  const take = (line: string): boolean => {
    const [, at, waiting, id] = LINE.exec(line) ?? [];
    if (at === undefined || waiting === undefined || id === undefined) return false;
    if (Number.parseInt(at, 16) === port) queues.set(id, Number.parseInt(waiting, 16));
    return true;
  };
  for (const path of ['net/tcp', 'net/tcp6']) await eachListeningLine(proc, path, take);
  if (queues.size === 0) return null;
  const held = await socketsOf(proc, pid, new LinkBudget(), new Set(queues.keys()));
  const own = [...held].map((id) => queues.get(id) ?? 0);
  return own.length === 0 ? null : own.reduce((total, each) => total + each, 0);
}
