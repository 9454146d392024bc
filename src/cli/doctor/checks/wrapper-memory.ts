import type { AppFacts } from '../facts.ts';
import { bad, okIfNone, type Check, type Finding } from '../finding.ts';

const CHECK = 'memory';
const MIB = 1_048_576;

/** Does each memory limit measure the app, and not the package manager in front of it? */
export const wrapperMemory: Check = ({ apps }) =>
  okIfNone(apps.flatMap(findingOf), CHECK, 'no limit measures a wrapper');

function findingOf({ process, wrapper }: AppFacts): Finding[] {
  const limit = process.env['max_memory_restart'];
  if (wrapper === null || (typeof limit !== 'number' && typeof limit !== 'string')) return [];
  // PM2 keeps it in bytes.
  const size = typeof limit === 'number' ? `${Math.max(1, Math.round(limit / MIB))}M` : limit;
  return [
    bad(
      CHECK,
      `${process.name}: max_memory_restart measures ${wrapper.program} alone, not what it runs`,
      `take it out, and write maxTreeMemory: '${size}' in its env_liveness block`,
    ),
  ];
}
