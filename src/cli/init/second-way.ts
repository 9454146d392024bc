import { dirname, join, relative, resolve, sep } from 'node:path';
import type { ManagedProcess } from '../../pm2/process.ts';
import { sanitizeLine } from '../../text/sanitize.ts';
import { appArgument, shellWord } from '../../text/shell-word.ts';
import type { CliIo, ExitCode } from '../framework/command.ts';
import { ecosystemIn, type WrittenApp } from '../framework/ecosystem-here.ts';
import { printMessage } from '../framework/message.ts';
import { appWord } from '../framework/pm2-words.ts';
import type { RunningApps } from './running-apps.ts';

/** The farthest folder above that is searched for an ecosystem file. */
const MOST_FOLDERS = 8;

/**
 * Says why a first file in `dir` would be a second way to start an app: PM2 has one from this folder, or a file
 * in a folder above describes it. Null where neither is so, and a file may be written.
 */
export async function refuseSecondWay(
  dir: string,
  { processes, stopped }: RunningApps,
  io: CliIo,
): Promise<ExitCode | null> {
  const isHere = ({ cwd }: ManagedProcess): boolean => resolve(cwd) === dir;
  const running = processes.find(isHere);
  if (running !== undefined) return refuseRunning(running, io);
  const known = stopped.find(isHere);
  if (known !== undefined) return refuseStopped(known, io);
  return refuseFileAbove(dir, io);
}

/** An app that PM2 runs from this folder. */
function refuseRunning({ name, block }: ManagedProcess, io: CliIo): ExitCode {
  const app = appArgument(name);
  const runs = `PM2 runs ${app} from this folder already`;
  if (block !== undefined) return rest(`${runs}, and it has a block. Nothing is written.`, io);
  return refuse(
    `${runs}. Nothing is written: a file would start it a second time.`,
    ['To watch it as it runs, type:', `  npx pm2-liveness watch ${app}`],
    io,
  );
}

/** An app that PM2 has from this folder, and does not run now. */
function refuseStopped({ name, block, status }: ManagedProcess, io: CliIo): ExitCode {
  const app = appArgument(name);
  const has = `PM2 has ${app} from this folder already (${status} now)`;
  if (block !== undefined) return rest(`${has}, and it has a block. Nothing is written.`, io);
  return refuse(
    `${has}. Nothing is written: a file would add it a second time.`,
    [
      'To start it and have it watched, type:',
      `  npx pm2 restart ${appWord(name)}`,
      `  npx pm2-liveness watch ${app}`,
    ],
    io,
  );
}

/** An app whose folder this is, in the ecosystem file of a folder above. */
async function refuseFileAbove(dir: string, io: CliIo): Promise<ExitCode | null> {
  let above = dirname(dir);
  for (let count = 0; count < MOST_FOLDERS && above !== dirname(above); count += 1) {
    const file = await ecosystemIn(above);
    const app = file?.apps.find((each) => isIn(each, dir));
    if (file && app) {
      const has = `${relative(dir, join(above, file.name))} has ${appArgument(app.name)}, which is in this folder`;
      if (app.block !== undefined) return rest(`${has}, with a block. Nothing is written.`, io);
      return refuse(
        `${has}. Nothing is written: a second file would start it a second time.`,
        [
          'To complete that file, type:',
          `  (cd ${shellWord(relative(dir, above))} && npx pm2-liveness init)`,
        ],
        io,
      );
    }
    above = dirname(above);
  }
  return null;
}

function isIn({ cwd, program }: WrittenApp, dir: string): boolean {
  return cwd === dir || (program !== null && program.startsWith(dir + sep));
}

/** All is as it should be. */
function rest(text: string, io: CliIo): 0 {
  printMessage(text, io);
  return 0;
}

function refuse(text: string, hints: readonly string[], io: CliIo): 1 {
  io.err(sanitizeLine(text));
  for (const hint of hints) io.err(sanitizeLine(hint));
  return 1;
}
