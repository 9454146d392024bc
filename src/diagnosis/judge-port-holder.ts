import { hideLogins } from '../config/secrets/word-secrets.ts';
import { findOrphan } from './find-orphan.ts';
import { isDetachedPart, type OrphanEvidence } from '../os/orphan.ts';
import type { Markers, ProcessFacts, ProcessTable } from '../os/os-reader.ts';
import type { Owner } from '../os/owner.ts';
import { SHARED_MS } from '../os/shared-reader.ts';
import { treeOf } from '../os/tree.ts';
import {
  acceptInDoubt,
  type PortHolderDeps,
  type PortHolder,
  type PortEvidence,
} from './port-holder.ts';
import type { Observation } from '../target/observation.ts';
import { findPortProxy } from './port-proxy.ts';
import { placeText } from './probed-address.ts';

/** A dev server that finds its port taken tries the next ones. At most this many are checked. */
const DRIFT_PORTS = 20;

/** Says what the owner of a port means for the app. */
export async function judgePortHolder(owner: Owner, evidence: PortEvidence): Promise<PortHolder> {
  const { app, table } = evidence;
  switch (owner.kind) {
    case 'app':
      return { kind: 'accepted', at: [owner.address], pid: owner.pid };
    case 'hidden':
      return acceptInDoubt(
        `${placeText(evidence)} is held by a process that the monitor is not allowed to inspect`,
      );
    case 'outsider':
      return { kind: 'stranger', detail: outsiderText(owner, evidence) };
    case 'unknown':
      return table.has(app.pid) || app.pid === 0
        ? acceptInDoubt(owner.reason)
        : { kind: 'unsure', reason: owner.reason };
    case 'none':
      return findElsewhere(owner.appAt, evidence);
    case 'stranger':
      return judgeStranger(owner, evidence);
  }
}

function outsiderText(
  { uid }: Extract<Owner, { kind: 'outsider' }>,
  evidence: PortEvidence,
): string {
  const { app, table } = evidence;
  const own = table.get(app.pid)?.uid ?? null;
  const who = uid === null ? 'somebody' : `a process of ${userText(uid)}`;
  const runs = own === null || own === uid ? '' : `, which runs as ${userText(own)}`;
  return `${placeText(evidence)} is held by ${who} that the monitor is not allowed to inspect, and not by ${app.name}${runs}`;
}

function userText(uid: number): string {
  return uid === 0 ? 'root' : `user ${uid}`;
}

/** Judges a process outside the app's tree: a stranger, an orphan, or a detached part of the app. */
async function judgeStranger(
  { pid, command }: Extract<Owner, { kind: 'stranger' }>,
  evidence: PortEvidence,
): Promise<PortHolder> {
  const { app, table, deps } = evidence;
  const { reader } = deps;
  const orphanEvidence = orphanEvidenceOf(app, table, deps);
  const candidate = table.get(pid);
  const who = `${placeText(evidence)} is held by process ${pid} (${hideLogins(command)})`;
  const proxy = candidate && (await findPortProxy(candidate, orphanEvidence.app.uid, reader));
  if (proxy) return acceptInDoubt(`${who}: ${proxy} holds ports for others`);
  const markers = await reader.markers(pid);
  if (candidate && isDetachedPart(candidate, markers, orphanEvidence)) return { kind: 'accepted' };
  if (candidate && mayBePart(candidate, markers, orphanEvidence)) {
    return acceptInDoubt(`${who}, whose environment the monitor may not read`);
  }
  const search = await findOrphan(reader, pid, orphanEvidence);
  if (search.kind === 'orphan') {
    return { kind: 'orphan', detail: `${who}, an old process of ${app.name}`, lives: search.tree };
  }
  const detail = `${who}, which is not ${app.name}: ${search.missing}`;
  return { kind: 'stranger', detail, ...(markers === null && { isUnread: true }) };
}

/** True for a process younger than the app whose environment cannot be read: it may be the app's own. */
function mayBePart(
  candidate: ProcessFacts,
  markers: Markers | null,
  { table, app }: OrphanEvidence,
): boolean {
  const root = table.get(app.pid);
  const isOtherUser = app.uid !== null && candidate.uid !== null && candidate.uid !== app.uid;
  if (markers !== null || root === undefined || isOtherUser) return false;
  return candidate.startedAtMs >= root.startedAtMs;
}

/** Nobody listens on the probed address: the app may listen on another one, or on one of the next ports. */
async function findElsewhere(
  appAt: readonly string[],
  evidence: PortEvidence,
): Promise<PortHolder> {
  const { app, port, addresses, table, deps, isAnswered } = evidence;
  if (appAt.length > 0) {
    const detail = `${app.name} listens on ${appAt.join(' and ')} port ${port}, not on ${addresses.join(' or ')}: probe it there, or set its host`;
    return { kind: 'elsewhere', detail };
  }
  const pids = treeOf(table, app.pid).map(({ pid }) => pid);
  // A server that finds a socket taken does not try a next one.
  const own = port === 0 ? [] : await deps.reader.listenersOf(pids, SHARED_MS);
  const drifted = own?.find((each) => each.port > port && each.port <= port + DRIFT_PORTS);
  if (drifted === undefined && !isAnswered) return { kind: 'accepted' };
  if (drifted === undefined)
    return acceptInDoubt(`no process is seen to listen on ${placeText(evidence)} here`);
  const detail = `${app.name} listens on port ${drifted.port}, not on ${port}: add --strictPort, or correct the port`;
  return { kind: 'drifted', detail };
}

function orphanEvidenceOf(
  app: Observation,
  table: ProcessTable,
  deps: PortHolderDeps,
): OrphanEvidence {
  const { pm2Home, daemonPid, ownPid, pm2Pids, instances } = deps;
  const siblings = instances.map((each) => each.pmId).filter((id) => id !== app.pmId);
  const { name, pmId, cwd, pid, startedAt } = app;
  // PM2 runs apps as its own user, except where an app's `uid` names another; then the app's process has it.
  const uid = table.get(pid)?.uid ?? table.get(ownPid)?.uid ?? null;
  return {
    table,
    app: { name, pmId, pm2Home, cwd, uid, pid, startedAtMs: startedAt, siblings },
    bystanders: { pm2Pids, daemonPid, ownPid },
  };
}
