import type { Listener, ProcessTable } from '../../os/os-reader.ts';
import { treeOf } from '../../os/tree.ts';
import type { ManagedProcess } from '../../pm2/process.ts';
import { appArgument } from '../../text/shell-word.ts';
import { clusterPorts } from './cluster-ports.ts';
import type { ProposalDeps } from './proposal.ts';

/** A port or a Unix socket on which an app listens. */
export interface OwnPort {
  /** 0 for a Unix socket. */
  readonly port: number;
  /** In the form of `Listener`, never empty; the absolute path of a Unix socket. */
  readonly addresses: readonly string[];
  /** The path of a Unix socket; absent for a port. */
  readonly socket?: string;
}

/** One instance of an app with its ports, the lowest first. */
export interface InstancePorts {
  readonly process: ManagedProcess;
  readonly ports: readonly OwnPort[];
}

/** The ports of an app. */
export interface OwnPorts {
  /** Those that listen, by pm_id; never empty. */
  readonly instances: readonly InstancePorts[];
  /** The command lines of the first one's process tree. */
  readonly commands: readonly string[];
}

/** Why no port is known; a sentence without a full stop. */
interface NoPorts {
  readonly reason: string;
}

/** A pipe or socket to type where the system shows none; with slashes, which no shell takes for something else. */
const PIPE = process.platform === 'win32' ? '//./pipe/<name>' : '/<path>.sock';

/** An app younger than this may not listen yet. */
const YOUNG_MS = 10_000;
const LOOK_AGAIN_MS = 250;
/** An app opens the port of its inspector or hot reload before that of its pages. */
const SETTLE_MS = 500;

/** Ports that are never an app's own: Node's inspector, and hot reload of Vite in middleware mode. */
const NEVER: ReadonlySet<number> = new Set([9229, 24_678]);

/** Finds where the processes of an app listen; waits for an app that has just started. Never rejects. */
export async function findOwnPorts(
  app: ManagedProcess,
  deps: ProposalDeps,
): Promise<OwnPorts | NoPorts> {
  const { clock } = deps;
  const running = runningInstances(app, deps.processes);
  const [first] = running;
  if (first === undefined) return { reason: `${app.name} does not run (PM2 says ${app.status})` };
  const until = clock.now() + Math.min(YOUNG_MS, first.startedAt + YOUNG_MS - clock.wall());
  let found = await look(running, deps);
  if ('reason' in found && clock.now() >= until) return found;
  const hadToWait = 'reason' in found;
  while ('reason' in found && clock.now() < until) {
    await clock.sleep(LOOK_AGAIN_MS);
    found = await look(running, deps);
  }
  if ('reason' in found || !hadToWait) return found;
  await clock.sleep(SETTLE_MS);
  return look(running, deps);
}

function runningInstances(
  { name, namespace }: ManagedProcess,
  processes: readonly ManagedProcess[],
): readonly ManagedProcess[] {
  return processes
    .filter((each) => each.name === name && each.namespace === namespace && each.pid > 0)
    .toSorted((a, b) => a.pmId - b.pmId);
}

async function look(
  running: readonly ManagedProcess[],
  deps: ProposalDeps,
): Promise<OwnPorts | NoPorts> {
  const { reader } = deps;
  const [first] = running;
  const name = first?.name ?? '';
  const unseen = { reason: `this system does not show where ${name} listens` };
  const table = await reader.processes();
  if (table === null || first === undefined) return unseen;
  const commands = await commandsOf(first, table, deps);
  const hidden = new Set([...NEVER, ...inspectorPorts(first, commands)]);
  const instances: InstancePorts[] = [];
  for (const process of running) {
    const tree = pidsOf(table, process.pid);
    const own = await reader.listenersOf(tree);
    if (own === null) return unseen;
    const held = process.isCluster ? await clusterPorts(process, deps) : [];
    if ('reason' in held) return held;
    const open = portsOf([...own, ...held]).filter(({ port }) => !hidden.has(port));
    const ports = [...open, ...(await socketsOf(tree, deps))];
    if (ports.length > 0) instances.push({ process, ports });
  }
  if (instances.length > 0) return { instances, commands };
  return {
    reason: await whyNone(
      name,
      running.flatMap(({ pid }) => pidsOf(table, pid)),
      deps,
    ),
  };
}

/** The processes of an app: below npm or a shell it is not PM2's own pid. */
function pidsOf(table: ProcessTable, pid: number): readonly number[] {
  const tree = treeOf(table, pid).map((each) => each.pid);
  return tree.length > 0 ? tree : [pid];
}

/** The command lines of an app's tree. That of a Node app is only its script, so PM2's arguments follow it. */
async function commandsOf(
  { pid, env }: ManagedProcess,
  table: ProcessTable,
  { reader }: ProposalDeps,
): Promise<readonly string[]> {
  const pids = pidsOf(table, pid);
  const named = await reader.processes(pids);
  const lines = pids.flatMap((each) => named?.get(each)?.command ?? []);
  const [first = '', ...rest] = lines;
  const words = [env['args'] ?? []].flat().map(String).join(' ');
  return words === '' || first.endsWith(words) ? lines : [`${first} ${words}`, ...rest];
}

/** The ports in `--inspect=9230` and the like, which PM2 keeps apart from the other words. */
function inspectorPorts({ env }: ManagedProcess, commands: readonly string[]): readonly number[] {
  const words = [env['node_args'], env['NODE_OPTIONS']].flat().map(String);
  return [...words, ...commands].flatMap((line) =>
    [...line.matchAll(/--inspect(?:-brk|-port|-wait)?[= ](?:\S*:)?(\d{1,5})\b/g)].map(([, port]) =>
      Number(port),
    ),
  );
}

function portsOf(listeners: readonly Listener[]): readonly OwnPort[] {
  const ports = new Map<number, Set<string>>();
  for (const { port, address } of listeners) {
    ports.set(port, (ports.get(port) ?? new Set()).add(address));
  }
  return [...ports]
    .map(([port, addresses]) => ({ port, addresses: [...addresses] }))
    .toSorted((a, b) => a.port - b.port);
}

/**
 * The Unix sockets of these processes. One with a pid in its name is a program's own (tsx has one in each
 * process), and has another name at the next start.
 */
async function socketsOf(
  pids: readonly number[],
  { reader }: ProposalDeps,
): Promise<readonly OwnPort[]> {
  const paths = (await reader.unix?.pathsOf(pids)) ?? [];
  const numbers = new Set(pids.map(String));
  return paths
    .filter((path) => !(path.match(/\d+/g) ?? []).some((each) => numbers.has(each)))
    .toSorted()
    .map((socket) => ({ port: 0, addresses: [socket], socket }));
}

/** The place in a sentence: `port 3000`, `the socket /run/api.sock`. */
export function placeText({ port, socket }: OwnPort): string {
  return socket === undefined ? `port ${port}` : `the socket ${socket}`;
}

async function whyNone(
  name: string,
  pids: readonly number[],
  { reader }: ProposalDeps,
): Promise<string> {
  const closed = (await reader.closed?.(pids)) ?? [];
  if (closed.length > 0) {
    return `another user runs ${name} (process ${closed[0]}), and only that user or root sees where it listens`;
  }
  const hidden =
    reader.unix === undefined
      ? `; this system does not show who has a pipe or Unix socket: where ${name} listens on one, type it: npx pm2-liveness watch ${appArgument(name)} ${PIPE}`
      : '';
  return `${name} listens nowhere${hidden}; if it is a worker, use a heartbeat: env_liveness: { heartbeat: '30s' } and startHeartbeat() in its code (docs/SETTINGS.md)`;
}
