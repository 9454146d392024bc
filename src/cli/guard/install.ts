import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataDir } from '../../config/data-dir.ts';
import { messageOf } from '../../errors.ts';
import { GUARD_FILE } from '../../guard/guard-file.ts';
import { GUARD_LOCK } from '../../guard/guard-lock.ts';
import { ownUid } from '../../os/users/user.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import { shellWord } from '../../text/shell-word.ts';
import { isAgreed } from '../framework/ask.ts';
import type { CliIo, ExitCode, ParsedArguments } from '../framework/command.ts';
import { guardedHome, isRoot, unitFolder } from './guarded-home.ts';
import { systemctl } from './systemd.ts';
import { unitName, unitsOf, type GuardedHome } from './units.ts';

type Part = 'install' | 'uninstall';

/** `guard install` and `guard uninstall`: shows what it does, asks, and does it. */
export async function changeUnits(
  part: Part,
  given: ParsedArguments,
  io: CliIo,
): Promise<ExitCode> {
  const guarded = await guardedHome(given.has('user'));
  const refusal = await whyNot(part, guarded);
  if (refusal !== null) {
    for (const line of refusal) io.err(line);
    return 2;
  }
  const steps = part === 'install' ? installSteps(guarded) : await uninstallSteps(guarded);
  if (steps.length === 0) {
    io.out(`Nothing to remove: no guard looks at ${guarded.pm2Home}.`);
    return 0;
  }
  io.out(part === 'install' ? 'This does:' : 'This removes:');
  for (const { text } of steps) io.out(`  ${sanitizeLine(text)}`);
  if (!(await isAgreed('Do it?', 'changed', given, io))) return 1;
  for (const { text, run } of steps) {
    try {
      await run();
    } catch (error) {
      io.err(`guard ${part}: ${sanitizeLine(`${text}: ${messageOf(error)}`)}`);
      return 1;
    }
  }
  for (const line of part === 'install'
    ? await advice(guarded)
    : ['Removed. PM2 runs on as before.'])
    io.out(line);
  return 0;
}

/** Why it cannot be done, with the line to type instead; null where it can. */
export async function whyNot(part: Part, guarded: GuardedHome): Promise<readonly string[] | null> {
  const { isUserUnit, user, pm2Home, node, program } = guarded;
  if (!(await exists('/run/systemd/system'))) {
    const words = `PM2_HOME=${shellWord(pm2Home)} ${shellWord(node)} ${shellWord(program)} guard run`;
    // A bare `%` ends the command of crontab(5), also between quotes.
    const cron = `* * * * * ${words.replaceAll('%', String.raw`\%`)}`;
    return [
      `guard ${part}: systemd does not run here; a line of crontab(5) can look instead:`,
      `  ${cron}`,
    ];
  }
  if (isUserUnit) {
    const own = ownUid();
    const { uid } = await stat(pm2Home);
    return uid === own
      ? null
      : [`guard ${part}: with --user it has to be run by ${user}, who has ${pm2Home}`];
  }
  if (isRoot()) return null;
  return [
    `guard ${part}: only root can change the system's units. Run:`,
    `  sudo env PM2_HOME=${shellWord(pm2Home)} ${shellWord(node)} ${shellWord(program)} guard ${part}`,
    'or, for the user manager of systemd:',
    `  ${shellWord(node)} ${shellWord(program)} guard ${part} --user`,
  ];
}

/** One thing to do: how it is shown, and how it is done. */
export interface Step {
  readonly text: string;
  readonly run: () => Promise<void>;
}

function installSteps(guarded: GuardedHome): readonly Step[] {
  const folder = unitFolder(guarded);
  const units = unitsOf(guarded);
  const timer = `${unitName(guarded)}.timer`;
  return [
    ...units.map(({ name, text }) => ({
      text: `write ${join(folder, name)}`,
      run: async () => {
        await mkdir(folder, { recursive: true });
        await rm(join(folder, name), { force: true });
        await writeFile(join(folder, name), text, { mode: 0o644 });
      },
    })),
    command(guarded, 'daemon-reload'),
    command(guarded, 'enable', timer),
    // Also where it ran before, with other times.
    command(guarded, 'restart', timer),
  ];
}

/** What is there to take out. The file of the guard goes too, and nothing else of pm2-liveness. */
export async function uninstallSteps(guarded: GuardedHome): Promise<readonly Step[]> {
  const folder = unitFolder(guarded);
  const names = unitsOf(guarded).map(({ name }) => name);
  const there: string[] = [];
  for (const name of names) if (await exists(join(folder, name))) there.push(name);
  const files: string[] = [];
  for (const name of [GUARD_FILE, GUARD_LOCK]) {
    const file = join(dataDir(guarded.pm2Home), name);
    if (await exists(file)) files.push(file);
  }
  const [timer, look] = [`${unitName(guarded)}.timer`, `${unitName(guarded)}.service`];
  return [
    ...(there.includes(timer) ? [command(guarded, 'disable', '--now', timer)] : []),
    // A look that runs would write its file again. PM2 itself is in the control group of another unit.
    ...(there.includes(look) ? [command(guarded, 'stop', look)] : []),
    ...there.map((name) => ({
      text: join(folder, name),
      run: () => rm(join(folder, name), { force: true }),
    })),
    ...(there.length > 0
      ? [
          command(guarded, 'daemon-reload'),
          {
            text: `the failures that systemd remembers (systemctl reset-failed)`,
            run: async () => {
              // It fails where there are none.
              await systemctl(guarded.isUserUnit, 'reset-failed', ...names);
            },
          },
        ]
      : []),
    ...files.map((file) => ({ text: file, run: () => rm(file, { force: true }) })),
  ];
}

function command({ isUserUnit }: GuardedHome, ...words: readonly string[]): Step {
  return {
    text: `systemctl ${[...(isUserUnit ? ['--user'] : []), ...words].join(' ')}`,
    run: async () => {
      const { isDone, text } = await systemctl(isUserUnit, ...words);
      if (!isDone) throw new Error(text);
    },
  };
}

/** What else a person has to do. */
async function advice({ isUserUnit, user }: GuardedHome): Promise<readonly string[]> {
  const isLingering = await exists(`/var/lib/systemd/linger/${user}`);
  return [
    'The guard looks every minute. It starts only what PM2 has saved: `pm2 save` after each change of your apps.',
    ...(isUserUnit && !isLingering
      ? [
          `It stops when ${user} logs out, and so does what it started. So that it runs on:`,
          `  sudo loginctl enable-linger ${shellWord(user)}`,
        ]
      : []),
  ];
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
