import { isDeepStrictEqual } from 'node:util';
import {
  dropBlockCommand,
  findRemovedBlocks,
  startCommand,
} from '../../framework/ecosystem-here.ts';
import { findUnwatched } from '../../../target/watched-block.ts';
import { andMore } from '../../../text/and-more.ts';
import { shellWord } from '../../../text/shell-word.ts';
import type { DoctorFacts } from '../facts.ts';
import { bad, note, ok, type Check, type Finding } from '../finding.ts';

const SETTINGS = 'settings';

/** Has any app a block, and is each block valid? */
export const blocksValid: Check = ({ apps }) => {
  const withBlock = apps.filter(({ process }) => process.block !== undefined);
  if (withBlock.length === 0) {
    return [
      bad(
        SETTINGS,
        'no app has an env_liveness block, so nothing is watched',
        'pm2-liveness init (adds one), then pm2 restart ecosystem.config.cjs; or pm2-liveness watch (needs no file, restarts nothing)',
      ),
    ];
  }
  const refused = withBlock.filter(({ problems }) => problems.length > 0);
  if (refused.length > 0) {
    return refused.map(({ process, problems }) =>
      bad(
        SETTINGS,
        `${process.name}: ${problems.map(({ path, message }) => `${path} ${message}`).join('; ')}`,
        process.blockFrom === undefined
          ? 'correct it in the ecosystem file, then pm2 restart ecosystem.config.cjs'
          : `pm2-liveness unwatch ${shellWord(process.name)}, then pm2-liveness watch ${shellWord(process.name)}`,
      ),
    );
  }
  const names = [...new Set(withBlock.map(({ process }) => process.name))];
  return [ok(SETTINGS, `valid for ${names.join(', ')}`)];
};

/** Which apps does nobody watch? Empty where none has a block, which `blocksValid` reports. */
export const unwatched: Check = ({ apps }) => {
  const processes = apps.map(({ process }) => process);
  const names = findUnwatched(processes, () => undefined);
  if (names.length === 0 || processes.every(({ block }) => block === undefined)) return [];
  const shown = names.slice(0, MOST_NAMES).join(', ') + andMore(names.length - MOST_NAMES);
  return [note('unwatched', `nobody watches ${shown}`, 'npx pm2-liveness watch')];
};

const MOST_NAMES = 10;

const IN_FORCE = 'in force';

/** Has PM2 the blocks of this folder's ecosystem file? Empty where it has, or where there is no file. */
export const takenOut: Check = (facts) => [...findRemoved(facts), ...findChanged(facts)];

function findRemoved({ apps, ecosystem }: DoctorFacts): Finding[] {
  if (ecosystem === undefined) return [];
  const { name: file } = ecosystem;
  const inForce = apps.filter(
    ({ process: { block, blockFrom } }) => block !== undefined && blockFrom === undefined,
  );
  const names = findRemovedBlocks(
    ecosystem,
    inForce.map(({ process }) => process),
  );
  return names.map((name) =>
    bad(
      IN_FORCE,
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
    return [note(IN_FORCE, what, startCommand(name, ecosystem.name, 'restart'))];
  });
}
