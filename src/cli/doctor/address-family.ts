import { isIPv6 } from 'node:net';
import type { AppFacts } from './facts.ts';
import { bad, orOk, type Check, type Finding } from './finding.ts';

const CHECK = 'address';

/** Does each app listen on the address at which it is asked: 127.0.0.1 and ::1 are two? */
export const addressFamily: Check = ({ apps }) =>
  orOk(apps.flatMap(findingOf), CHECK, 'each app listens where it is asked');

function findingOf({ process, port, isVite }: AppFacts): Finding[] {
  if (port === null || port.owner.kind !== 'none' || port.owner.appAt.length === 0) return [];
  const asked = port.addresses.join(' and ');
  const heard = [...new Set(port.owner.appAt)];
  const [first = ''] = heard;
  const inUrl = isIPv6(first) ? `[${first}]` : first;
  const other = isVite ? `, or start Vite with --host ${port.addresses[0] ?? '127.0.0.1'}` : '';
  return [
    bad(
      CHECK,
      `${process.name} is asked at ${asked}, but listens on port ${port.port} of ${heard.join(' and ')} alone`,
      `write ${inUrl}:${port.port} in its env_liveness block (localhost asks both)${other}`,
    ),
  ];
}
