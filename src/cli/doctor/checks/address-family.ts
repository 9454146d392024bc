import { isIPv6 } from 'node:net';
import type { AppFacts } from '../facts.ts';
import { bad, okIfNone, type Check, type Finding } from '../finding.ts';

const CHECK = 'address';

/** Does each app listen on the address at which it is asked: 127.0.0.1 and ::1 are two? */
export const addressFamily: Check = ({ apps }) =>
  okIfNone(apps.flatMap(findingOf), CHECK, 'each app listens where it is asked');

function findingOf({ process, port: use, isVite }: AppFacts): Finding[] {
  if (use?.holder.kind !== 'elsewhere') return [];
  const { port, addresses, ownAddresses } = use;
  const heard = [...new Set(ownAddresses)];
  const [first = 'localhost'] = heard;
  const inUrl = isIPv6(first) ? `[${first}]` : first;
  const other = isVite ? `, or start Vite with --host ${addresses[0] ?? '127.0.0.1'}` : '';
  return [
    bad(
      CHECK,
      `${process.name} is asked at ${addresses.join(' and ')}, but listens on port ${port} of ${heard.join(' and ')} alone`,
      `write ${inUrl}:${port} in its env_liveness block (localhost asks both)${other}`,
    ),
  ];
}
