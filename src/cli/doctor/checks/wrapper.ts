import type { AppFacts } from '../facts.ts';
import { bad, note, okIfNone, type Check, type Finding } from '../finding.ts';

const WRAPPER = 'wrapper';

/** Does PM2 run each app itself, and not a package manager that runs it? */
export const npmWrapper: Check = ({ apps }) =>
  okIfNone(apps.flatMap(wrapperFinding), WRAPPER, 'PM2 runs each app itself');

function wrapperFinding({ process, wrapper, isVite }: AppFacts): Finding[] {
  if (wrapper === null) return [];
  const { program, command } = wrapper;
  const runs = command === null ? 'the app' : `'${command}'`;
  const what = `${process.name}: PM2 runs ${program}, which runs ${runs}; when it is killed, the app keeps running on its port`;
  if (isVite) {
    const [flags = ''] = (command ?? '').replace(/^.*?\bvite\b\s*/, '').split(/[&|;]/, 1);
    const args = [flags.trim(), '--strictPort'].filter(Boolean).join(' ');
    return [
      bad(WRAPPER, what, `script: 'node_modules/vite/bin/vite.js', args: '${args}' (and its port)`),
    ];
  }
  return [note(WRAPPER, what, 'if you can, write the program itself as the script')];
}

const MEMORY = 'memory';
const MIB = 1_048_576;

/** Does each memory limit measure the app, and not the package manager in front of it? */
export const wrapperMemory: Check = ({ apps }) =>
  okIfNone(apps.flatMap(memoryFinding), MEMORY, 'no limit measures a wrapper');

function memoryFinding({ process, wrapper }: AppFacts): Finding[] {
  const limit = process.env['max_memory_restart'];
  if (wrapper === null || (typeof limit !== 'number' && typeof limit !== 'string')) return [];
  // PM2 keeps it in bytes.
  const size = typeof limit === 'number' ? `${Math.max(1, Math.round(limit / MIB))}M` : limit;
  return [
    bad(
      MEMORY,
      `${process.name}: max_memory_restart measures ${wrapper.program} only, not what it runs`,
      `remove it, and write maxTreeMemory: '${size}' in its env_liveness block`,
    ),
  ];
}
