import { oneOf } from '../../config/bad-value.ts';
import type { CliCommand, ParsedArguments } from '../framework/command.ts';
import { usage } from '../framework/parse-arguments.ts';

/** The subcommands. */
const PARTS = ['install', 'uninstall', 'status'] as const;

/** Which options each has. */
const OPTIONS: Readonly<Record<(typeof PARTS)[number], readonly string[]>> = {
  install: ['nssm', 'name', 'now', 'yes'],
  uninstall: ['name', 'yes'],
  status: ['name', 'json'],
};

export const service: CliCommand = {
  name: 'service',
  summary: 'let the system start PM2 and its apps at boot: systemd, launchd, a service or task',
  arguments: [{ name: PARTS.join('|'), isRequired: true, completes: PARTS }],
  options: {
    yes: { type: 'boolean', short: 'y', summary: 'install, uninstall: do it without asking' },
    json: { type: 'boolean', summary: 'status: the same as JSON' },
    now: {
      type: 'boolean',
      summary: 'install on Windows: start it at once, in place of PM2 as it runs',
    },
    nssm: {
      type: 'string',
      value: '<path>',
      summary: 'install on Windows: NSSM, where it is not on the PATH',
    },
    name: {
      type: 'string',
      value: '<name>',
      summary: 'on Windows: the name of the service or task (pm2)',
    },
  },
  examples: [
    ['service install', 'shows what it does, and asks (docs/BOOT.md, docs/WINDOWS.md)'],
    ['service status', 'does PM2 start at boot, does it run, is its list saved?'],
    ['service uninstall', 'takes it out again'],
    [String.raw`service install --nssm C:\nssm\nssm.exe --now`, 'on Windows, started at once'],
  ],
  async run(given, io) {
    const part = partOf(given);
    // Loaded only here: no other command needs them.
    if (part === 'status') return (await import('./status.ts')).showService(given, io);
    return (await import('./change.ts')).changeService(part, given, io);
  },
};

/** The subcommand. Throws ERR_USAGE for another word, and for an option that it does not have. */
function partOf(given: ParsedArguments): (typeof PARTS)[number] {
  const [word = ''] = given.words;
  const part = PARTS.find((each) => each === word);
  if (part === undefined) throw usage(`service: got '${word}'; wanted ${oneOf(PARTS)}`);
  const other = Object.keys(service.options).find(
    (name) => given.has(name) && !OPTIONS[part].includes(name),
  );
  if (other !== undefined) throw usage(`service ${part}: it has no option --${other}`);
  const isWindows = process.platform === 'win32';
  const alien = ['now', 'nssm', 'name'].find((name) => given.has(name) && !isWindows);
  if (alien !== undefined) throw usage(`service ${part}: --${alien} is for Windows alone`);
  return part;
}
