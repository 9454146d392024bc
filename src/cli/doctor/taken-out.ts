import { isDeepStrictEqual } from 'node:util';
import { dropBlockCommand, findRemovedBlocks, startCommand } from '../framework/ecosystem-here.ts';
import type { DoctorFacts } from './facts.ts';
import { bad, note, type Check, type Finding } from './finding.ts';

const CHECK = 'in force';

/** Is what PM2 has in force what the ecosystem file of this folder says? Nothing is said where it is, or there is none. */
export const takenOut: Check = (facts) => [...findRemoved(facts), ...findChanged(facts)];

function findRemoved({ apps, ecosystem }: DoctorFacts): Finding[] {
  if (ecosystem === undefined) return [];
  const { name: file } = ecosystem;
  const inForce = apps.filter(({ process }) => process.block !== undefined);
  const names = findRemovedBlocks(
    ecosystem,
    inForce.map(({ process }) => process),
  );
  return names.map((name) =>
    bad(
      CHECK,
      `${name}: ${file} has no env_liveness for it any more, but PM2 keeps the old one in force through every restart`,
      `${dropBlockCommand(name, file)} && pm2 save`,
    ),
  );
}

function findChanged({ apps, ecosystem }: DoctorFacts): Finding[] {
  return apps.flatMap(({ process: { name, cwd, block } }) => {
    const written = ecosystem?.apps.filter((app) => app.name === name && app.cwd === cwd) ?? [];
    const [only] = written;
    if (ecosystem === undefined || only?.block === undefined || written.length > 1) return [];
    if (isDeepStrictEqual(only.block, block)) return [];
    const what = `${name}: what ${ecosystem.name} says in env_liveness is not in force yet`;
    return [note(CHECK, what, startCommand(name, ecosystem.name, 'restart'))];
  });
}
