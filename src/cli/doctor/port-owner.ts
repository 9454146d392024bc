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

function findingOf({ process, config, port }: AppFacts, facts: DoctorFacts): Finding[] {
  if (port === null || config?.portOwner === 'any') return [];
  const { owner } = port;
  const at = `${process.name}: port ${port.port}`;
  switch (owner.kind) {
    case 'app':
      return [];
    case 'stranger':
      return [
        bad(
          CHECK,
          `${at} is held by process ${owner.pid} (${owner.command}), which is not of the app's tree`,
          `end it (kill ${owner.pid}) or give the app another port; if it is to answer for the app: portOwner: 'any'`,
        ),
      ];
    case 'hidden':
      return [note(CHECK, `${at} is held by somebody whom you may not see`)];
    case 'unknown':
      return [note(CHECK, `${at}: ${owner.why}`)];
    case 'none':
      // On another address: that is the check of the family.
      return owner.appAt.length > 0 ? [] : [nobody(at, process.pmId, port, facts)];
  }
}

function nobody(
  at: string,
  pmId: number,
  { otherPorts }: PortUse,
  { status }: DoctorFacts,
): Finding {
  const state = status?.targets.find((target) => target.pmId === pmId)?.state;
  if (state === 'starting' || state === 'restarting') {
    return note(CHECK, `${at}: the app is still starting`);
  }
  if (otherPorts.length === 0) {
    return bad(
      CHECK,
      `${at}: nobody listens`,
      'its log says why (pm2 logs); else correct the port in its block',
    );
  }
  const where = otherPorts.join(', ');
  return bad(
    CHECK,
    `${at}: nobody listens; the app listens on ${where}`,
    'write the same port in its arguments and in its env_liveness block',
  );
}
