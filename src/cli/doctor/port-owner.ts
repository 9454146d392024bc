import type { AppFacts, DoctorFacts, PortUse } from './facts.ts';
import { bad, note, orOk, type Check, type Finding } from './finding.ts';

const CHECK = 'port';

/** Is the port on which each app is asked held by that app? */
export const portOwner: Check = (facts) =>
  orOk(
    facts.apps.flatMap((app) => findingOf(app, facts)),
    CHECK,
    'each app holds the port on which it is asked',
  );

function findingOf({ process, port: use }: AppFacts, facts: DoctorFacts): Finding[] {
  if (use === null) return [];
  const { name } = process;
  const { holder, others, port } = use;
  switch (holder.kind) {
    case 'stranger':
      return [
        bad(
          CHECK,
          `${name}: ${holder.detail}`,
          `end it (kill ${others.join(' ')}) or give the app another port; if it is to answer for the app: portOwner: 'any'`,
        ),
      ];
    case 'orphan':
      return [
        bad(
          CHECK,
          `${name}: ${holder.detail}`,
          `kill ${others.join(' ')} (the monitor does it, unless reapOrphans is false)`,
        ),
      ];
    case 'drifted':
      return [bad(CHECK, holder.detail, SAME_PORT)];
    case 'unsure':
      return [note(CHECK, `${name}: port ${port}: ${holder.why}`)];
    // That is the check of the address.
    case 'elsewhere':
      return [];
    case 'accepted':
      if (use.isHeld === true) return [];
      if (use.isHeld === null)
        return [note(CHECK, `${name}: this system does not tell who listens`)];
      return [nobody(process, use, facts)];
  }
}

const SAME_PORT =
  'write the same port in its arguments and in its env_liveness block, and --strictPort for Vite';

function nobody(
  { name, pmId }: AppFacts['process'],
  { port, otherPorts }: PortUse,
  { status }: DoctorFacts,
): Finding {
  const at = `${name}: nobody listens on port ${port}`;
  const state = status?.targets.find((target) => target.pmId === pmId)?.state;
  if (state === 'starting' || state === 'restarting') {
    return note(CHECK, `${at}; the app is still starting`);
  }
  if (otherPorts.length > 0) {
    return bad(CHECK, `${at}; the app listens on ${otherPorts.join(', ')}`, SAME_PORT);
  }
  return bad(CHECK, at, 'its log says why (pm2 logs); else correct the port in its block');
}
