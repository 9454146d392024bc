import { withoutLogins } from '../config/secrets/word-secrets.ts';
import { findOrphan } from './find-orphan.ts';
import { isDetachedPart, type Case } from '../os/orphan.ts';
import type { Markers, ProcessFacts, ProcessTable } from '../os/os-reader.ts';
import type { Owner } from '../os/owner.ts';
import { treeOf } from '../os/tree.ts';
import { doubted, type PortHolderDeps, type PortHolder, type PortEvidence } from './port-holder.ts';
import type { Observation } from '../target/observation.ts';
import { holderForOthers } from './port-proxy.ts';

/** A server that finds its port taken tries the next ones; no more than so many. */
const DRIFT_PORTS = 20;

/** To which ports the app drifted may be known from so long ago. */
const SHARED_MS = 250;

/** What it means for the app that a port is so owned. */
export async function judge(owner: Owner, place: PortEvidence): Promise<PortHolder> {
  const { app, port, table } = place;
  switch (owner.kind) {
    case 'app':
      return { kind: 'accepted', at: [owner.address] };
    case 'hidden':
      return doubted(`port ${port} is held by a process that the monitor may not look into`);
    case 'outsider':
      return { kind: 'stranger', detail: outsiderText(owner, place) };
    case 'unknown':
      return table.has(app.pid) || app.pid === 0
        ? doubted(owner.why)
        : { kind: 'unsure', why: owner.why };
    case 'none':
      return elsewhere(owner.appAt, place);
    case 'stranger':
      return strangerOrOrphan(owner, place);
  }
}

function outsiderText({ uid }: Extract<Owner, { kind: 'outsider' }>, place: PortEvidence): string {
  const { app, port, table } = place;
  const own = table.get(app.pid)?.uid ?? null;
  const who = uid === null ? 'somebody' : `a process of ${userText(uid)}`;
  const runs = own === null || own === uid ? '' : `, which runs as ${userText(own)}`;
  return `port ${port} is held by ${who} that the monitor may not look into, and not by ${app.name}${runs}`;
}

function userText(uid: number): string {
  return uid === 0 ? 'root' : `user ${uid}`;
}

async function strangerOrOrphan(
  { pid, command }: Extract<Owner, { kind: 'stranger' }>,
  { app, port, table, deps }: PortEvidence,
): Promise<PortHolder> {
  const { reader } = deps;
  const evidence = caseOf(app, table, deps);
  const candidate = table.get(pid);
  const who = `port ${port} is held by process ${pid} (${withoutLogins(command)})`;
  const proxy = candidate && (await holderForOthers(candidate, evidence.app.uid, reader));
  if (proxy) return doubted(`${who}: ${proxy} holds ports for others`);
  const markers = await reader.markers(pid);
  if (candidate && isDetachedPart(candidate, markers, evidence)) return { kind: 'accepted' };
  if (candidate && mayBePart(candidate, markers, evidence)) {
    return doubted(`${who}, whose environment the monitor may not read`);
  }
  const search = await findOrphan(reader, pid, evidence);
  if (search.kind === 'orphan') {
    return { kind: 'orphan', detail: `${who}, a left-over of ${app.name}`, lives: search.tree };
  }
  return { kind: 'stranger', detail: `${who}, which is not ${app.name}: ${search.missing}` };
}

/** Where nobody can read whose it is, a process younger than the app may be its own: no guess. */
function mayBePart(
  candidate: ProcessFacts,
  markers: Markers | null,
  { table, app }: Case,
): boolean {
  const root = table.get(app.pid);
  const isOtherUser = app.uid !== null && candidate.uid !== null && candidate.uid !== app.uid;
  if (markers !== null || root === undefined || isOtherUser) return false;
  return candidate.startedAtMs >= root.startedAtMs;
}

/** Nobody listens where we ask: does the app listen on another address, or on one of the next ports? */
async function elsewhere(
  appAt: readonly string[],
  { app, port, addresses, table, deps: { reader }, isAnswered }: PortEvidence,
): Promise<PortHolder> {
  if (appAt.length > 0) {
    const detail = `${app.name} listens on ${appAt.join(' and ')} port ${port}, not on ${addresses.join(' or ')}: probe it there, or set its host`;
    return { kind: 'elsewhere', detail };
  }
  const own = await reader.listenersOf(
    treeOf(table, app.pid).map(({ pid }) => pid),
    SHARED_MS,
  );
  const drifted = own?.find((each) => each.port > port && each.port <= port + DRIFT_PORTS);
  if (drifted === undefined && !isAnswered) return { kind: 'accepted' };
  if (drifted === undefined) return doubted(`nobody is seen to listen on port ${port} here`);
  const detail = `${app.name} listens on port ${drifted.port}, not on ${port}: add --strictPort, or correct the port`;
  return { kind: 'drifted', detail };
}

function caseOf(app: Observation, table: ProcessTable, deps: PortHolderDeps): Case {
  const { pm2Home, daemonPid, ownPid, pm2Pids, instances } = deps;
  const siblings = instances.map((each) => each.pmId).filter((id) => id !== app.pmId);
  const { name, pmId, cwd, pid, startedAt } = app;
  // PM2 runs its apps as itself, unless an app's `uid` says otherwise; then its own process tells.
  const uid = table.get(pid)?.uid ?? table.get(ownPid)?.uid ?? null;
  return {
    table,
    app: { name, pmId, pm2Home, cwd, uid, pid, startedAtMs: startedAt, siblings },
    bystanders: { pm2Pids, daemonPid, ownPid },
  };
}
