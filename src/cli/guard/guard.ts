import { oneOf } from '../../config/bad-value.ts';
import type { CliCommand, ParsedArguments } from '../framework/command.ts';
import { usage } from '../framework/parse-arguments.ts';

/** The subcommands. */
const PARTS = ['install', 'uninstall', 'status', 'run'] as const;

export const guard: CliCommand = {
  name: 'guard',
  summary: 'a systemd timer that brings back PM2 and the monitor when they are gone or hang',
  arguments: [{ name: PARTS.join('|'), isRequired: true, completes: PARTS }],
  options: {
    user: { type: 'boolean', summary: "install, uninstall, status: for systemd's user manager" },
    yes: { type: 'boolean', short: 'y', summary: 'install, uninstall: do it without asking' },
    'hand-over': {
      type: 'boolean',
      summary: 'run: exit with 1 where PM2 is to be started, and start nothing (for the unit)',
    },
    json: { type: 'boolean', summary: 'status, run: the same as JSON' },
  },
  examples: [
    ['guard install', 'shows the files that it writes, and asks (docs/GUARD.md)'],
    ['guard status', 'is the timer on, and what did the last look find?'],
    ['guard run', 'one look by hand, or from cron where there is no systemd'],
    ['guard uninstall', 'takes it all out again'],
  ],
  async run(given, io) {
    const part = partOf(given);
    if (process.platform !== 'linux') {
      io.err(`guard: it works only on Linux so far, and this is ${process.platform}`);
      return 2;
    }
    // Loaded only here: no other command needs them.
    switch (part) {
      case 'run':
        return (await import('./run.ts')).runGuard(given, io);
      case 'status':
        return (await import('./status.ts')).showGuard(given, io);
      case 'install':
      case 'uninstall':
        return (await import('./install.ts')).changeUnits(part, given, io);
    }
  },
};

/** The subcommand. Throws ERR_USAGE for another word, and for an option that it does not have. */
function partOf(given: ParsedArguments): (typeof PARTS)[number] {
  const [word = ''] = given.words;
  const part = PARTS.find((each) => each === word);
  if (part === undefined) throw usage(`guard: got '${word}'; wanted ${oneOf(PARTS)}`);
  const known = OPTIONS[part];
  const other = ['user', 'yes', 'hand-over', 'json'].find(
    (name) => given.has(name) && !known.includes(name),
  );
  if (other !== undefined) throw usage(`guard ${part}: it has no option --${other}`);
  return part;
}

const OPTIONS: Readonly<Record<(typeof PARTS)[number], readonly string[]>> = {
  install: ['user', 'yes'],
  uninstall: ['user', 'yes'],
  status: ['user', 'json'],
  run: ['hand-over', 'json'],
};
