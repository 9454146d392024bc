import type { AppFacts } from '../facts.ts';
import { bad, note, okIfNone, type Check, type Finding } from '../finding.ts';

const CHECK = 'wrapper';

/** Does PM2 run each app itself, and not a package manager that runs it? */
export const npmWrapper: Check = ({ apps }) =>
  okIfNone(apps.flatMap(findingOf), CHECK, 'PM2 runs each app itself');

function findingOf({ process, wrapper, isVite }: AppFacts): Finding[] {
  if (wrapper === null) return [];
  const { program, command } = wrapper;
  const runs = command === null ? 'the app' : `'${command}'`;
  const what = `${process.name}: PM2 runs ${program}, which runs ${runs}; killed, it leaves the app on its port`;
  if (isVite) {
    const [flags = ''] = (command ?? '').replace(/^.*?\bvite\b\s*/, '').split(/[&|;]/, 1);
    const args = [flags.trim(), '--strictPort'].filter(Boolean).join(' ');
    return [
      bad(CHECK, what, `script: 'node_modules/vite/bin/vite.js', args: '${args}' (and its port)`),
    ];
  }
  return [note(CHECK, what, 'where you can, write the program itself as the script')];
}
