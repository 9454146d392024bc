import type { RestartOrder } from '../../action/restart-order.ts';
import type { TargetConfig } from '../../config/target-config.ts';
import type { Decision } from '../../verdict/decision.ts';
import type { Policy } from '../../verdict/policy.ts';
import type { OrphanToEnd } from '../../diagnosis/orphans.ts';
import type { CannotEnd } from '../../diagnosis/stopped-app.ts';
import type { Observation } from '../../target/observation.ts';

/** The order that follows from a decision, for the incarnations that PM2 runs now. */
export function orderOf(
  { name, pmId, members, lost }: Observation,
  decision: Extract<Decision, { type: 'restart' }>,
  { lives, graceMs }: OrphanToEnd,
  cannotEnd: CannotEnd = { stopped: null, busy: null },
): RestartOrder {
  const { method, incarnation, endsOrphan } = decision;
  const single = { pmId, name, method, incarnation };
  const loss = lost && { lost: lost.entry };
  const order = endsOrphan
    ? { ...single, orphan: lives, orphanGraceMs: graceMs }
    : { ...single, ...loss, ...cannotEndOf(decision, cannotEnd), orphan: [] };
  if (members === undefined) return order;
  // A member that is stopped, or that PM2 is starting, is left alone.
  const wanted = lost !== undefined ? 'lost' : incarnation === null ? 'errored' : 'online';
  const addressed = members
    .filter(({ status }) => status === wanted)
    .map((member) => ({
      pmId: member.pmId,
      incarnation: member.incarnation,
      ...(member.lost && { lost: member.lost.entry }),
    }));
  const [first, ...others] = addressed;
  if (first === undefined) return order;
  return others.length === 0 ? { ...order, ...first } : { ...order, ...first, members: addressed };
}

/** The process of an app that does not answer for which nothing waits, because it cannot run its shutdown. */
function cannotEndOf(
  { failure, incarnation }: Extract<Decision, { type: 'restart' }>,
  { stopped, busy }: CannotEnd,
): Pick<RestartOrder, 'stopped' | 'isOnlyStopped' | 'busy'> {
  if (incarnation === null || failure?.class !== 'timeout') return {};
  if (stopped === null) return busy === null ? {} : { busy };
  return failure.isStopped === true ? { stopped, isOnlyStopped: true } : { stopped };
}

/**
 * The policy for this target. In cluster mode a new process can listen beside the old one, so the first
 * restart of an incident is a `reload`; where that did not help, a `restart` follows (DESIGN §5).
 */
export function policyFor({ policy }: TargetConfig, { isCluster }: Observation): Policy {
  return isCluster && policy.action === 'restart' ? { ...policy, action: 'reload' } : policy;
}
