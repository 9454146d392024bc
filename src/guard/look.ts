import { realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { getStatus } from '../control/client.ts';
import { socketPathOf } from '../control/socket-path.ts';
import { messageOf } from '../errors.ts';
import type { OsReader, ProcessFacts } from '../os/os-reader.ts';
import type { Pm2Connection } from '../pm2/client.ts';
import { daemonPidOf } from '../pm2/daemon-pid.ts';
import { checkDaemon } from '../pm2/daemon-socket.ts';
import { isMonitorProcess } from '../pm2/monitor-process.ts';
import type { ManagedProcess } from '../pm2/process.ts';
import { countSaved } from '../pm2/saved-list.ts';
import type { Clock } from '../time/clock.ts';
import { readBoot, systemBusy } from './boot.ts';
import type { DaemonEvidence, GuardEvidence, MonitorEvidence, MonitorProcess } from './evidence.ts';
import { isStale } from './monitor-finding.ts';

/** What a look uses. */
export interface LookDeps {
  /** Absolute. */
  readonly pm2Home: string;
  readonly clock: Clock;
  readonly reader: Pick<OsReader, 'processes'>;
  /** Makes PM2's client; only where the monitor does not answer, because PM2's library is slow to load. */
  readonly openPm2: () => Promise<Pick<Pm2Connection, 'connect' | 'list' | 'close'>>;
}

/** A busy monitor answers in less. */
const STATUS_MS = 5_000;

/** A process that is stopped for this long does not only change its state. */
const STOPPED_MS = 3_000;

/** PM2 writes its pid file just after its start. */
const PID_FILE_MS = 2_000;

/** One look at the daemon and the monitor. Each wait in it is bounded, and nothing is started or changed. */
export async function look(deps: LookDeps): Promise<GuardEvidence> {
  const { clock, pm2Home } = deps;
  const found = { wall: clock.wall(), boot: await readBoot(), systemBusy: null };
  const refusal = await checkDaemon(pm2Home).then(() => null, messageOf);
  if (refusal === null) {
    const monitor = await askMonitor(deps);
    // Its last round is fresh, so PM2 gave it a list just now.
    if (monitor.state === 'leads') return { ...found, daemon: { state: 'answers' }, monitor };
    const list = await askPm2(deps);
    if (typeof list !== 'string') {
      const processes = await monitorsIn(list, deps);
      return { ...found, daemon: { state: 'answers' }, monitor: { ...monitor, processes } };
    }
    const daemon = await daemonThere(list, deps);
    return { ...found, daemon, monitor: { state: 'unknown' } };
  }
  const daemon = await daemonThere(refusal, deps);
  const busy = daemon.state === 'gone' ? await systemBusy(pm2Home) : null;
  return { ...found, systemBusy: busy, daemon, monitor: { state: 'unknown' } };
}

/** Whether a monitor leads; one whose last round is too old does not. */
async function askMonitor({
  pm2Home,
  clock,
}: LookDeps): Promise<Exclude<MonitorEvidence, { state: 'unknown' }>> {
  const silent = (reason: string): MonitorEvidence & { state: 'silent' } => ({
    state: 'silent',
    reason,
    processes: [],
  });
  try {
    const path = socketPathOf(pm2Home).path;
    const { pid, state, lastRoundAt } = (await getStatus(path, { timeoutMs: STATUS_MS })).monitor;
    if (state === 'standby') return silent('it stands by, and no other one leads');
    const at = Date.parse(lastRoundAt ?? '');
    const lastRoundAgeMs = Number.isNaN(at) ? null : clock.wall() - at;
    if (!isStale(lastRoundAgeMs)) return { state: 'leads', pid, lastRoundAgeMs };
    return silent('its last round is too old');
  } catch (error) {
    return silent(messageOf(error).split(';', 1)[0] ?? 'no answer');
  }
}

/** PM2's list; a text says why there is none. Never rejects. */
async function askPm2({ openPm2 }: LookDeps): Promise<readonly ManagedProcess[] | string> {
  const pm2 = await openPm2();
  try {
    await pm2.connect();
    return await pm2.list();
  } catch (error) {
    return messageOf(error);
  } finally {
    await pm2.close();
  }
}

async function monitorsIn(
  list: readonly ManagedProcess[],
  deps: LookDeps,
): Promise<readonly MonitorProcess[]> {
  const monitors = list.filter(isMonitorProcess);
  const first = await lookAt(monitors, deps);
  if (!first.some(({ process }) => process === 'stopped')) return first;
  await deps.clock.sleep(STOPPED_MS);
  const second = await lookAt(monitors, deps);
  return first.map((each, at) => {
    const again = second[at];
    const isLasting = again?.process === 'stopped' && again.birth === each.birth;
    return each.process === 'stopped' && !isLasting ? { ...each, process: 'unknown' } : each;
  });
}

async function lookAt(
  monitors: readonly ManagedProcess[],
  { reader }: LookDeps,
): Promise<readonly MonitorProcess[]> {
  const table = monitors.some(({ pid }) => pid > 0) ? await reader.processes() : null;
  return monitors.map(({ pmId, status, pid }) => {
    const facts = pid > 0 ? table?.get(pid) : undefined;
    return {
      pmId,
      status,
      pid,
      birth: facts?.birth ?? null,
      process: facts?.state ?? null,
    };
  });
}

/** Whether the daemon that does not answer is still there. */
async function daemonThere(
  reason: string,
  { pm2Home, reader }: LookDeps,
): Promise<Exclude<DaemonEvidence, { state: 'answers' }>> {
  const pid = await daemonPidOf(pm2Home);
  const facts = pid > 0 ? (await reader.processes([pid]))?.get(pid) : undefined;
  if (facts !== undefined && facts.state !== 'zombie' && (await isDaemon(facts, pm2Home))) {
    return { state: 'silent', pid, reason, isStopped: facts.state === 'stopped' };
  }
  return { state: 'gone', pidFile: pid > 0 ? 'dead' : 'none', saved: await countSaved(pm2Home) };
}

/** A daemon's title is `PM2 v7.0.4: God Daemon (/root/.pm2)`. */
const TITLE = 'God Daemon (';

/**
 * False for another process that has got its pid: the daemon of another PM2_HOME, or one that is younger than the pid
 * file.
 */
export async function isDaemon(
  { startedAtMs, command }: Pick<ProcessFacts, 'startedAtMs' | 'command'>,
  pm2Home: string,
): Promise<boolean> {
  const at = command.indexOf(TITLE);
  if (at >= 0) {
    const title = command.trimEnd();
    // A long one is cut.
    if (!title.endsWith(')')) return true;
    return isSameFolder(title.slice(at + TITLE.length, -1), pm2Home);
  }
  const written = await stat(join(pm2Home, 'pm2.pid')).catch(() => null);
  return written !== null && startedAtMs <= written.mtimeMs + PID_FILE_MS;
}

/** Also through a link. */
async function isSameFolder(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all(
    [one, other].map((path) => realpath(path).catch(() => resolve(path))),
  );
  return first === second;
}
